"""One request and its answer, as they are kept. Nothing is worked out here: that is for whoever looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mockserver.core.errors import Refusal
from mockserver.core.exchange import Answer, Request
from mockserver.core.provider import Operation, Provider
from mockserver.core.store import Change

# In bytes; of a longer body this much is kept.
LARGEST_KEPT = 64 * 1024


@dataclass(slots=True)
class Entry:
    """Credentials are still in it: whatever shows an entry redacts it (`redaction`).

    `number` counts the requests of a server. `operation` is None for a path that nobody owns. `refusal` is why the
    model did not do what it was asked. `changes` by vendor are what the request did to the store. `fault` is the id of
    the fault that had a hand in the answer. `took` is in seconds, `size` in bytes. Where bodies were too long to keep,
    `cut` is true.
    """

    number: int
    sandbox: str
    at: datetime
    provider: Provider
    operation: Operation | None
    path: Mapping[str, str]
    request: Request
    answer: Answer
    refusal: Refusal | None
    changes: tuple[tuple[str, tuple[Change, ...]], ...]
    fault: str | None
    took: float
    size: int = 0
    cut: bool = False

    @property
    def id(self) -> str:
        return f"r{self.number}"
