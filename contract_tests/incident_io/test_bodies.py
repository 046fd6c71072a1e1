from __future__ import annotations

import json
from typing import Any

import pytest

from contract_tests.incident_io.client import VALID, IncidentIo, refused
from contract_tests.laws import law

LIMIT = 16 * 1024 * 1024

MALFORMED = {
    "open brace": b"{",
    "no value": b'{"title":',
    "no quotes": b"{title: 1}",
    "single quotes": b"{'title': 'x', 'content': ''}",
    "comma at the end": b'{"title": "x", "content": "",}',
    "open string": b'{"title": "x',
    "line end in a string": b'{"title": "a\nb", "content": ""}',
    "bad escape": rb'{"title": "\x41", "content": ""}',
    "words": b"title=x&content=",
    "NaN": b'{"title": NaN, "content": ""}',
    "Infinity": b'{"title": "x", "content": Infinity}',
    "-Infinity": b'{"title": "x", "content": "", "other": -Infinity}',
    "comment": b'// a document\n{"title": "x", "content": ""}',
}


@law("incident-io/body.malformed")
@pytest.mark.parametrize("kind", MALFORMED)
def test_a_body_that_is_not_json_answers_400(incident: IncidentIo, kind: str) -> None:
    refused(incident.post_raw(MALFORMED[kind]), 400, "invalid_request_error", "decode_payload")


@law("incident-io/body.no-object")
def test_an_empty_body_answers_422(incident: IncidentIo) -> None:
    expected = [{"code": "missing_payload", "message": "missing required payload"}]
    for answer in (incident.post_raw(b""), incident.post_raw(b"", None)):
        assert refused(answer, 422, "validation_error", "missing_payload") == expected


@law("incident-io/body.no-object")
@pytest.mark.parametrize(
    "body", [b"[]", b'[{"title": "x"}]', b'"text"', b"5", b"1.5", b"true", b"false", b"null"]
)
def test_json_that_is_no_object_answers_422(incident: IncidentIo, body: bytes) -> None:
    errors = refused(incident.post_raw(body), 422, "validation_error", "invalid_field_type")
    assert errors[0]["source"] == {"field": "body", "pointer": ""}


@law("incident-io/body.read-as-go-does")
def test_unknown_fields_are_ignored(incident: IncidentIo) -> None:
    others: dict[str, Any] = {"id": "x", "status": "completed", "created_at": 5, "nonsense": [{}], "": None}
    answer = incident.post(VALID | others)
    assert answer.status_code == 201
    document = answer.json()["postmortem_document"]
    assert document["title"] == VALID["title"]
    assert document["status"] != "completed"
    assert document["id"] != "x"


@law("incident-io/body.read-as-go-does")
def test_of_two_equal_keys_the_last_one_counts(incident: IncidentIo) -> None:
    answer = incident.post_raw(
        b'{"title": 5, "title": "one", "content": null, "title": "two", "content": ""}'
    )
    assert answer.json()["postmortem_document"]["title"] == "two"
    answer = incident.post_raw(b'{"title": "one", "title": 5, "content": ""}')
    refused(answer, 422, "validation_error", "invalid_field_type")


@law("incident-io/body.read-as-go-does")
@pytest.mark.parametrize("escape", [r"\ud800", r"\udfff", r"\ud800\u0041", r"\udc00\ud800"])
def test_a_lone_surrogate_becomes_a_replacement_character(incident: IncidentIo, escape: str) -> None:
    expected = {r"\ud800\u0041": "\ufffdA", r"\udc00\ud800": "\ufffd\ufffd"}.get(escape, "\ufffd")
    answer = incident.post_raw(f'{{"title": "a{escape}b", "content": "{escape}"}}'.encode())
    assert answer.json()["postmortem_document"]["title"] == f"a{expected}b"


NO_UTF_8 = {
    "one byte": b"\xff",
    "Latin 1": b"\xe9",
    "two bytes": b"\xff\xfe",
    "the rest of a character": b"\x80",
    "a surrogate": b"\xed\xa0\x80",
    "two of three bytes": b"\xe2\x82",
    "three of four bytes": b"\xf0\x9f\x94",
}


@law("incident-io/body.read-as-go-does")
@pytest.mark.parametrize("kind", NO_UTF_8)
def test_each_byte_that_is_not_utf_8_becomes_a_replacement_character(incident: IncidentIo, kind: str) -> None:
    raw = NO_UTF_8[kind]
    answer = incident.post_raw(b'{"title": "a' + raw + b'b", "content": "' + raw + b'"}')
    assert answer.status_code == 201
    assert answer.json()["postmortem_document"]["title"] == f"a{len(raw) * chr(0xFFFD)}b"


