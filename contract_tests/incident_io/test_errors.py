from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import JSON, UNKNOWN, VALID, IncidentIo, at, published
from contract_tests.laws import law

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "resource_forbidden",
    404: "not_found",
    413: "payload_too_large",
    422: "validation_error",
}

Ask = Callable[[IncidentIo, Deployment], httpx.Response]

ERRORS: dict[str, Ask] = {
    "400 no JSON": lambda key, _: key.post_raw(b"{"),
    "400 another type": lambda key, _: key.post_raw(b"x", "text/plain"),
    "401 no key": lambda key, _: key.with_key(None).post(),
    "401 unknown key": lambda key, _: key.with_key("not-a-key-of-anybody").post(),
    "403 no scope": lambda key, it: key.with_key(it.need("incident_key_without_scope")).post(),
    "404 unknown incident": lambda key, _: key.post(incident=UNKNOWN),
    "413 too large": lambda key, _: key.post_raw(b" " * (16 * 1024 * 1024 + 1)),
    "422 no body": lambda key, _: key.post_raw(b""),
    "422 no object": lambda key, _: key.post([]),
    "422 no fields": lambda key, _: key.post({}),
    "422 wrong types": lambda key, _: key.post({"title": 5, "content": []}),
}
EVERY_ERROR = pytest.mark.parametrize("kind", ERRORS)


@law("incident-io/error.envelope")
@EVERY_ERROR
def test_every_error_has_the_envelope(
    incident: IncidentIo, deployment: Deployment, strict: bool, kind: str
) -> None:
    answer = ERRORS[kind](incident, deployment)
    assert answer.status_code == int(kind[:3])
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    body = answer.json()
    assert {"type", "status", "request_id", "errors"} <= set(body)
    assert (body["type"], body["status"]) == (TYPES[answer.status_code], answer.status_code)
    assert body["request_id"]
    assert isinstance(body["request_id"], str)
    if strict:
        assert set(body) == {"type", "status", "request_id", "errors"}


@law("incident-io/error.envelope")
@EVERY_ERROR
def test_every_single_error_has_code_and_message(
    incident: IncidentIo, deployment: Deployment, strict: bool, kind: str
) -> None:
    errors = ERRORS[kind](incident, deployment).json()["errors"]
    assert errors
    for error in errors:
        assert error["code"]
        assert error["message"]
        assert isinstance(error["code"], str)
        assert isinstance(error["message"], str)
        assert None not in error.values()
        assert not strict or set(error) <= {"code", "message", "source", "metadata"}


@law("incident-io/error.request-id")
@EVERY_ERROR
def test_a_request_id_is_8_characters_of_base_64(
    incident: IncidentIo, deployment: Deployment, strict: bool, kind: str
) -> None:
    if not strict:
        pytest.skip("not judged: the vendor may change the form of ids (Compatibility)")
    assert re.fullmatch("[A-Za-z0-9_-]{8}", ERRORS[kind](incident, deployment).json()["request_id"])


@law("incident-io/error.request-id")
def test_a_request_id_differs_from_request_to_request(incident: IncidentIo) -> None:
    asked = [incident.post({}).json()["request_id"] for _ in range(50)]
    assert len(set(asked)) == 50


@law("incident-io/error.source")
@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["title", "content"]),
        ({"title": "x"}, ["content"]),
        ({"content": "x"}, ["title"]),
        ({"title": None, "content": None}, ["title", "content"]),
        ({"title": 5, "content": "x"}, ["title"]),
        ({"title": [], "content": {}}, ["title", "content"]),
    ],
    ids=str,
)
def test_a_source_names_the_field_and_points_at_it(
    incident: IncidentIo, body: dict[str, object], fields: list[str]
) -> None:
    errors = incident.post(body).json()["errors"]
    sources = [published(error).get("source") for error in errors]
    expected = [{"field": name, "pointer": f"/{name}"} for name in fields]
    assert sorted(sources, key=str) == sorted(expected, key=str)


