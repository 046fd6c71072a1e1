"""What becomes of an answer of the mock's that its own document does not allow: a defect of the mock, or of fixtures
and documents that somebody else wrote."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)
MOST = 1_000


class ContractBreach(Exception):
    """`kind` is `status`, `header`, `content-type` or `body`; `where` a JSON pointer into the answer."""

    def __init__(self, message: str, kind: str, where: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.where = where


Complain = Callable[[ContractBreach], None]


def refuse(breach: ContractBreach) -> None:
    """The request fails; the vendor's words for that go out."""
    raise breach


def complaints() -> Complain:
    """Says so in the log, once of each breach, and lets the answer go out."""
    told: set[str] = set()

    def complain(breach: ContractBreach) -> None:
        said = str(breach)
        if said not in told and len(told) < MOST:
            told.add(said)
            logger.error("an answer breaks its own document: %s", said)

    return complain
