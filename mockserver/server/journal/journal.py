"""The journal of one sandbox: the last requests, bounded in count and bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from mockserver.server.journal.entries import LARGEST_KEPT, Entry

# What an entry costs beside its texts, in bytes, roughly.
OVERHEAD = 1_000
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
    """`dropped` counts the entries that had to make room."""

    def __init__(self, bounds: JournalBounds, feed: Feed) -> None:
        self._bounds = bounds
        self._feed = feed
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._size = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """Every entry, the oldest first."""
        return iter(list(self._entries.values()))

    def get(self, number: int) -> Entry | None:
        return self._entries.get(number)

    def record(self, entry: Entry) -> None:
        request, answer = entry.request, entry.answer
        if len(request.body) > LARGEST_KEPT or len(answer.body) > LARGEST_KEPT:
            entry.request = replace(request, body=request.body[:LARGEST_KEPT])
            entry.answer = replace(answer, body=answer.body[:LARGEST_KEPT])
            entry.cut = True
        entry.size = (
            OVERHEAD
            + len(request.path)
            + len(request.query)
            + len(entry.request.body)
            + len(entry.answer.body)
            + sum(map(len, chain.from_iterable(request.headers.raw)))
        )
        self._entries[entry.number] = entry
        self._size += entry.size
        while len(self._entries) > self._bounds.entries or self._size > self._bounds.size:
            self._size -= self._entries.popitem(last=False)[1].size
            self.dropped += 1
        if self._feed.listeners:
            self._feed.tell(entry)

    def clear(self) -> None:
        self._entries.clear()
        self._size = 0
