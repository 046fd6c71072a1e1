"""An answer against the recorded one: every difference at its place, and none where there is none."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.server.replay.carry import Carry
from mockserver.server.replay.comparing import ABSENT, Difference, Seen, compare
from mockserver.server.replay.recording import Body, RecordedResponse
from mockserver.server.replay.volatile import Shapes

JSON = {"Content-Type": "application/json"}
SHAPES = Shapes("http://127.0.0.1:4010")
keys = st.sampled_from(["id", "text", "results", "a b", "é", "request_ids"])
# Short texts hold nothing volatile; those that look like it are drawn on purpose elsewhere.
leaves = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-2, 2), st.text(max_size=6))
documents = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3))
)


def differences(
    expected: Any,
    seen: Any,
    *,
    status: tuple[int, int] = (200, 200),
    headers: tuple[dict[str, str], dict[str, str]] = (JSON, JSON),
    carry: Carry | None = None,
) -> list[Difference]:
    """Texts and bytes are bodies as they are, everything else is one in JSON."""
    recorded = RecordedResponse(status[0], headers[0], Body(_bytes(expected)))
    answer = Seen(status[1], {name.lower(): value for name, value in headers[1].items()}, _bytes(seen))
    return compare(recorded, answer, carry or Carry(SHAPES))


def _bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def places(document: Any, place: str = "body") -> list[tuple[str, tuple[Any, ...]]]:
    """Every value in a document: how a difference names it, and the steps that lead to it."""
    found: list[tuple[str, tuple[Any, ...]]] = [(place, ())]
    inner: list[tuple[Any, str, Any]] = []
    if isinstance(document, dict):
        inner = [
            (key, f".{key}" if key.isidentifier() and key.isascii() else f"[{key!r}]", value)
            for key, value in document.items()
        ]
    elif isinstance(document, list):
        inner = [(at, f"[{at}]", value) for at, value in enumerate(document)]
    for key, step, value in inner:
        found += [(where, (key, *steps)) for where, steps in places(value, place + step)]
    return found


def put(document: Any, steps: tuple[Any, ...], value: Any) -> Any:
    if not steps:
        return value
    changed = copy.copy(document)
    changed[steps[0]] = put(document[steps[0]], steps[1:], value)
    return changed


def at(document: Any, steps: tuple[Any, ...]) -> Any:
    for step in steps:
        document = document[step]
    return document


@given(documents)
def test_a_document_does_not_differ_from_itself(document: Any) -> None:
    assert differences({"x": document}, {"x": document}) == []


@given(st.data(), st.dictionaries(keys, documents, min_size=1), leaves)
def test_a_changed_value_anywhere_is_reported_at_its_place_and_nowhere_else(
    data: st.DataObject, document: Any, value: Any
) -> None:
    place, steps = data.draw(st.sampled_from(places(document)[1:]))
    before = at(document, steps)
    assume(type(before) is not type(value) or before != value)
    assert differences(document, put(document, steps, value)) == [Difference(place, before, value)]


@given(st.data(), st.dictionaries(keys, leaves, min_size=1))
def test_what_is_missing_or_added_is_reported_at_its_place(data: st.DataObject, document: Any) -> None:
    place, (key,) = data.draw(st.sampled_from(places(document)[1:]))
    less = {name: value for name, value in document.items() if name != key}
    assert differences(document, less) == [Difference(place, document[key], ABSENT)]
    assert differences(less, document) == [Difference(place, ABSENT, document[key])]
    listed = list(document.values())
    last = f"body[{len(listed) - 1}]"
    assert differences(listed, listed[:-1]) == [Difference(last, listed[-1], ABSENT)]
    assert differences(listed[:-1], listed) == [Difference(last, ABSENT, listed[-1])]


@pytest.mark.parametrize("one, other", [(1, 1.0), (1, True), (0, False), ("", None), ([], {}), (None, 0)])
def test_values_of_another_type_are_others(one: Any, other: Any) -> None:
    assert differences({"x": one}, {"x": other}) == [Difference("body.x", one, other)]


def test_the_order_of_keys_does_not_matter_that_of_items_does() -> None:
    assert differences({"a": 1, "b": 2}, {"b": 2, "a": 1}) == []
    assert len(differences([1, 2], [2, 1])) == 2


def test_the_same_values_spelled_otherwise_differ_in_length_only() -> None:
    assert differences('{"detail": "x"}', '{"detail":"x"}') == [Difference("Content-Length", 15, 14)]
    assert differences('{"a":"é"}', '{"a":"\\u00e9"}') == [Difference("Content-Length", 10, 14)]
    ids = (
        '{"id":"M3VLPQ282K4ZB","at":"2026-01-01T00:00:00.1Z"}',
        '{"id":"MQFLKTDBYY56B","at":"2026-01-01T00:00:00Z"}',
    )
    assert differences(*ids) == []


def test_an_id_that_was_carried_is_shown_as_the_target_has_it() -> None:
    carry = Carry(SHAPES)
    assert differences({"id": "M3VLPQ282K4ZB"}, {"id": "MQFLKTDBYY56B"}, carry=carry) == []
    assert differences({"id": "M3VLPQ282K4ZB"}, {"id": "M82ZZ2XVWIFLT"}, carry=carry) == [
        Difference("body.id", "MQFLKTDBYY56B", "M82ZZ2XVWIFLT")
    ]
    assert differences({"x": [{"id": "M3VLPQ282K4ZB"}]}, {}, carry=carry) == [
        Difference("body.x", [{"id": "MQFLKTDBYY56B"}], ABSENT)
    ]


def test_nothing_is_learned_from_a_list_of_another_length_nor_from_another_status() -> None:
    carry = Carry(SHAPES)
    differences([{"id": "M3VLPQ282K4ZB"}], [{"id": "MQFLKTDBYY56B"}, {}], carry=carry)
    differences({"id": "M3VLPQ282K4ZB"}, {"id": "MQFLKTDBYY56B"}, status=(200, 201), carry=carry)
    assert carry.translated("M3VLPQ282K4ZB") == "M3VLPQ282K4ZB"


def test_another_status_is_reported_with_the_whole_bodies() -> None:
    assert differences({"id": 1}, "<h1>no</h1>", status=(200, 404)) == [
        Difference("status", 200, 404),
        Difference("body", {"id": 1}, "<h1>no</h1>"),
    ]
    assert differences("x", "x", status=(200, 404)) == [Difference("status", 200, 404)]


def test_no_answer_at_all_is_a_difference_of_the_status() -> None:
    found = compare(
        RecordedResponse(500, {}, Body()), Seen(None, {}, b"", "no answer: hung up"), Carry(SHAPES)
    )
    assert found == [Difference("status", 500, "no answer: hung up")]


def test_a_request_id_may_be_any() -> None:
    assert differences({"request_id": "abc"}, {"request_id": "0123456789"}) == []
    assert differences({"request_id": "abc"}, {"request_id": None}) != []


@pytest.mark.parametrize(
    "name, recorded, seen, differs",
    [
        ("Allow", "GET", "GET, POST", True),
        ("Allow", "GET", None, True),
        ("Allow", None, "GET", True),
        ("X-Frame-Options", "DENY", None, True),
        ("X-Frame-Options", None, "DENY", False),
        ("Via", "a", "b", False),
        ("Date", "a", None, False),
        ("Content-Length", "2", "500", False),
        ("Retry-After", "49", "1", False),
        ("Retry-After", "49", None, True),
        ("Retry-After", None, "49", True),
        ("RateLimit-Reset", "49", "1", False),
        ("X-RateLimit-Remaining", "1199", "5", False),
        ("X-RateLimit-Limit", "1200, 1200;window=60", "60, 60;window=60", True),
        ("Location", "http://a/x/M3VLPQ282K4ZB", "http://127.0.0.1:4010/x/MQFLKTDBYY56B", False),
        ("Location", "http://a/x/M3VLPQ282K4ZB", "http://127.0.0.1:4010/y/MQFLKTDBYY56B", True),
    ],
)
def test_headers_that_matter_are_compared(
    name: str, recorded: str | None, seen: str | None, differs: bool
) -> None:
    headers = {name: recorded} if recorded is not None else {}, {name: seen} if seen is not None else {}
    found = differences("", "", headers=headers)
    assert found == (
        [Difference(name, ABSENT if recorded is None else recorded, ABSENT if seen is None else seen)]
        if differs
        else []
    )


def test_a_body_that_is_no_json_is_compared_as_text_or_bytes() -> None:
    text = {"Content-Type": "text/html"}, {"Content-Type": "text/html"}
    assert differences("wait, available in 5 seconds", "wait, available in 6 seconds", headers=text) == []
    assert differences("a  b", "a b", headers=text) == [Difference("body", "a  b", "a b")]
    assert differences({"a": 1}, "oops") == [Difference("body", '{"a": 1}', "oops")]
    assert differences(b"\xff", b"\xff") == []
    assert differences(b"\xff", "text") == [Difference("body", "<1 bytes>", "text")]


def test_an_answer_to_head_has_no_body_to_compare() -> None:
    recorded = RecordedResponse(200, JSON | {"Content-Length": "20223"}, Body(b""))
    seen = Seen(200, {"content-type": "application/json", "content-length": "5"}, b"")
    assert compare(recorded, seen, Carry(SHAPES)) == []
