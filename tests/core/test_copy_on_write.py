"""Snapshots, restores and forks of tables, held against deep copies; and what they cost, counted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mockserver.core.indexes import EVERYTHING
from mockserver.core.store import Store, Table, TableSnapshot
from tests.steps import steps


@dataclass(frozen=True, slots=True)
class Note:
    id: str
    colour: str
    rank: int


def make_table() -> Table[Note]:
    return Table(
        lambda note: note.id, order=lambda note: note.rank, indexes={"colour": lambda note: note.colour}
    )


COLOURS = ["red", "green", "blue"]
IDS = st.sampled_from("abcdef")
WHICH = st.integers(0, 20)


class TablesAgainstDeepCopies(RuleBasedStateMachine):
    """Several tables and snapshots of them, each beside a model that is a list and is copied whole."""

    @initialize()
    def begin(self) -> None:
        self.tables: list[tuple[Table[Note], list[Note]]] = [(make_table(), [])]
        self.kept: list[tuple[TableSnapshot, list[Note]]] = []

    @rule(which=WHICH, id=IDS, colour=st.sampled_from(COLOURS), rank=st.integers(0, 2))
    def write(self, which: int, id: str, colour: str, rank: int) -> None:
        table, model = self.tables[which % len(self.tables)]
        note = Note(id, colour, rank)
        if table.get(id) is None:
            table.insert(note)
            model.append(note)
        else:
            table.replace(note)
            model[[known.id for known in model].index(id)] = note

    @rule(which=WHICH, id=IDS)
    def delete(self, which: int, id: str) -> None:
        table, model = self.tables[which % len(self.tables)]
        if table.get(id) is not None:
            table.delete(id)
            model[:] = [known for known in model if known.id != id]

    @rule(which=WHICH)
    def keep(self, which: int) -> None:
        table, model = self.tables[which % len(self.tables)]
        self.kept.append((table.snapshot(), deepcopy(model)))

    @rule(which=WHICH, kept=WHICH)
    def go_back(self, which: int, kept: int) -> None:
        """To a snapshot of this table or of another one."""
        if self.kept:
            at = which % len(self.tables)
            snapshot, model = self.kept[kept % len(self.kept)]
            self.tables[at][0].restore(snapshot)
            self.tables[at] = (self.tables[at][0], deepcopy(model))

    @rule(which=WHICH)
    def fork(self, which: int) -> None:
        table, model = self.tables[which % len(self.tables)]
        if len(self.tables) < 5:
            forked = make_table()
            forked.restore(table.snapshot())
            self.tables.append((forked, deepcopy(model)))

    @invariant()
    def agree(self) -> None:
        for table, model in self.tables:
            in_order = sorted(model, key=lambda note: note.rank)
            assert list(table) == model
            assert table.where(EVERYTHING, None) == in_order
            for colour in COLOURS:
                expected = [note for note in in_order if note.colour == colour]
                assert table.where("colour", colour) == expected
                assert table.first("colour", colour) == (expected[0] if expected else None)


TestTablesAgainstDeepCopies = TablesAgainstDeepCopies.TestCase
TestTablesAgainstDeepCopies.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def filled(size: int) -> Store:
    table = make_table()
    for number in range(size):
        table.insert(Note(str(number), COLOURS[number % 3], number))
    return Store({"notes": table})


def events(work: Callable[[], Any]) -> list[str]:
    """Every call that a piece of work makes, those into C among them: a copy is one."""
    seen: list[str] = []

    def note(frame: object, event: str, argument: Any) -> None:
        if event == "c_call":
            seen.append(argument.__qualname__)
        elif event == "call":
            seen.append("a function")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return seen


def fork(store: Store) -> None:
    filled_by = Store({"notes": make_table()})
    filled_by.restore(store.snapshot())


@pytest.mark.parametrize(
    "work",
    [
        lambda store: store.snapshot(),
        lambda store: store.restore(store.snapshot()),
        fork,
    ],
)
def test_keeping_restoring_and_forking_take_the_same_steps_for_a_table_of_any_size_and_copy_nothing(
    work: Callable[[Store], Any],
) -> None:
    small, large = filled(10), filled(5_000)
    assert steps(lambda: work(large)) == steps(lambda: work(small))
    assert events(lambda: work(large)) == events(lambda: work(small))
    assert not [name for name in events(lambda: work(large)) if name.endswith(".copy")]


def test_the_first_write_after_a_snapshot_copies_what_it_touches_and_the_second_nothing() -> None:
    store = filled(30)
    (table,) = store._tables.values()
    store.snapshot()

    def copies(note: Note) -> int:
        return len([name for name in events(lambda: table.insert(note)) if name.endswith(".copy")])

    # Records and entries, and of each index the dictionary and one list.
    assert copies(Note("x", "red", 1)) == 6
    assert copies(Note("y", "red", 1)) == 0
    assert copies(Note("z", "blue", 1)) == 1


def test_a_record_that_is_not_found_leaves_a_shared_table_shared() -> None:
    store = filled(3)
    (table,) = store._tables.values()
    snapshot = store.snapshot()
    with pytest.raises(KeyError):
        table.delete("nothing")
    assert store.snapshot()["notes"].records is snapshot["notes"].records
