"""Records in memory: frozen, ordered, indexed by what the lists filter on.

A page of a filtered list costs the page, not the table: every index keeps its records sorted, so that a page is a
slice. Inserting costs a binary search and one move of pointers.

A snapshot copies nothing: it and the table hold the same dictionaries and lists from then on, and whoever writes first
to one of them takes a copy of it. So keeping, restoring and forking cost the same for a table of any size.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeVar

from mockserver.core.indexes import EVERYTHING, Entry, Indexes, Selection

# What views have kept of records, by id, and which ids of another table's records a write concerns.
Kept = dict[str, bytes]
Concerned = Callable[[Any], Iterable[str]]
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class TableSnapshot:
    """One table's content, which nobody writes to any more: who wants to, copies it first."""

    records: dict[str, Any]
    entries: dict[str, Entry]
    indexes: Mapping[Hashable, dict[Hashable, list[Entry]]]
    sequence: int


@dataclass(slots=True)
class Change:
    """What one write did to one record; `before` or `after` is None where there is none. It is not frozen only because
    every write would pay for it."""

    collection: str
    key: str
    before: object
    after: object


MOST_CHANGES = 1_000
_KEY = itemgetter(2)
Changes = deque[Change]


class DuplicateKey(Exception):
    """Two records with one id: a defect of the id source or of a fixture."""


class Table(Generic[Record]):
    """Records of one kind.

    `key` gives a record's id, `order` what lists sort by (ties stay in insertion order), `indexes` the values that
    lists filter on, by name. Order and index values are read when a record comes in; they must not depend on
    anything that changes while the record is stored.
    """

    # Gives a record, None where there is none: the dictionary's own method, so that looking costs no call of ours.
    get: Callable[[str], Record | None]

    def __init__(
        self,
        key: Callable[[Record], str] = attrgetter("id"),
        *,
        order: Callable[[Record], Any] | None = None,
        indexes: Mapping[str, Callable[[Record], Hashable]] | None = None,
    ) -> None:
        self.key = key
        self._order = order
        self._records: dict[str, Record] = {}
        self.get = self._records.get
        self._entries: dict[str, Entry] = {}
        self._orders = Indexes(indexes or {})
        # The same, one step nearer: every read of a list goes there.
        self._indexes = self._orders.by_name
        self._sequence = 0
        self._shared = False
        self._name = ""
        self._changes: Changes | None = None
        self._views: list[Kept] = []
        self._told: list[tuple[Kept, Concerned | None]] = []

    def tell(self, name: str, changes: Changes) -> None:
        """From now on every write is noted there, under this name."""
        self._name, self._changes = name, changes

    def tell_view(self, kept: Kept) -> None:
        """From now on every write to a record takes what stands under its id out of there."""
        self._views.append(kept)

    def tell_other_view(self, kept: Kept, concerned: Concerned | None) -> None:
        """From now on every write takes out of there what it concerns: what stands under the ids that `concerned` gives
        for the record before and after, or everything."""
        self._told.append((kept, concerned))

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, key: object) -> bool:
        return key in self._records

    def __iter__(self) -> Iterator[Record]:
        """Every record, in insertion order."""
        return iter(list(self._records.values()))

    def insert(self, record: Record) -> None:
        key = self.key(record)
        if key in self._records:
            raise DuplicateKey(key)
        self._sequence += 1
        self._add(key, record, self._sequence)
        self._note(key, None, record)

    def replace(self, record: Record) -> None:
        """Swaps the stored record with this id for this one, which keeps its place among ties.

        Raises KeyError if there is none.
        """
        key = self.key(record)
        sequence, before = self._entries[key][1], self._records[key]
        self._remove_entry(key)
        self._add(key, record, sequence)
        self._note(key, before, record)

    def delete(self, key: str) -> Record:
        """Raises KeyError if there is no such record."""
        self._remove_entry(key)
        record = self._records.pop(key)
        self._note(key, record, None)
        return record

    def select(self, name: Hashable, test: Callable[[Record], bool]) -> Selection:
        """An index of the records that pass a test (`Indexes.select`), which must not depend on anything that changes
        while a record is stored."""
        return self._orders.select(name, test, self._records)

    def count(self, index: Hashable = EVERYTHING, value: Hashable = None) -> int:
        return len(self._indexes[index].entries.get(value, ()))

    def page(self, index: Hashable, value: Hashable, offset: int, limit: int) -> list[Record]:
        entries = self._indexes[index].entries.get(value, [])
        return self._records_of(entries[offset : offset + limit])

    def page_after(
        self,
        index: Hashable,
        values: Sequence[Hashable],
        after: str | None,
        limit: int,
        *,
        backwards: bool = False,
    ) -> list[Record]:
        """Up to `limit` records with any of these values that follow the record `after` in order, or in reverse order.

        `after` need not have one of the values itself; a record that is not there is followed by none.
        """
        if after is not None and after not in self._entries:
            return []
        found: list[Entry] = []
        distinct = values if len(values) == 1 else list(dict.fromkeys(values))
        for value in distinct:
            entries = self._indexes[index].entries.get(value, [])
            if backwards:
                end = len(entries) if after is None else bisect_left(entries, self._entries[after])
                found += entries[max(0, end - limit) : end]
            else:
                start = 0 if after is None else bisect_right(entries, self._entries[after])
                found += entries[start : start + limit]
        if len(distinct) > 1:
            found.sort(reverse=backwards)
        elif backwards:
            found.reverse()
        return self._records_of(found[:limit])

    def _records_of(self, entries: Iterable[Entry]) -> list[Record]:
        return list(map(self._records.__getitem__, map(_KEY, entries)))

    def first(self, index: Hashable, value: Hashable) -> Record | None:
        """The first record with this value, in order."""
        entries = self._indexes[index].entries
        return self._records[entries[value][0][2]] if value in entries else None

    def where(self, index: Hashable, value: Hashable) -> list[Record]:
        """All records with this value, in order."""
        return self.page(index, value, 0, self.count(index, value))

    def snapshot(self) -> TableSnapshot:
        """Takes the same steps whatever the number of records; so does `restore`."""
        taken = TableSnapshot(
            self._records,
            self._entries,
            self._orders.snapshot(),
            self._sequence,
        )
        self._shared = True
        self._orders.share()
        return taken

    def restore(self, snapshot: TableSnapshot) -> None:
        """Of this table, or of another one with the same indexes."""
        self._records, self._entries, self._shared = snapshot.records, snapshot.entries, True
        self.get = self._records.get
        self._sequence = snapshot.sequence
        self._orders.restore(snapshot.indexes)
        for kept in (*self._views, *(kept for kept, _ in self._told)):
            kept.clear()

    def _note(self, key: str, before: Record | None, after: Record | None) -> None:
        if self._changes is not None:
            self._changes.append(Change(self._name, key, before, after))
        for kept in self._views:
            kept.pop(key, None)
        for kept, concerned in self._told:
            if not kept:
                continue
            if concerned is None:
                kept.clear()
                continue
            for record in (before, after):
                for other in () if record is None else concerned(record):
                    kept.pop(other, None)

    def _add(self, key: str, record: Record, sequence: int) -> None:
        if self._shared:
            self._copy()
        entry = (0 if self._order is None else self._order(record), sequence, key)
        self._records[key] = record
        self._entries[key] = entry
        self._orders.add(record, entry)

    def _remove_entry(self, key: str) -> None:
        record, entry = self._records[key], self._entries[key]
        if self._shared:
            self._copy()
        del self._entries[key]
        self._orders.remove(record, entry)

    def _copy(self) -> None:
        self._records, self._entries, self._shared = self._records.copy(), self._entries.copy(), False
        self.get = self._records.get

    def sequence_of(self, key: str) -> int:
        """Its place among ties, and in the order of coming. Raises KeyError."""
        return self._entries[key][1]

    def put(self, record: Record, sequence: int) -> None:
        """Has the record there as another table with the same past has it, whatever was there before."""
        key = self.key(record)
        before = self._records.get(key)
        if before is not None:
            moved = self._entries[key][1] != sequence
            self._remove_entry(key)
            if moved:
                del self._records[key]
        self._add(key, record, sequence)
        self._sequence = max(self._sequence, sequence)
        self._note(key, before, record)

    def forget_inserts(self, number: int) -> None:
        """The next records come as if so many had never been inserted, which have been deleted again."""
        self._sequence -= number


