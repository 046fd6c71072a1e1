"""Records as they are told: their JSON is made once, held against the document, and kept until it would be another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from mockserver.core.store import Concerned, Kept, Table

Record = TypeVar("Record")


class Room:
    """What all views of a server keep together, in bytes; what was given up since still counts. Once it is more than
    `limit`, all of them begin anew."""

    def __init__(self, limit: int = 64 * 1024 * 1024) -> None:
        self.limit = limit
        self.size = 0
        self.views: WeakSet[View[Any]] = WeakSet()

    def make(self) -> None:
        for view in tuple(self.views):
            view.forget()
        self.views.clear()
        self.size = 0


class View(Generic[Record]):
    """One way to tell the records of one table.

    `schema` is the name of the document's schema that each is of, `shape` makes the value that is told of one, `hold`
    raises where that is not of the schema, `encode` makes JSON of it. `also` are the other tables that it tells of:
    with each, whom a change there concerns, None for everybody. `room` bounds what is kept.
    """

    __slots__ = ("__weakref__", "_encode", "_hold", "_kept", "_key", "_room", "_schema", "_shape", "mark")

    def __init__(
        self,
        table: Table[Record],
        schema: str,
        shape: Callable[[Record], Any],
        *,
        hold: Callable[[str, Any], None],
        encode: Callable[[Any], bytes],
        room: Room,
        also: Mapping[Any, Concerned | None] | None = None,
    ) -> None:
        self.mark = mark_of(schema)
        self._key = table.key
        self._schema, self._shape, self._hold, self._encode = schema, shape, hold, encode
        self._room = room
        self._kept: Kept = {}
        table.tell_view(self._kept)
        for other, concerned in (also or {}).items():
            other.tell_other_view(self._kept, concerned)

    def of(self, record: Record) -> bytes:
        """Only records that are in the table: of others nobody would hear that they have changed."""
        key = self._key(record)
        kept = self._kept.get(key)
        if kept is None:
            value = self._shape(record)
            self._hold(self._schema, value)
            kept = exact(self._encode(value))
            room = self._room
            if not self._kept:
                room.views.add(self)
            self._kept[key] = kept
            room.size += len(kept)
            if room.size > room.limit:
                room.make()
        return kept

    def forget(self) -> None:
        """Everything is made anew when it is told next."""
        self._kept.clear()

    def many(self, records: Iterable[Record]) -> bytes:
        """With commas between them."""
        kept, key = self._kept, self._key
        try:
            return b",".join(map(kept.__getitem__, map(key, records)))
        except KeyError:
            return b",".join([self.of(record) for record in records])


def exact(text: bytes) -> bytes:
    """The same bytes in no more room than they need: what encodes JSON hands over the 4 KiB that it began with, which
    is much to keep of every record and every answer."""
    return memoryview(text).tobytes()


def mark_of(schema: str) -> str:
    """What stands in `Answer.told` for a record of this schema."""
    return f"<{schema}>"
