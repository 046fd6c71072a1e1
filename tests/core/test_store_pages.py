"""Pages that follow a record, held against a plain list."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.store import Table

COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class Note:
    id: str
    colour: str
    rank: int


@given(
    notes=st.lists(st.tuples(st.sampled_from(COLOURS), st.integers(0, 3)), max_size=12),
    colours=st.lists(st.sampled_from((*COLOURS, "none")), max_size=4),
    after=st.none() | st.integers(0, 12),
    limit=st.integers(0, 6),
    backwards=st.booleans(),
)
def test_a_page_after_a_record_is_what_follows_it_in_a_sorted_list(
    notes: list[tuple[str, int]], colours: list[str], after: int | None, limit: int, backwards: bool
) -> None:
    table: Table[Note] = Table(
        lambda note: note.id, order=lambda note: note.rank, indexes={"colour": lambda note: note.colour}
    )
    model = [Note(str(at), colour, rank) for at, (colour, rank) in enumerate(notes)]
    for note in model:
        table.insert(note)
    model.sort(key=lambda note: note.rank)
    if backwards:
        model.reverse()
    start = 0
    if after is not None:
        start = next((at + 1 for at, note in enumerate(model) if note.id == str(after)), len(model))
    expected = [note for note in model[start:] if note.colour in colours][:limit]
    cursor = None if after is None else str(after)
    assert table.page_after("colour", colours, cursor, limit, backwards=backwards) == expected
