"""The journal of a sandbox that several processes answer for."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import takewhile

from mockserver.server.journal.entries import Entry
from mockserver.server.journal.journal import Feed, Journal, JournalBounds, Room


class SharedJournal(Journal):
    """Records nothing before it is `released`: what was done may have to be done again. Beside its own entries are
    those of other processes for as long as somebody looks (`lend`)."""

    def __init__(self, bounds: JournalBounds, feed: Feed, room: Room | None = None) -> None:
        self._others: tuple[Entry, ...] = ()
        self._lent_dropped = 0
        super().__init__(bounds, feed, room)
        self.held: Entry | None = None
        self.times_cleared = 0

    def record(self, entry: Entry) -> None:
        self.held = entry

    def release(self) -> None:
        entry, self.held = self.held, None
        if entry is not None:
            super().record(entry)

    def own(self) -> Sequence[Entry]:
        return list(self._entries.values())

    def own_since(self, number: int) -> Sequence[Entry]:
        """The newest come last."""
        found = list(takewhile(lambda entry: entry.number > number, reversed(self._entries.values())))
        return found[::-1]

    @property
    def own_dropped(self) -> int:
        return self.dropped - self._lent_dropped

    def lend(self, entries: Sequence[Entry], dropped: int) -> None:
        """What other processes have recorded, and what of it had to make room; nothing, once nobody looks any more."""
        beyond = max(0, len(self._entries) + len(entries) - self._bounds.entries)
        self.dropped += dropped + beyond - self._lent_dropped
        self._others, self._lent_dropped = tuple(entries), dropped + beyond

    def clear(self) -> None:
        self.lend((), 0)
        super().clear()
        self.times_cleared += 1

    def cleared(self, times: int) -> None:
        """Somebody else has emptied it, or nobody."""
        if times != self.times_cleared:
            self.clear()
            self.times_cleared = times

    def _all(self) -> list[Entry]:
        if not self._others:
            return list(self._entries.values())
        every = sorted((*self._entries.values(), *self._others), key=lambda entry: entry.number)
        return every[-self._bounds.entries or sys.maxsize :]

    def __len__(self) -> int:
        return min(len(self._entries) + len(self._others), self._bounds.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._all())

    def __reversed__(self) -> Iterator[Entry]:
        return reversed(self._all())

    def get(self, number: int) -> Entry | None:
        own = self._entries.get(number)
        if own is not None:
            return own
        return next((entry for entry in self._others if entry.number == number), None)
