"""Answers held against the document without reading their records again."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.core.exchange import Answer
from mockserver.core.views import mark_of
from mockserver.server.compiled import JSON, DocumentedResponses, Held
from mockserver.server.complaints import ContractBreach
from mockserver.server.skeletons import skeleton

BOOK = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
SHELF = {
    "type": "object",
    "properties": {"books": {"type": "array", "items": {"$ref": "#/components/schemas/Book"}}},
}
PAGE = {
    "type": "object",
    "required": ["books", "meta"],
    "properties": {
        "books": {"type": "array", "items": {"$ref": "#/components/schemas/Book"}},
        "meta": {"$ref": "#/components/schemas/Meta"},
    },
}
META = {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer"}}}
COMPONENTS = {"schemas": {"Book": BOOK, "Page": PAGE, "Meta": META, "Shelf": SHELF}}
RESPONSES = {
    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}},
    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}},
}
MARK = mark_of("Book")


@pytest.fixture
def promised() -> DocumentedResponses:
    return DocumentedResponses("list", RESPONSES, COMPONENTS, {"Book"})


def page(told: Any, body: Any = None, headers: tuple[tuple[str, str], ...] = (JSON,)) -> Answer:
    """An answer whose body breaks the document, so that only what is told can save it."""
    return Answer(200, headers, orjson.dumps(body), told)


@pytest.mark.parametrize("books", [[], [MARK], [MARK, MARK]])
def test_records_in_their_places_are_not_read_again(promised: DocumentedResponses, books: list[str]) -> None:
    promised.hold(page({"books": books, "meta": {"size": 1}}))


@pytest.mark.parametrize(
    "told",
    [
        {"books": [mark_of("Shelf")], "meta": {"size": 1}},
        {"books": MARK, "meta": {"size": 1}},
        {"books": [{"title": "x"}], "meta": {"size": 1}},
        {"books": [MARK], "meta": {"size": "1"}},
        {"books": [MARK]},
        {"meta": MARK, "books": []},
        MARK,
    ],
)
def test_anything_else_makes_the_whole_answer_be_read(promised: DocumentedResponses, told: Any) -> None:
    with pytest.raises(ContractBreach, match="list: 200"):
        promised.hold(page(told))
    promised.hold(page(told, {"books": [{"title": "x"}], "meta": {"size": 1}}))


def test_an_answer_that_is_no_json_is_read_whatever_is_told(promised: DocumentedResponses) -> None:
    with pytest.raises(ContractBreach, match="text/plain"):
        promised.hold(page({"books": [], "meta": {"size": 1}}, headers=(("Content-Type", "text/plain"),)))


def test_a_record_alone_stands_for_the_whole_answer(promised: DocumentedResponses) -> None:
    promised.hold(Answer(201, (JSON,), b"null", MARK))
    with pytest.raises(ContractBreach, match="list: 201"):
        promised.hold(Answer(201, (JSON,), b"null", mark_of("Shelf")))


def test_a_skeleton_holds_the_schemas_that_it_needs_and_no_others() -> None:
    made = skeleton({"$ref": "#/components/schemas/Page"}, COMPONENTS, {"Book"})
    assert made is not None
    assert set(made[1]["schemas"]) == {"Page", "Meta"}


@pytest.mark.parametrize("limit", [{"maxItems": 1}, {"minItems": 1}, {"uniqueItems": True}])
def test_a_list_with_limits_of_its_own_is_read_whole(limit: dict[str, Any]) -> None:
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Book"}, **limit}
    page = {**PAGE, "properties": {**PAGE["properties"], "books": listed}}  # type: ignore[dict-item]
    components = {"schemas": {**COMPONENTS["schemas"], "Page": page}}
    promised = DocumentedResponses("list", RESPONSES, components, {"Book"})
    with pytest.raises(ContractBreach, match="list: 200"):
        promised.hold(page_of_one())


def page_of_one() -> Answer:
    return page({"books": [MARK], "meta": {"size": 1}})


def test_a_document_without_a_schema_of_that_name_has_its_answers_read_whole() -> None:
    Held({"one": {"components": {"schemas": {}}}}).hold("one", "Book", {"size": 1})
    components = {"schemas": {"Page": {"type": "object"}}}
    promised = DocumentedResponses("list", {"200": RESPONSES["200"]}, components, {"Book"})
    promised.hold(page(None, {}))


def test_a_record_is_held_against_the_schema_of_its_own_vendor() -> None:
    held = Held({"one": {"components": COMPONENTS}, "other": {"components": {"schemas": {"Book": META}}}})
    held.hold("one", "Book", {"title": "x"})
    held.hold("other", "Book", {"size": 1})
    for vendor, value in (("one", {"size": 1}), ("other", {"title": "x"})):
        with pytest.raises(ContractBreach, match="Book: "):
            held.hold(vendor, "Book", value)
