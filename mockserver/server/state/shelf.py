"""The snapshots of one sandbox, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mockserver.server.state.keeping import SandboxState

MOST = 100


class ShelfFull(Exception):
    """There are MOST snapshots, and this would be one more."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`at` is the sandbox's own time when it was taken."""

    name: str
    at: datetime
    state: SandboxState


class Shelf:
    """In the order in which they were taken."""

    def __init__(self) -> None:
        self._by_name: dict[str, Snapshot] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(list(self._by_name.values()))

    def get(self, name: str) -> Snapshot | None:
        return self._by_name.get(name)

    def put(self, snapshot: Snapshot) -> bool:
        """Whether one of this name was there, whose place it takes. Raises ShelfFull."""
        before = self._by_name.pop(snapshot.name, None)
        if before is None and len(self._by_name) >= MOST:
            raise ShelfFull
        self._by_name[snapshot.name] = snapshot
        return before is not None

    def drop(self, name: str) -> bool:
        """Whether there was one."""
        return self._by_name.pop(name, None) is not None
