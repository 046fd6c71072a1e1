"""What becomes of an answer of the mock's that its own document does not allow: a defect of the mock, or of fixtures
and documents that somebody else wrote."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)
MOST = 1_000
LONGEST = 300


class ContractBreach(Exception):
    """`kind` is `status`, `header`, `content-type` or `body`; `where` a JSON pointer into the answer. `rule` is what
    was broken, whatever it was broken by."""

    def __init__(self, message: str, kind: str, where: str, rule: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.where = where
        self.rule = rule or message


Complain = Callable[[ContractBreach], None]


def refuse(breach: ContractBreach) -> None:
    """The request fails; the vendor's words for that go out."""
    raise breach


def complaints() -> Complain:
    """Says so in the log, once of each rule that is broken, and lets the answer go out."""
    told: set[str] = set()

    def complain(breach: ContractBreach) -> None:
        if breach.rule in told or len(told) >= MOST:
            return
        told.add(breach.rule)
        said = str(breach)
        # What breaks a rule is quoted, and may be as long as a client likes.
        logger.error(
            "an answer breaks its own document: %s", said if len(said) <= LONGEST else said[:LONGEST] + "…"
        )
        if len(told) == MOST:
            logger.error("no more of what breaks documents is told")

    return complain
