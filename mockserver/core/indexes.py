"""The orders in which the records of a table are read: each index keeps its entries sorted, by the values it is for.

Nothing is copied when an index is shared with a snapshot: who writes first to a list, takes a copy of it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

EVERYTHING = "everything"
# Of a table; each costs every write a test.
MOST_SELECTIONS = 16
# The value of a record that an index leaves out.
NOWHERE = object()

# What a record is sorted by, its place among ties, and its id.
Entry = tuple[Any, int, str]
Selection = tuple[str, Hashable]
ValueOf = Callable[[Any], Hashable]


@dataclass(slots=True)
class Index:
    """`value_of` is None where all records are together. `own` are the values whose lists no snapshot holds; `shared`
    says whether one holds `entries` itself."""

    value_of: ValueOf | None
    entries: dict[Hashable, list[Entry]] = field(default_factory=dict)
    own: set[Hashable] = field(default_factory=set)
    shared: bool = False

    def share(self, entries: dict[Hashable, list[Entry]]) -> None:
        self.entries, self.own, self.shared = entries, set(), True

    def take(self, value: Hashable) -> None:
        """Makes the list of this value one that may be written to."""
        if self.shared:
            self.entries, self.shared = self.entries.copy(), False
        self.entries[value] = self.entries.get(value, []).copy()
        self.own.add(value)


class Indexes:
    """`by_name` are those that the table is made with, EVERYTHING, and the last selections that were asked for."""

    def __init__(self, values_of: Mapping[str, ValueOf]) -> None:
        self.by_name: dict[Hashable, Index] = {name: Index(value_of) for name, value_of in values_of.items()}
        self.by_name[EVERYTHING] = Index(None)
        self._selections: list[Selection] = []

    def add(self, record: object, entry: Entry) -> None:
        for index in self.by_name.values():
            value = None if index.value_of is None else index.value_of(record)
            if value is NOWHERE:
                continue
            if value not in index.own:
                index.take(value)
            entries = index.entries[value]
            if entries and entry < entries[-1]:
                insort(entries, entry)
            else:
                entries.append(entry)

    def remove(self, record: object, entry: Entry) -> None:
        for index in self.by_name.values():
            value = None if index.value_of is None else index.value_of(record)
            if value is NOWHERE:
                continue
            if value not in index.own:
                index.take(value)
            entries = index.entries[value]
            del entries[bisect_left(entries, entry)]
            if not entries:
                del index.entries[value]
                index.own.discard(value)

    def select(self, name: Hashable, test: Callable[[Any], bool], records: Mapping[str, object]) -> Selection:
        """An index of the records that pass a test, all of them under True, kept up to date from then on. What goes by
        one name is one test. Looks at every record the first time, and again where MOST_SELECTIONS were asked for
        since."""
        selection = ("selection", name)
        if selection in self._selections:
            self._selections.remove(selection)
        else:
            while len(self._selections) >= MOST_SELECTIONS:
                del self.by_name[self._selections.pop(0)]
            entries = self.by_name[EVERYTHING].entries.get(None, [])
            chosen = [entry for entry in entries if test(records[entry[2]])]
            made = self.by_name[selection] = Index(lambda record: True if test(record) else NOWHERE)
            if chosen:
                made.entries[True] = chosen
                made.own.add(True)
        self._selections.append(selection)
        return selection

    def snapshot(self) -> Mapping[Hashable, dict[Hashable, list[Entry]]]:
        """Without the selections: whoever goes on from there makes them when they are asked for."""
        return {name: index.entries for name, index in self.by_name.items() if name not in self._selections}

    def share(self) -> None:
        """With a snapshot that was taken just now; selections are in none."""
        for name, index in self.by_name.items():
            if name not in self._selections:
                index.share(index.entries)

    def restore(self, snapshot: Mapping[Hashable, dict[Hashable, list[Entry]]]) -> None:
        for selection in self._selections:
            del self.by_name[selection]
        self._selections.clear()
        for name, index in self.by_name.items():
            index.share(snapshot[name])
