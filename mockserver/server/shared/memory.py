"""A log in memory, for engines of one process: what the others are measured by."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import count

from mockserver.server.shared.log import Base, Head, Kept, Known, News, Step, Write

# How many steps are kept for who is behind; farther behind, the records are read.
MOST_STEPS = 2_000
Place = tuple[str, str, str]


class _Shared:
    def __init__(self, head: Head, base: Base) -> None:
        self.head = head
        self.records: dict[Place, Write] = {}
        self.put(base.writes)
        self.parts = dict(base.parts)
        self.size = base.size
        self.steps: list[Step] = []
        self.used = time.time()

    def put(self, writes: Sequence[Write]) -> None:
        for write in writes:
            if write.is_forgotten:
                self.records.pop(place_of(write), None)
            else:
                self.records[place_of(write)] = write


class MemoryLog:
    """`most_steps` is how many are kept of each sandbox."""

    far = False

    def __init__(self, most_steps: int = MOST_STEPS) -> None:
        self._most_steps = most_steps
        self._numbers = count(1)
        self._sandboxes: dict[str, _Shared] = {}
        self._snapshots: dict[str, dict[str, tuple[Kept, bytes]]] = {}
        self._fingerprint: str | None = None

    def hold(self, fingerprint: str) -> bool:
        self._fingerprint = self._fingerprint or fingerprint
        return self._fingerprint == fingerprint

    def head(self, sandbox: str) -> Head | None:
        shared = self._sandboxes.get(sandbox)
        return None if shared is None else shared.head

    def read(self, sandbox: str, known: Head | None) -> News | None:
        shared = self._sandboxes.get(sandbox)
        if shared is None:
            return None
        head = shared.head
        if known is not None and known.generation == head.generation:
            behind = head.version - known.version
            if 0 <= behind <= len(shared.steps):
                return News(head, shared.size, tuple(shared.steps[len(shared.steps) - behind :]))
        base = Base(tuple(shared.records.values()), dict(shared.parts), shared.size)
        return News(head, shared.size, base=base)

    def append(self, sandbox: str, head: Head, step: Step) -> Head | None:
        shared = self._sandboxes.get(sandbox)
        if shared is None or shared.head != head:
            return None
        shared.put(step.writes)
        shared.parts |= step.parts
        shared.size += step.size
        shared.steps.append(step)
        del shared.steps[: -self._most_steps]
        shared.used = time.time()
        shared.head = Head(head.life, head.generation, head.version + 1)
        return shared.head

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def begin(self, sandbox: str, base: Base, *, live_on: bool = False) -> Head:
        before = self._sandboxes.get(sandbox)
        generation = next(self._numbers)
        life = before.head.life if live_on and before is not None else generation
        shared = self._sandboxes[sandbox] = _Shared(Head(life, generation, 0), base)
        return shared.head

    def open(self, sandbox: str, base: Base) -> Head:
        return self.head(sandbox) or self.begin(sandbox, base)

    def touch(self, sandbox: str) -> None:
        if sandbox in self._sandboxes:
            self._sandboxes[sandbox].used = time.time()

    def drop(self, sandbox: str) -> bool:
        self._snapshots.pop(sandbox, None)
        return self._sandboxes.pop(sandbox, None) is not None

    def names(self) -> Sequence[Known]:
        known = [Known(name, shared.size, shared.used) for name, shared in self._sandboxes.items()]
        return sorted(known, key=lambda one: one.used)

    def snapshots(self, sandbox: str) -> Sequence[Kept]:
        return [kept for kept, _ in self._snapshots.get(sandbox, {}).values()]

    def keep(self, sandbox: str, snapshot: Kept, state: bytes, most: int) -> bool:
        shelf = self._snapshots.setdefault(sandbox, {})
        before = shelf.pop(snapshot.name, None)
        if before is None and len(shelf) >= most:
            raise OverflowError
        shelf[snapshot.name] = snapshot, state
        return before is not None

    def snapshot(self, sandbox: str, name: str) -> bytes | None:
        found = self._snapshots.get(sandbox, {}).get(name)
        return None if found is None else found[1]

    def forget(self, sandbox: str, name: str) -> bool:
        return self._snapshots.get(sandbox, {}).pop(name, None) is not None

    def close(self) -> None:
        """There is nothing to close."""


def place_of(write: Write) -> Place:
    return write.vendor, write.collection, write.key