@law("incident-io/error.source")
@EVERY_ERROR
def test_no_source_is_without_a_pointer(incident: IncidentIo, deployment: Deployment, kind: str) -> None:
    for error in ERRORS[kind](incident, deployment).json()["errors"]:
        if "source" in error:
            assert isinstance(error["source"]["field"], str)
            assert isinstance(error["source"]["pointer"], str)


NONSENSE: dict[str, tuple[bytes, dict[str, str]]] = {
    "deep lists": (b"[" * 100_000, JSON),
    "deep lists, closed": (b"[" * 100_000 + b"]" * 100_000, JSON),
    "deep objects": (b'{"a":' * 100_000, JSON),
    "deep title": (b'{"title":' + b"[" * 50_000 + b"]" * 50_000 + b"}", JSON),
    "deep unknown field": (b'{"title":"x","content":"","a":' + b"[" * 50_000 + b"]" * 50_000 + b"}", JSON),
    "long number": (b'{"title":' + b"9" * 10_000 + b"}", JSON),
    "huge exponent": (b'{"title": 1e400}', JSON),
    "long exponent": (b'{"title": 1e' + b"9" * 10_000 + b"}", JSON),
    "surrogate in a name": (rb'{"\ud800": 1, "title": "x", "content": ""}', JSON),
    "surrogates": (rb'{"title": "\udfff\ud800", "content": "\ud800"}', JSON),
    "NUL in a name": (rb'{"\u0000": 1, "title": "x", "content": ""}', JSON),
    "NULs": (b"\0" * 100, JSON),
    "all bytes": (bytes(range(256)), JSON),
    "byte order mark": (b'\xef\xbb\xbf{"title": "x", "content": ""}', JSON),
    "UTF-16": ('{"title": "x"}'.encode("utf-16"), {"Content-Type": "application/json; charset=utf-16"}),
    "unknown charset": (b"{}", {"Content-Type": "application/json; charset=nonsense"}),
    "broken parameters": (b"{}", {"Content-Type": "application/json;;=;charset"}),
    "empty type": (b"{}", {"Content-Type": ""}),
    "odd type": (b"{}", {"Content-Type": "\xff/\xfe"}),
    "no boundary": (b"--B\r\n\r\nx\r\n--B--", {"Content-Type": "multipart/form-data"}),
    "gzip": (gzip.compress(b"{}"), JSON | {"Content-Encoding": "gzip"}),
    "no gzip": (b"{}", JSON | {"Content-Encoding": "gzip"}),
    "odd Accept": (b"{}", JSON | {"Accept": "\xff;q=x,,"}),
    "long header": (b"{}", JSON | {"X-Long": "x" * 10_000}),
}


@law("incident-io/error.never-500")
@pytest.mark.parametrize("kind", NONSENSE)
def test_no_nonsense_answers_500(incident: IncidentIo, kind: str) -> None:
    body, headers = NONSENSE[kind]
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    assert incident.send("POST", at(incident.incident), content=body, headers=encoded).status_code < 500
    assert incident.post().status_code == 201


@law("incident-io/error.never-500")
@pytest.mark.parametrize(
    "name", ["\0", "\xff", "🔥", "..", ".", "%", "a/b", "x" * 4000, " ", "'\"", "\r\n", "{id}"]
)
def test_no_incident_id_answers_500(incident: IncidentIo, name: str) -> None:
    for path in (at(quote(name, safe="")), at(f"{quote(name, safe='')}%ff%fe")):
        assert incident.send("POST", path, json=VALID).status_code < 500


@law("incident-io/error.never-500")
@pytest.mark.parametrize(
    "value", [b"\xff\xfe", b"Bearer \xe9", b"Bearer", b"Bearer " + b"x" * 5000, b",", b"\x01"]
)
def test_no_authorization_answers_500(without_key: IncidentIo, value: bytes) -> None:
    assert without_key.post(headers={"Authorization": value}).status_code < 500


@law("incident-io/error.never-500")
def test_no_body_in_chunks_answers_500(incident: IncidentIo) -> None:
    for chunks in ([b'{"title": "in ', b'chunks", "content"', b': ""}'], [b"{"], [b"x"] * 100, []):
        answer = incident.send("POST", at(incident.incident), content=iter(chunks), headers=JSON)
        assert answer.status_code < 500
