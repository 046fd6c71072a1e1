"""Odd headers, in requests that are fine otherwise, to every operation."""

from __future__ import annotations

import pytest

from mockserver.server.app import MockServer
from tests.inprocess import InProcess, RawHeaders
from tests.invariants import IMPORT, KEY, OPERATIONS, TOKEN, ask_incident_io, ask_oncall, short, stored

KNOWN = {"GET": 200, "POST": 201, "PUT": 200, "PATCH": 200, "DELETE": 204, "HEAD": 200, "OPTIONS": 200}
operations = pytest.mark.parametrize("method, path", OPERATIONS)


@operations
@pytest.mark.parametrize(
    "tokens",
    [
        [],
        [b""],
        [b"nonsense"],
        [b"Bearer meowmeowmeow"],
        [b"Token meowmeowmeow"],
        [b"Basic bWVvd21lb3dtZW93"],
        [b'"meowmeowmeow"'],
        [b"MEOWMEOWMEOW"],
        [b"meowmeowmeo"],
        [b"meowmeowmeow "],
        [b"meowmeowmeow\x00"],
        [b"meowmeowmeow\xff"],
        [b"\xff\xfe"],
        ["mëow".encode()],
        [b"x" * 1_000_000],
        [b"meowmeowmeow", b"meowmeowmeow"],
        [b"meowmeowmeow", b""],
        [b"Bearer inc-test-key"],
    ],
    ids=short,
)
def test_what_is_no_token_is_refused(
    server: MockServer, transport: InProcess, method: str, path: str, tokens: list[bytes]
) -> None:
    before = stored(server)
    answer = ask_oncall(transport, method, path, *[(b"authorization", token) for token in tokens])
    assert answer == (403, b"" if method == "HEAD" else {"detail": "Invalid token."})
    assert stored(server) == before


@operations
@pytest.mark.parametrize(
    "accept",
    [
        b"text/html",
        b"application/xml",
        b"text/plain",
        b"",
        b";;;,,,",
        b"json",
        b"\xff\x00/*",
        b"a/b," * 25_000,
    ],
    ids=short,
)
def test_who_accepts_no_json_is_refused(
    server: MockServer, transport: InProcess, method: str, path: str, accept: bytes
) -> None:
    before = stored(server)
    answer = ask_oncall(transport, method, path, (b"accept", accept))
    refused = {"detail": "Could not satisfy the request Accept header."}
    assert answer == (406, b"" if method == "HEAD" else refused)
    assert stored(server) == before


HARMLESS: list[RawHeaders] = [
    [(b"accept", b"*/*")],
    [(b"accept", b"text/html,*/*;q=0.1")],
    [(b"accept", b"application/json;q=0")],
    [(b"accept", b"APPLICATION/*")],
    [(b"accept", b"a/b," * 25_000 + b"*/*")],
    [(b"accept", b"text/html"), (b"accept", b"application/json")],
    [(b"host", b"")],
    [(b"host", b"vendor.invalid:99999")],
    [(b"host", b"a"), (b"host", b"b")],
    [(b"origin", b"null")],
    [(b"x-http-method-override", b"DELETE")],
    [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"\xff")],
    [(b"content-length", b"-1")],
    [(b"cookie", b"\x00\x01\xff;=;=")],
    [(b"x-" + b"long" * 1000, b"x" * 1_000_000)],
    [(b"\xff\xfe", b"\xff\xfe")],
    [(b"", b"")],
    [(b"range", b"bytes=0-1"), (b"if-match", b"*"), (b"if-none-match", b"*")],
    [(b"x-many", b"x")] * 5000,
]


@operations
@pytest.mark.parametrize("headers", HARMLESS, ids=short)
def test_an_odd_header_changes_nothing_at_grafana_oncall(
    transport: InProcess, method: str, path: str, headers: RawHeaders
) -> None:
    assert ask_oncall(transport, method, path, TOKEN, *headers)[0] == KNOWN[method]


@pytest.mark.parametrize("headers", [*HARMLESS, [(b"accept", b"text/html")], [(b"accept", b"")]], ids=short)
def test_an_odd_header_changes_nothing_at_incident_io(transport: InProcess, headers: RawHeaders) -> None:
    assert ask_incident_io(transport, "POST", IMPORT, KEY, *headers)[0] == 201
