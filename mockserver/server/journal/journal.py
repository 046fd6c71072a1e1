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
    """What all journals of a server take together, in bytes, and may take. `order` are those that hold something, the
    one that has recorded nothing for longest first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.order: OrderedDict[Journal, None] = OrderedDict()

    def make(self) -> None:
        """Who has recorded nothing for longest goes first."""
        while self.size > self.limit:
            oldest = next(iter(self.order))
            if not oldest.drop_oldest():
                del self.order[oldest]


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
            room = self._room
            room.size += more
            room.order[self] = None
            room.order.move_to_end(self)
            if room.size > room.limit:
                room.make()
        if listening:
            self._feed.tell(entry)

    def clear(self) -> None:
        """As it was at first: what had to make room is forgotten, too."""
        self._entries.clear()
        self._room.size -= self.size
        self._room.order.pop(self, None)
        self.size = self.dropped = 0

    def drop_oldest(self) -> bool:
        """Whether there was an entry that could make room."""
        if not self._entries:
            return False
        size = self._entries.popitem(last=False)[1].size
        self.size -= size
        self.dropped += 1
        self._room.size -= size
        if not self._entries:
            self._room.order.pop(self, None)
        return True
