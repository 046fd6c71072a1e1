"""The snapshots of a sandbox, kept where every process finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from mockserver.server.shared.codec import ENCODER
from mockserver.server.shared.log import Base, Kept, Log
from mockserver.server.state.keeping import SandboxState
from mockserver.server.state.shelf import MOST, Shelf, ShelfFull, Snapshot

DECODE = msgspec.msgpack.Decoder(Base).decode


class SharedShelf(Shelf):
    """`told` makes a state one that can be kept, `read` is the way back."""

    def __init__(
        self,
        log: Log,
        sandbox: str,
        told: Callable[[SandboxState], Base],
        read: Callable[[Base], SandboxState],
    ) -> None:
        super().__init__()
        self._log = log
        self._sandbox = sandbox
        self._told = told
        self._read = read

    def __len__(self) -> int:
        return len(self._log.snapshots(self._sandbox))

    def __iter__(self) -> Iterator[Snapshot]:
        """Without their states, which only `get` reads."""
        nothing = SandboxState({}, ())
        for kept in self._log.snapshots(self._sandbox):
            yield Snapshot(kept.name, datetime.fromisoformat(kept.at), nothing)

    def get(self, name: str) -> Snapshot | None:
        kept = next((kept for kept in self._log.snapshots(self._sandbox) if kept.name == name), None)
        state = self._log.snapshot(self._sandbox, name)
        if kept is None or state is None:
            return None
        return Snapshot(name, datetime.fromisoformat(kept.at), self._read(DECODE(state)))

    def put(self, snapshot: Snapshot) -> bool:
        kept = Kept(snapshot.name, snapshot.at.isoformat())
        told = ENCODER.encode(self._told(snapshot.state))
        try:
            return self._log.keep(self._sandbox, kept, told, MOST)
        except OverflowError:
            raise ShelfFull from None

    def drop(self, name: str) -> bool:
        return self._log.forget(self._sandbox, name)