class Store:
    """The tables of one world, taken back or kept together.

    The last MOST_CHANGES writes wait in `changes` to be taken; `restore` is none.
    """

    def __init__(self, tables: Mapping[str, Table[Any]]) -> None:
        self._tables = dict(tables)
        self.changes: Changes = deque(maxlen=MOST_CHANGES)
        for name, table in self._tables.items():
            table.tell(name, self.changes)

    def take_changes(self) -> tuple[Change, ...]:
        """What has been written since this was asked last, the oldest first."""
        taken = tuple(self.changes)
        self.changes.clear()
        return taken

    def undo(self, changes: Sequence[Change]) -> None:
        """Takes these writes back, the last first. Raises KeyError or DuplicateKey where that is not what is there."""
        for change in reversed(changes):
            table = self._tables[change.collection]
            if change.before is None:
                table.delete(change.key)
            elif change.after is None:
                table.insert(change.before)
            else:
                table.replace(change.before)

    def snapshot(self) -> Mapping[str, TableSnapshot]:
        return {name: table.snapshot() for name, table in self._tables.items()}

    def restore(self, snapshot: Mapping[str, TableSnapshot]) -> None:
        for name, table in self._tables.items():
            table.restore(snapshot[name])

    @property
    def tables(self) -> Mapping[str, Table[Any]]:
        """In an order in which records come after those that they refer to."""
        return self._tables
