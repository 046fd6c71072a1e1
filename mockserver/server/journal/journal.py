"""The journal of one sandbox: the last requests, bounded in count and bytes, and with all others of its server, too."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mockserver.server.journal.entries import Entry
from mockserver.server.journal.trimming import trim

Listener = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class JournalBounds:
    """Of one sandbox; 0 entries keep nothing. `total` bounds the bytes of all sandboxes together."""

    entries: int = 1_000
    size: int = 16 * 1024 * 1024
    total: int = 256 * 1024 * 1024


class Room:
    """What all journals of a server take together; who has recorded nothing for longest makes room first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._journals: OrderedDict[Journal, None] = OrderedDict()
        self.size = 0

    def take(self, journal: Journal, size: int) -> None:
        self.size += size
        self._journals[journal] = None
        self._journals.move_to_end(journal)
        if self.size > self._limit:
            self._make()

    def _make(self) -> None:
        while self.size > self._limit:
            oldest = next(iter(self._journals))
            if not oldest.drop_oldest():
                del self._journals[oldest]

    def give_back(self, journal: Journal, size: int, *, last: bool) -> None:
        """`last` says that nothing of this journal is left."""
        self.size -= size
        if last:
            self._journals.pop(journal, None)


class Feed:
    """Passes every entry of a server on to whoever listens just now."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()

    def tell(self, entry: Entry) -> None:
        for listener in tuple(self.listeners):
            listener(entry)


class Journal:
    """`size` is in bytes. `dropped` counts the entries that had to make room."""

    def __init__(self, bounds: JournalBounds, feed: Feed, room: Room | None = None) -> None:
        self._bounds = bounds
        self._feed = feed
        self._room = room or Room(bounds.total)
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
        bounds, listening = self._bounds, self._feed.listeners
        if not (bounds.entries or listening):
            return
        trim(entry)
        if bounds.entries:
            entries, more = self._entries, entry.size
            entries[entry.number] = entry
            while len(entries) > bounds.entries or self.size + more > bounds.size:
                more -= entries.popitem(last=False)[1].size
                self.dropped += 1
            self.size += more
            self._room.take(self, more)
        if listening:
            self._feed.tell(entry)

    def clear(self) -> None:
        """As it was at first: what had to make room is forgotten, too."""
        self._entries.clear()
        self._room.give_back(self, self.size, last=True)
        self.size = self.dropped = 0

    def drop_oldest(self) -> bool:
        """Whether there was an entry that could make room."""
        if not self._entries:
            return False
        size = self._entries.popitem(last=False)[1].size
        self.size -= size
        self.dropped += 1
        self._room.give_back(self, size, last=not self._entries)
        return True
