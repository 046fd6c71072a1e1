"""The journal of one sandbox: the last requests, bounded in count and bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mockserver.server.journal.entries import Entry
from mockserver.server.journal.trimming import trim

Listener = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class JournalBounds:
    """Of one sandbox; 0 entries keep nothing."""

    entries: int = 1_000
    size: int = 16 * 1024 * 1024


class Feed:
    """Passes every entry of a server on to whoever listens just now."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()

    def tell(self, entry: Entry) -> None:
        for listener in tuple(self.listeners):
            listener(entry)


class Journal:
    """`size` is in bytes. `dropped` counts the entries that had to make room."""

    def __init__(self, bounds: JournalBounds, feed: Feed) -> None:
        self._bounds = bounds
        self._feed = feed
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self.size = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """Every entry, the oldest first."""
        return iter(list(self._entries.values()))

    def __reversed__(self) -> Iterator[Entry]:
        """Every entry, the newest first."""
        return reversed(list(self._entries.values()))

    def get(self, number: int) -> Entry | None:
        return self._entries.get(number)

    def record(self, entry: Entry) -> None:
        if not (self._bounds.entries or self._feed.listeners):
            return
        trim(entry)
        if self._bounds.entries:
            self._keep(entry)
        if self._feed.listeners:
            self._feed.tell(entry)

    def clear(self) -> None:
        """As it was at first: what had to make room is forgotten, too."""
        self._entries.clear()
        self.size = self.dropped = 0

    def _keep(self, entry: Entry) -> None:
        self._entries[entry.number] = entry
        self.size += entry.size
        while len(self._entries) > self._bounds.entries or self.size > self._bounds.size:
            self.size -= self._entries.popitem(last=False)[1].size
            self.dropped += 1
