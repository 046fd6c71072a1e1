"""The tables, held against a plain list that is sorted and filtered anew each time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockserver.core.indexes import EVERYTHING, MOST_SELECTIONS
from mockserver.core.store import DuplicateKey, Store, Table, TableSnapshot
from tests.steps import steps


@dataclass(frozen=True, slots=True)
class Note:
    id: str
    colour: str
    rank: int
    text: str = ""


def make_table() -> Table[Note]:
    return Table(
        lambda note: note.id, order=lambda note: -note.rank, indexes={"colour": lambda note: note.colour}
    )


def has(colour: str, rank: int, note: Note) -> bool:
    return (note.colour, note.rank) == (colour, rank)


IDS = st.sampled_from("abcdefgh")
COLOURS = st.sampled_from(["red", "green"])


class TableAgainstList(RuleBasedStateMachine):
    """The model is a list in insertion order; a page is a slice of a stable sort of it."""

    def __init__(self) -> None:
        super().__init__()
        self.table = make_table()
        self.model: list[Note] = []
        self.saved: tuple[TableSnapshot, list[Note]] | None = None
        self.selected: set[tuple[str, int]] = set()

    @rule(id=IDS, colour=COLOURS, rank=st.integers(0, 2))
    def insert(self, id: str, colour: str, rank: int) -> None:
        note = Note(id, colour, rank)
        if any(known.id == id for known in self.model):
            with pytest.raises(DuplicateKey):
                self.table.insert(note)
        else:
            self.table.insert(note)
            self.model.append(note)

    @rule(id=IDS, text=st.text(max_size=3), colour=COLOURS, rank=st.integers(0, 2))
    def swap(self, id: str, text: str, colour: str, rank: int) -> None:
        note = Note(id, colour, rank, text)
        if not any(known.id == id for known in self.model):
            with pytest.raises(KeyError):
                self.table.replace(note)
        else:
            self.table.replace(note)
            self.model = [note if known.id == id else known for known in self.model]

    @rule(id=IDS)
    def delete(self, id: str) -> None:
        if not any(known.id == id for known in self.model):
            with pytest.raises(KeyError):
                self.table.delete(id)
        else:
            assert self.table.delete(id).id == id
            self.model = [known for known in self.model if known.id != id]

    @rule()
    def save(self) -> None:
        self.saved = (self.table.snapshot(), list(self.model))

    @rule()
    def go_back(self) -> None:
        if self.saved is not None:
            self.table.restore(self.saved[0])
            self.model = list(self.saved[1])

    @rule(colour=COLOURS, rank=st.integers(0, 2), others=st.integers(0, MOST_SELECTIONS))
    def select(self, colour: str, rank: int, others: int) -> None:
        """From then on it agrees; so many others that were asked for since make it start anew."""
        for other in range(others):
            self.table.select(other, lambda note: False)
        self.selected.add((colour, rank))

    @invariant()
    def selections_agree(self) -> None:
        in_order = sorted(self.model, key=lambda note: -note.rank)
        for colour, rank in self.selected:
            selection = self.table.select((colour, rank), partial(has, colour, rank))
            expected = [note for note in in_order if has(colour, rank, note)]
            assert self.table.where(selection, True) == expected
            assert self.table.page_after(selection, [True], None, 2, backwards=True) == expected[::-1][:2]
        assert len(self.table._orders._selections) <= MOST_SELECTIONS

    @invariant()
    def agrees(self) -> None:
        assert list(self.table) == self.model
        assert len(self.table) == len(self.model)
        for note in self.model:
            assert self.table.get(note.id) == note
        in_order = sorted(self.model, key=lambda note: -note.rank)
        assert self.table.where(EVERYTHING, None) == in_order
        for colour in ("red", "green"):
            expected = [note for note in in_order if note.colour == colour]
            assert self.table.count("colour", colour) == len(expected)
            assert self.table.page("colour", colour, 1, 2) == expected[1:3]
            for at, note in enumerate(expected):
                assert self.table.page_after("colour", [colour], note.id, 2) == expected[at + 1 :][:2]
                before = self.table.page_after("colour", [colour], note.id, 2, backwards=True)
                assert before == expected[:at][::-1][:2]
        assert self.table.page_after("colour", ["red", "green"], None, 5) == in_order[:5]
        assert self.table.page_after("colour", ["red"], "nothing", 5) == []


TestTableAgainstList = TableAgainstList.TestCase


def test_a_snapshot_is_not_touched_by_what_happens_after_it() -> None:
    table = make_table()
    store = Store({"notes": table})
    table.insert(Note("a", "red", 1))
    snapshot = store.snapshot()
    table.replace(replace(Note("a", "red", 1), text="changed"))
    table.insert(Note("b", "red", 2))
    store.restore(snapshot)
    assert list(table) == [Note("a", "red", 1)]
    table.delete("a")
    store.restore(snapshot)
    assert table.where("colour", "red") == [Note("a", "red", 1)]


def test_a_selection_looks_at_every_record_once_and_then_at_those_that_change() -> None:
    table = make_table()
    for number in range(50):
        table.insert(Note(str(number), "red", 0))
    looked: list[str] = []

    def test(note: Note) -> bool:
        looked.append(note.id)
        return note.colour == "green"

    for _ in range(3):
        assert table.count(table.select("green", test), True) == 0
    assert len(looked) == 50
    table.replace(Note("7", "green", 0))
    assert table.where(table.select("green", test), True) == [Note("7", "green", 0)]
    assert set(looked[50:]) == {"7"}


def test_an_unknown_id_is_none() -> None:
    assert make_table().get("nothing") is None


class Rank:
    """A rank that is compared in Python, so that a sort in C is seen."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __lt__(self, other: Rank) -> bool:
        return self.value < other.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rank) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]  # nothing may put ranks into a set


def filled(size: int) -> Table[Note]:
    table: Table[Note] = Table(
        lambda note: note.id, order=lambda note: Rank(note.rank), indexes={"colour": lambda note: note.colour}
    )
    for number in range(size):
        table.insert(Note(str(number), "red" if number % 2 else "green", number))
    return table


def test_reading_a_page_takes_the_same_steps_in_a_table_of_any_size() -> None:
    small, large = filled(100), filled(20_000)
    for read in (
        lambda table: table.page("colour", "red", 10, 5),
        lambda table: table.page(EVERYTHING, None, 40, 5),
        lambda table: table.count("colour", "red"),
        lambda table: table.get("7"),
    ):
        assert steps(lambda read=read: read(large)) == steps(lambda read=read: read(small))  # type: ignore[misc]


def test_writing_takes_a_search_by_halves_and_no_more() -> None:
    def write(table: Table[Note]) -> None:
        table.insert(Note("new", "red", 50))
        table.replace(Note("new", "green", 60))
        table.delete("new")

    small, large = filled(100), filled(25_600)
    # 256 times the size is eight halvings more, for each of the searches in three indexes.
    assert steps(lambda: write(large)) - steps(lambda: write(small)) < 8 * 12 * 40
