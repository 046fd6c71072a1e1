"""One request and its answer, as they are kept. Nothing is worked out here: that is for whoever looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mockserver.core.errors import Refusal
from mockserver.core.exchange import Answer, Request
from mockserver.core.provider import Operation, Provider
from mockserver.core.store import Change

# What the mock answers for itself, where a sandbox was sent more than it may be; no vendor answers it.
NO_ROOM = 507


@dataclass(slots=True)
class Entry:
    """Credentials are still in it: whatever shows an entry goes through `showing`.

    `number` counts the requests of a server. `operation` is None for a path that nobody owns. `refusal` is why the
    model did not do what it was asked. `changes` by vendor are what the request did to the store. `fault` is the id of
    the fault that had a hand in the answer. `took` is in seconds, `size` in bytes. `cut` names what was too long to
    keep whole (`trimming`), empty if nothing was.
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
    cut: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"r{self.number}"

    @property
    def unmatched(self) -> bool:
        """No operation owns the path, or none the method: what answers other methods of a path goes by no method."""
        return self.operation is None or self.operation.method != self.request.method

    @property
    def turned_away(self) -> bool:
        """The sandbox had no room for it, and no vendor ever saw it."""
        return self.fault is None and self.answer.status == NO_ROOM
