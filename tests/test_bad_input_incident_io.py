"""Bodies and credentials that no client should send to incident.io's one operation.

The words are the page's and those of Goa, the framework behind the API. Text that is not UTF-8 arrives as Go's JSON
decoder would read it. Bodies that the vendor would accept stand here too, where that may surprise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unittest.mock import ANY

import pytest

from mockserver.server.app import MockServer
from tests.inprocess import InProcess, RawHeaders, Received
from tests.invariants import IMPORT, TYPES, Text, assert_is_incident_ios, stored, world

UNKNOWN = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESC99/actions/import_postmortem_document"
LARGEST = 16 * 1024 * 1024
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
KEY = b"Bearer inc-test-key"


@dataclass(frozen=True)
class Refused:
    status: int
    errors: Any


@dataclass(frozen=True)
class Accepted:
    """What has to be stored; None stands for a text that is too long to write down."""

    title: str = "x"
    content: str | None = "y"


@dataclass(frozen=True)
class Body:
    name: str
    body: bytes
    expected: Refused | Accepted
    content_type: str | None = JSON


def error(code: str, message: object = ANY) -> dict[str, Any]:
    return {"code": code, "message": message}


def missing(*fields: str) -> Refused:
    return Refused(
        422,
        [
            error("missing_field", f'"{field}" is missing from body')
            | {"source": {"field": field, "pointer": f"/{field}"}}
            for field in fields
        ],
    )


def wrong_type(value: str, field: str = "title") -> Refused:
    """`value` is how the value that the message quotes begins."""
    source = {"field": field, "pointer": "" if field == "body" else f"/{field}"}
    wanted = "object" if field == "body" else "string"
    whole = f'invalid value {value} for "{field}", must be a {wanted}'
    message = Text(f"invalid value {value}") if len(value) > 50 else whole
    return Refused(422, [error("invalid_field_type", message) | {"source": source}])


def unsupported(media_type: str) -> Refused:
    return Refused(400, [error("unsupported_media_type", f"unsupported media type {media_type}")])


def titled(value: bytes) -> bytes:
    """A JSON object with this title, which is JSON already."""
    return b'{"title": %s, "content": "y"}' % value


OK = titled(b'"x"')
UNREADABLE = Refused(400, [error("decode_payload", Text())])
NOTHING = Refused(422, [error("missing_payload", "missing required payload")])
TOO_LARGE = Refused(413, [error("payload_too_large", Text())])

BODIES = [
    Body("cut short", b'{"title":', UNREADABLE),
    Body("followed by more", OK + b" x", UNREADABLE),
    Body("single quotes", b"{'title': 'x'}", UNREADABLE),
    Body("empty", b"", NOTHING),
    Body("empty and of no content type", b"", NOTHING, None),
    Body("white space", b" \n\t", NOTHING),
    Body("16 MiB and a byte", OK.ljust(LARGEST + 1), TOO_LARGE),
    Body("16 MiB", OK.ljust(LARGEST), Accepted()),
    Body("3 MB of text", OK.replace(b"y", b"y" * 3_000_000), Accepted(content=None)),
    Body("100,000 opening brackets", b"[" * 100_000, UNREADABLE),
    Body("100,000 nested arrays", b"[" * 100_000 + b"]" * 100_000, UNREADABLE),
    Body("100,000 nested objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, UNREADABLE),
    Body("100,000 nested arrays for a title", titled(b"[" * 100_000 + b"]" * 100_000), UNREADABLE),
    Body("900 nested arrays for a title", titled(b"[" * 900 + b"]" * 900), Refused(400, ANY)),  # the limit is ours
    Body("100 nested arrays for a title", titled(b"[" * 100 + b"]" * 100), wrong_type("[" * 60)),
    Body("NaN", titled(b"NaN"), UNREADABLE),
    Body("-Infinity", titled(b"-Infinity"), UNREADABLE),
    Body("NaN where nobody looks", OK[:-1] + b', "other": NaN}', UNREADABLE),
    Body("1e400 for a title", titled(b"1e400"), Refused(422, [error("invalid_field_type", Text()) | {"source": ANY}])),
    Body("1e400 where nobody looks", OK[:-1] + b', "other": [-1e400]}', Accepted()),
    Body("a number of 4,000 digits", titled(b"9" * 4000), wrong_type("9" * 60)),
    Body("a number of 4,000 digits where nobody looks", OK[:-1] + b', "other": %s}' % (b"9" * 4000), Accepted()),
    Body("a number of 5,000 digits", titled(b"9" * 5000), UNREADABLE),
    Body("the same key twice", titled(b'"first", "title": "x"'), Accepted()),
    Body("a key twice, the second time in vain", titled(b'"x", "title": null'), missing("title")),
    Body("NUL, escaped", titled(rb'"a\u0000b"'), Accepted("a\x00b")),
    Body("NUL, as it is", titled(b'"a\x00b"'), UNREADABLE),
    Body("a lone surrogate", titled(rb'"a\ud800b"'), Accepted("a\ufffdb")),
    Body("a low surrogate first", titled(rb'"\udc00\ud800"'), Accepted("\ufffd\ufffd")),
    Body("a surrogate pair", titled(rb'"\ud83d\ude00"'), Accepted("😀")),
    Body("a lone surrogate in UTF-8", titled(b'"\xed\xa0\x80"'), Accepted("\ufffd\ufffd\ufffd")),
    Body("a lone surrogate in a name", OK[:-1] + rb', "\udfff": "\udfff"}', Accepted()),
    Body("no UTF-8", titled(b'"\xff"'), Accepted("\ufffd")),
    Body("no UTF-8 between the texts", b"\xff" + OK, UNREADABLE),
    Body("a byte order mark", b"\xef\xbb\xbf" + OK, UNREADABLE),
    Body("UTF-16, and saying so", OK.decode().encode("utf-16"), UNREADABLE, f"{JSON}; charset=utf-16"),
    *(
        Body(f"charset {charset}", OK, Accepted(), f"{JSON}; charset={charset}")
        for charset in ("utf-16", "utf-7", "nonsense", "zlib", "idna", "undefined", "\xff", "x" * 100_000)
    ),
    Body("an array", b"[]", wrong_type("[]", "body")),
    Body("an array of objects", b'[{"title": "x"}]', wrong_type('[{"title": "x"}]', "body")),
    Body("a string", b'"title"', wrong_type('"title"', "body")),
    Body("a number", b"5", wrong_type("5", "body")),
    Body("true", b"true", wrong_type("true", "body")),
    Body("null", b"null", wrong_type("null", "body")),
    Body("an object of nothing", b"{}", missing("title", "content")),
    Body("nulls", b'{"title": null, "content": null}', missing("title", "content")),
    Body("a number for a title", titled(b"5"), wrong_type("5")),
    Body("true for a title", titled(b"true"), wrong_type("true")),
    Body("an object for a title", titled(b'{"a": "\xc3\xa9"}'), wrong_type('{"a": "é"}')),
    Body("unknown fields", OK[:-1] + b', "id": "x", "": null, "__proto__": {}}', Accepted()),
    Body("plain text", OK, unsupported("text/plain"), "text/plain"),
    Body("plain text that is no JSON", b"\xff", unsupported("text/plain"), "text/plain"),
    Body("16 MiB and a byte of plain text", OK.ljust(LARGEST + 1), unsupported("text/plain"), "text/plain"),
    Body("no content type", OK, Accepted(), None),
    Body("an empty content type", OK, Accepted(), ""),
    Body("half a content type", OK, unsupported("garbage"), "garbage"),
    Body("a form", b"title=x&content=y", unsupported(FORM), FORM),
    Body("multipart", b"--B--", unsupported("multipart/form-data; boundary=B"), "multipart/form-data; boundary=B"),
    Body("a dialect of JSON", OK, Accepted(), "application/vnd.api+json"),
    Body("a content type in capitals", OK, Accepted(), "APPLICATION/JSON ; Charset=UTF-8"),
    Body("a content type of bytes", OK, unsupported("\xff"), "\xff"),
    Body("a content type of 100 KB", OK, unsupported("a" * 100_000), "a" * 100_000),
]  # fmt: skip
bodies = pytest.mark.parametrize("body", BODIES, ids=lambda body: body.name)


def send(transport: InProcess, body: Body, path: str = IMPORT, key: bytes | None = KEY) -> Received:
    content_type = None if body.content_type is None else body.content_type.encode("latin-1")
    named = {b"authorization": key, b"content-type": content_type}
    headers = [(name, value) for name, value in named.items() if value is not None]
    received = transport.exchange("POST", path, headers, body.body)
    assert_is_incident_ios(received)
    return received


@bodies
def test_an_import_takes_the_body_or_refuses_it_and_keeps_nothing(
    server: MockServer, transport: InProcess, body: Body
) -> None:
    before = stored(server)
    received = send(transport, body)
    if isinstance(body.expected, Refused):
        assert received.status == body.expected.status
        assert received.json()["type"] == TYPES[received.status]
        assert received.json()["errors"] == body.expected.errors
        assert stored(server) == before
        return
    assert received.status == 201
    document = received.json()["postmortem_document"]
    assert document["title"] == body.expected.title
    kept = world(server, "incident-io").documents.get(document["id"])
    assert kept.title == body.expected.title
    assert body.expected.content in (None, kept.markdown)


@bodies
def test_an_unknown_incident_is_not_found_but_only_after_the_body(
    server: MockServer, transport: InProcess, body: Body
) -> None:
    before = stored(server)
    received = send(transport, body, UNKNOWN)
    if isinstance(body.expected, Refused):
        assert received.status == body.expected.status
    else:
        assert received.status == 404
        assert received.json()["errors"] == [
            error("resource_not_found", "The referenced resource could not be found.")
        ]
    assert stored(server) == before


@bodies
@pytest.mark.parametrize(
    "key, status, code",
    [
        (None, 401, "missing_authorization_material"),
        (b"Bearer invented", 401, "access_token_invalid"),
        (b"Bearer inc-no-scope-key", 403, "missing_required_scope"),
    ],
)
def test_a_caller_who_may_not_is_refused_however_broken_the_body(
    server: MockServer, transport: InProcess, body: Body, key: bytes | None, status: int, code: str
) -> None:
    before = stored(server)
    received = send(transport, body, key=key)
    assert (received.status, received.json()["errors"][0]["code"]) == (status, code)
    assert stored(server) == before


MISSING = error("missing_authorization_material", "No authorization material provided in request")
INVALID = error("access_token_invalid", "Access token is not valid")


@pytest.mark.parametrize(
    "headers, expected",
    [
        pytest.param([], MISSING, id="none"),
        pytest.param([b""], MISSING, id="empty"),
        pytest.param([b" "], MISSING, id="blank"),
        pytest.param([b"Bearer"], MISSING, id="a scheme alone"),
        pytest.param([b"Bearer  "], MISSING, id="a scheme and blanks"),
        pytest.param([b"inc-test-key"], MISSING, id="a key alone"),
        pytest.param([b"Basic aW5jLXRlc3Qta2V5"], MISSING, id="another scheme"),
        pytest.param([b"Bearer inc-test-key-"], INVALID, id="a key and more"),
        pytest.param([b"Bearer inc-test-ke"], INVALID, id="a key cut short"),
        pytest.param([b"Bearer INC-TEST-KEY"], INVALID, id="a key in capitals"),
        pytest.param([b"Bearer inc-test-key, Bearer inc-test-key"], INVALID, id="two keys in one"),
        pytest.param([b'Bearer "inc-test-key"'], INVALID, id="quoted"),
        pytest.param([b"Bearer \xff\xfe"], INVALID, id="bytes"),
        pytest.param([b"\xff\xfe"], MISSING, id="bytes alone"),
        pytest.param([b"Bearer inc-test-key\x00"], INVALID, id="with a NUL"),
        pytest.param([b"Bearer " + b"x" * 1_000_000], INVALID, id="of 1 MB"),
        pytest.param([b"Bearer meowmeowmeow"], INVALID, id="the other vendor's"),
        pytest.param([b"Bearer invented", KEY], INVALID, id="an invented one and a good one"),
        pytest.param([b"", KEY], MISSING, id="an empty one and a good one"),
    ],
)
def test_authorization_that_is_none_is_refused(
    server: MockServer, transport: InProcess, headers: list[bytes], expected: dict[str, str]
) -> None:
    before = stored(server)
    sent: RawHeaders = [(b"authorization", value) for value in headers]
    received = transport.exchange("POST", IMPORT, [*sent, (b"content-type", b"application/json")], OK)
    assert_is_incident_ios(received)
    assert (received.status, received.json()["errors"]) == (401, [expected])
    assert stored(server) == before