@law("incident-io/body.read-as-go-does")
def test_escaped_and_plain_characters_are_the_same(incident: IncidentIo) -> None:
    answer = incident.post_raw(rb'{"title": "\u0041\ud83d\udd25\/\u00e9", "content": ""}')
    assert answer.json()["postmortem_document"]["title"] == "A🔥/é"


@law("incident-io/body.too-large")
def test_a_body_over_16_mib_answers_413(incident: IncidentIo) -> None:
    answer = incident.post_raw(json.dumps(VALID).encode()[:-1].ljust(LIMIT) + b"}")
    assert (answer.status_code, answer.json()["type"]) == (413, "payload_too_large")


@law("incident-io/body.too-large")
def test_a_body_of_16_mib_is_read(incident: IncidentIo) -> None:
    assert incident.post_raw(json.dumps(VALID).encode()[:-1].ljust(LIMIT - 1) + b"}").status_code == 201


@law("incident-io/content-type.unsupported")
@pytest.mark.parametrize(
    "kind", ["text/plain", "text/markdown", "application/x-www-form-urlencoded", "image/png"]
)
def test_another_content_type_answers_400_and_names_it(incident: IncidentIo, kind: str) -> None:
    answer = incident.post_raw(json.dumps(VALID).encode(), kind)
    errors = refused(answer, 400, "invalid_request_error", "unsupported_media_type")
    assert errors[0]["message"] == f"unsupported media type {kind}"


@law("incident-io/content-type.accepted")
@pytest.mark.parametrize(
    "kind",
    [
        None,
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/problem+json",
        "application/vnd.api+json; charset=utf-8",
    ],
)
def test_a_body_is_read_as_json(incident: IncidentIo, kind: str | None) -> None:
    answer = incident.post_raw('{"title": "é", "content": ""}'.encode(), kind)
    assert (answer.status_code, answer.json()["postmortem_document"]["title"]) == (201, "é")


@law("incident-io/field.missing")
@pytest.mark.parametrize("name", ["title", "content"])
def test_a_missing_field_answers_422_and_names_it(incident: IncidentIo, name: str) -> None:
    body = {field: value for field, value in VALID.items() if field != name}
    errors = refused(incident.post(body), 422, "validation_error", "missing_field")
    assert errors[0]["message"] == f'"{name}" is missing from body'


@law("incident-io/field.null")
@pytest.mark.parametrize("name", ["title", "content"])
def test_a_field_of_null_counts_as_missing(incident: IncidentIo, name: str) -> None:
    errors = refused(incident.post(VALID | {name: None}), 422, "validation_error", "missing_field")
    assert errors[0]["message"] == f'"{name}" is missing from body'


@law("incident-io/field.null")
@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, ["missing_field"] * 2),
        ({"title": None, "content": None}, ["missing_field"] * 2),
        ({"title": None, "content": 5}, ["missing_field", "invalid_field_type"]),
        ({"title": [], "content": 5}, ["invalid_field_type"] * 2),
    ],
    ids=str,
)
def test_each_field_at_fault_has_an_error_of_its_own(
    incident: IncidentIo, body: dict[str, Any], codes: list[str]
) -> None:
    answer = incident.post(body)
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert len(errors) == 2
    assert sorted(error["code"] for error in errors) == sorted(codes)
    assert sorted('"title"' in error["message"] for error in errors) == [False, True]
    assert sorted('"content"' in error["message"] for error in errors) == [False, True]


@law("incident-io/field.type")
@pytest.mark.parametrize("name", ["title", "content"])
@pytest.mark.parametrize("value", [5, 1.5, 0, True, False, [], ["x"], {}, {"title": "x"}], ids=str)
def test_a_field_that_is_no_string_answers_422(incident: IncidentIo, name: str, value: Any) -> None:
    errors = refused(incident.post(VALID | {name: value}), 422, "validation_error", "invalid_field_type")
    assert errors[0]["message"].startswith("invalid value ")
    assert errors[0]["message"].endswith(f' for "{name}", must be a string')


@law("incident-io/field.type")
def test_the_words_for_a_wrong_type_quote_the_value(incident: IncidentIo) -> None:
    errors = refused(incident.post(VALID | {"title": 5}), 422, "validation_error", "invalid_field_type")
    assert errors[0]["message"] == 'invalid value 5 for "title", must be a string'
