"""Views, held against what would be told without keeping anything."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockserver.core.store import Store, Table
from mockserver.core.views import Room, View, exact


@dataclass(frozen=True, slots=True)
class Book:
    id: str
    title: str
    shelf: str


@dataclass(frozen=True, slots=True)
class Shelf:
    id: str
    name: str


class Library:
    def __init__(self) -> None:
        self.books: Table[Book] = Table(indexes={"shelf": lambda book: book.shelf})
        self.shelves: Table[Shelf] = Table()
        self.store = Store({"books": self.books, "shelves": self.shelves})
        self.rendered = 0
        self.view: View[Book] = View(
            self.books,
            "Book",
            self.told,
            hold=lambda schema, value: None,
            encode=lambda value: repr(value).encode(),
            room=Room(),
            also={self.shelves: lambda shelf: [book.id for book in self.books.where("shelf", shelf.id)]},
        )
        self.cautious: View[Book] = View(
            self.books,
            "Book",
            self.told,
            hold=lambda schema, value: None,
            encode=lambda value: repr(value).encode(),
            room=Room(limit=40),
            also={self.shelves: None},
        )

    def told(self, book: Book) -> Any:
        self.rendered += 1
        shelf = self.shelves.get(book.shelf)
        return book.id, book.title, shelf.name if shelf is not None else None


IDS = st.sampled_from("abcde")
WORDS = st.sampled_from(["red", "green", "blue"])


class ViewAgainstNothingKept(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.library = Library()
        self.saved = self.library.store.snapshot()

    @rule(id=IDS, title=WORDS, shelf=IDS)
    def put_book(self, id: str, title: str, shelf: str) -> None:
        table = self.library.books
        (table.replace if id in table else table.insert)(Book(id, title, shelf))

    @rule(id=IDS, name=WORDS)
    def put_shelf(self, id: str, name: str) -> None:
        table = self.library.shelves
        (table.replace if id in table else table.insert)(Shelf(id, name))

    @rule(id=IDS, table=st.sampled_from(["books", "shelves"]))
    def remove(self, id: str, table: str) -> None:
        chosen: Table[Any] = getattr(self.library, table)
        if id in chosen:
            chosen.delete(id)

    @rule()
    def undo(self) -> None:
        self.library.store.undo(self.library.store.take_changes()[-1:])

    @rule()
    def save(self) -> None:
        self.saved = self.library.store.snapshot()
        self.library.store.take_changes()

    @rule()
    def bring_back(self) -> None:
        self.library.store.restore(self.saved)
        self.library.store.take_changes()

    @invariant()
    def tells_what_is_so(self) -> None:
        library = self.library
        books = list(library.books)
        anew = [repr(library.told(book)).encode() for book in books]
        assert [library.view.of(book) for book in books] == anew
        assert library.cautious.many(books) == b",".join(anew)


TestViewAgainstNothingKept = ViewAgainstNothingKept.TestCase


def test_a_record_is_rendered_once_for_many_readers() -> None:
    library = Library()
    library.books.insert(book := Book("a", "red", "s"))
    for _ in range(3):
        library.view.of(book)
        library.view.many([book])
    assert library.rendered == 1


def test_a_change_elsewhere_makes_only_those_anew_whom_it_concerns() -> None:
    library = Library()
    books = [Book("a", "red", "s"), Book("b", "red", "t")]
    library.shelves.insert(shelf := Shelf("s", "left"))
    for book in books:
        library.books.insert(book)
    library.view.many(books)
    library.shelves.replace(replace(shelf, name="right"))
    library.view.many(books)
    assert library.rendered == 3


def test_what_is_not_of_its_schema_is_not_told() -> None:
    library = Library()

    def refuse(schema: str, value: Any) -> None:
        raise ValueError(schema)

    view = View(library.books, "Book", library.told, hold=refuse, encode=orjson.dumps, room=Room())
    library.books.insert(book := Book("a", "red", "s"))
    for _ in range(2):
        with pytest.raises(ValueError, match="Book"):
            view.of(book)


def test_what_is_kept_takes_no_more_room_than_it_needs() -> None:
    text = orjson.dumps({"title": "short"})
    assert sys.getsizeof(exact(text)) < 100
    assert exact(text) == text


def test_what_is_kept_together_has_a_limit_and_begins_anew_beyond_it() -> None:
    library, room = Library(), Room(limit=100)
    view = View(library.books, "Book", library.told, hold=lambda *_: None, encode=orjson.dumps, room=room)
    for number in range(50):
        library.books.insert(book := Book(f"{number:020}", "red", "s"))
        view.of(book)
        assert room.size <= 100
        assert sum(map(len, view._kept.values())) <= 100


def test_a_view_that_is_gone_is_not_held_by_the_room_that_it_took() -> None:
    library, room = Library(), Room()
    library.books.insert(book := Book("a", "red", "s"))
    view = View(library.books, "Book", library.told, hold=lambda *_: None, encode=orjson.dumps, room=room)
    view.of(book)
    assert len(room.views) == 1
    del view
    gc.collect()
    assert len(room.views) == 0


def test_a_snapshot_changes_nothing_so_all_that_was_kept_stays() -> None:
    library = Library()
    library.books.insert(book := Book("a", "red", "s"))
    library.view.of(book)
    library.store.snapshot()
    library.view.of(book)
    assert library.rendered == 1
