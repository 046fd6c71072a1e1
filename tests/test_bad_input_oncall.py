"""Bodies that no client should send, each to every operation that reads one.

The words are Grafana OnCall's where a running engine was seen saying them (January 2026) and its framework's where not;
incident.io's as far as its page and its framework go. Bodies that a vendor would accept stand here too, where that may
surprise: the text that has to arrive stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import ANY

import pytest

from mockserver.server.app import MockServer
from tests.inprocess import InProcess
from tests.invariants import LIST, ONE, Text, assert_is_oncalls, stored, world

NONE = "/api/v1/postmortems/PN0SUCH1PAGE1/"
GROUP = b"I68T24C13IFW1"
LARGEST = 16 * 1024 * 1024
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=BB"
WRITES = {"POST": LIST, "PUT": ONE, "PATCH": ONE}
REQUIRED = ["This field is required."]


@dataclass(frozen=True)
class Refused:
    status: int
    answer: Any


@dataclass(frozen=True)
class Accepted:
    """`text` is what has to be stored; None for a PATCH that has nothing to change."""

    text: str | None


Outcome = Refused | Accepted


@dataclass(frozen=True)
class Body:
    """`expected` is by method where the methods differ."""

    name: str
    body: bytes
    expected: Outcome | Mapping[str, Outcome]
    content_type: str | None = JSON

    def outcome(self, method: str) -> Outcome:
        return self.expected[method] if isinstance(self.expected, Mapping) else self.expected


def unreadable(detail: str = "", form: str = "JSON") -> Refused:
    """`detail` is how the reason begins."""
    return Refused(400, {"detail": Text(f"{form} parse error - {detail}")})


def text(value: bytes) -> bytes:
    """A JSON object with this text, which is JSON already."""
    return b'{"alert_group_id": "%s", "text": %s}' % (GROUP, value)


def wrong(*words: str, field: str = "text") -> Refused:
    return Refused(400, {field: list(words)})


def unsupported(media_type: str) -> Refused:
    return Refused(415, {"detail": f'Unsupported media type "{media_type}" in request.'})


def no_object(kind: str) -> Refused:
    return wrong(f"Invalid data. Expected a dictionary, but got {kind}.", field="non_field_errors")


def multipart(*parts: bytes) -> bytes:
    group = b'Content-Disposition: form-data; name="alert_group_id"\r\n\r\n' + GROUP
    return b"".join(b"--BB\r\n" + part + b"\r\n" for part in (group, *parts)) + b"--BB--\r\n"


def named(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    return b'Content-Disposition: form-data; name="%s"%s\r\n\r\n%s' % (name, more, value)


OK = text(b'"x"')
NOTHING_SENT: dict[str, Outcome] = {
    "POST": Refused(400, {"alert_group_id": REQUIRED, "text": REQUIRED}),
    "PUT": Refused(400, {"text": REQUIRED}),
    "PATCH": Accepted(None),
}
NO_TEXT: dict[str, Outcome] = {"POST": wrong(*REQUIRED), "PUT": wrong(*REQUIRED), "PATCH": Accepted(None)}
NO_SUCH_GROUP: dict[str, Outcome] = {
    "POST": wrong("Object does not exist", field="alert_group_id"),
    "PUT": Accepted("x"),
    "PATCH": Accepted("x"),
}
TOO_LARGE = Refused(413, {"detail": "Request body is larger than 16777216 bytes."})
TOO_MANY = Refused(400, {"detail": Text()})
NOT_COMPLIANT = "Out of range float values are not JSON compliant: "
BLANK, NO_STRING = "This field may not be blank.", "Not a valid string."
NULLS, SURROGATES = "Null characters are not allowed.", "Surrogate characters are not allowed: U+D800."

BODIES = [
    Body("cut short", b'{"alert_group_id":', unreadable("Expecting value: line 1 column 19 (char 18)")),
    Body("followed by more", OK + b" x", unreadable("Extra data: ")),
    Body("single quotes", b"{'text': 'x'}", unreadable()),
    Body("empty", b"", NOTHING_SENT),
    Body("empty and of no content type", b"", NOTHING_SENT, None),
    Body("empty and of a wrong content type", b"", NOTHING_SENT, "text/plain"),
    Body("white space", b" \n", unreadable()),
    Body("16 MiB and a byte", OK.ljust(LARGEST + 1), TOO_LARGE),
    Body("16 MiB of blanks", OK.ljust(LARGEST), Accepted("x")),
    Body("3 MB of text", text(b'"' + b"x" * 3_000_000 + b'"'), Accepted("x" * 3_000_000)),
    Body("100,000 opening brackets", b"[" * 100_000, unreadable()),
    Body("100,000 nested arrays", b"[" * 100_000 + b"]" * 100_000, unreadable()),
    Body("100,000 nested objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, unreadable()),
    Body("100,000 nested arrays for a text", text(b"[" * 100_000 + b"]" * 100_000), unreadable()),
    Body("900 nested arrays for a text", text(b"[" * 900 + b"]" * 900), Refused(400, ANY)),  # the limit is ours
    Body("100 nested arrays for a text", text(b"[" * 100 + b"]" * 100), wrong(NO_STRING)),
    Body("NaN", text(b"NaN"), unreadable(f"{NOT_COMPLIANT}'NaN'")),
    Body("Infinity", text(b"Infinity"), unreadable(f"{NOT_COMPLIANT}'Infinity'")),
    Body("NaN where nobody looks", b'{"text": "x", "other": [NaN]}', unreadable(f"{NOT_COMPLIANT}'NaN'")),
    Body("1e400", text(b"1e400"), Accepted("inf")),
    Body("1e400 where nobody looks", OK[:-1] + b', "other": -1e400}', Accepted("x")),
    Body("a number of 4,000 digits", text(b"9" * 4000), Accepted("9" * 4000)),
    Body("a number of 5,000 digits", text(b"9" * 5000), unreadable()),
    Body("a number", text(b"1.0"), Accepted("1.0")),
    Body("the same key twice", text(b'"first", "text": "x"'), Accepted("x")),
    Body("NUL, escaped", text(rb'"a\u0000b"'), wrong(NULLS)),
    Body("NUL, as it is", text(b'"a\x00b"'), unreadable("Invalid control character at: ")),
    Body("a lone surrogate", text(rb'"a\ud800b"'), wrong(SURROGATES)),
    Body("a lone surrogate and a NUL", text(rb'"\ud800\u0000"'), wrong(NULLS, SURROGATES)),
    Body("a surrogate pair", text(rb'"\ud83d\ude00"'), Accepted("😀")),
    Body("a lone surrogate in UTF-8", text(b'"\xed\xa0\x80"'), unreadable()),
    Body("a lone surrogate in a name", OK[:-1] + rb', "\udfff": "\udfff"}', Accepted("x")),
    Body("a lone surrogate for a group", rb'{"text": "x", "alert_group_id": "\ud800"}', NO_SUCH_GROUP),
    Body("a NUL for a group", rb'{"text": "x", "alert_group_id": "\u0000"}', NO_SUCH_GROUP),
    Body("an object for a group", b'{"text": "x", "alert_group_id": {"a": [1e400]}}', NO_SUCH_GROUP),
    Body("1e400 for a group", b'{"text": "x", "alert_group_id": 1e400}', NO_SUCH_GROUP),
    Body("a huge number for a group", b'{"text": "x", "alert_group_id": %s}' % (b"9" * 4000), NO_SUCH_GROUP),
    Body("no UTF-8", text(b'"\xff"'), unreadable()),
    Body("a byte order mark", b"\xef\xbb\xbf" + OK, unreadable("Unexpected UTF-8 BOM")),
    Body("UTF-16 without saying so", OK.decode().encode("utf-16"), unreadable()),
    Body("UTF-16", OK.decode().encode("utf-16"), Accepted("x"), f"{JSON}; charset=utf-16"),
    Body("UTF-16 of half a character", OK.decode().encode("utf-16")[:-1], unreadable(), f"{JSON}; charset=utf-16"),
    Body("UTF-7", text(b'"+2D3eAA-"'), Accepted("😀"), f"{JSON}; charset=utf-7"),
    Body("UTF-7 of a lone surrogate", text(b'"+2AA-"'), wrong(SURROGATES), f"{JSON}; charset=utf-7"),
    Body("idna", OK, Accepted("x"), f"{JSON}; charset=idna"),
    Body("3 MB of idna", text(b'"' + b"x" * 3_000_000 + b'"'), Accepted("x" * 3_000_000), f"{JSON}; charset=idna"),
    *(
        Body(f"charset {name}", OK, Accepted("x"), f"{JSON}; charset={name}")
        for name in ("nonsense", "zlib", "hex", "rot13", "punycode", '"utf-8"', "x" * 100_000, "\xff", "../../etc")
    ),
    Body("charset undefined", OK, unreadable(), f"{JSON}; charset=undefined"),
    Body("charset unicode_escape", text(rb'"\d"'), unreadable(), f"{JSON}; charset=unicode_escape"),
    Body("an array", b"[]", no_object("list")),
    Body("an array of objects", b"[%s]" % OK, no_object("list")),
    Body("a string", b'"text"', no_object("str")),
    Body("a number on its own", b"5", no_object("int")),
    Body("a fraction on its own", b"1e400", no_object("float")),
    Body("true", b"true", no_object("bool")),
    Body("null", b"null", wrong("No data provided", field="non_field_errors")),
    Body("null for a text", text(b"null"), wrong("This field may not be null.")),
    Body("blank in every script", text('"\u00a0\u3000\u2028"'.encode()), wrong(BLANK)),
    Body("true for a text", text(b"true"), wrong(NO_STRING)),
    Body("plain text", OK, unsupported("text/plain"), "text/plain"),
    Body("no content type", OK, unsupported(""), None),
    Body("an empty content type", OK, unsupported(""), ""),
    Body("half a content type", OK, unsupported("garbage"), "garbage"),
    Body("a merge patch", OK, unsupported("application/merge-patch+json"), "application/merge-patch+json"),
    Body("a content type in capitals", OK, Accepted("x"), "APPLICATION/JSON ; Charset=UTF-8"),
    Body("a content type of 100 KB", OK, unsupported("a" * 100_000), "a" * 100_000),
    Body("JSON as a form", OK, NOTHING_SENT, FORM),
    Body("a form of garbage", b"%ZZ=%FF&&&=&%", NOTHING_SENT, FORM),
    Body("a form of names alone", b"text&alert_group_id=%s" % GROUP, wrong(BLANK), FORM),
    Body("a form of 5,000 fields", b"&".join([b"a=b"] * 5000), TOO_MANY, FORM),
    Body("a form with a NUL", b"text=a%%00b&alert_group_id=%s" % GROUP, wrong(NULLS), FORM),
    Body("a form of bytes", b"text=%%ED%%A0%%80&alert_group_id=%s" % GROUP, Accepted("���"), FORM),
    Body(
        "multipart without boundary",
        multipart(named(b"text", b"x")),
        unreadable("Invalid boundary in multipart: None", "Multipart form"),
        "multipart/form-data",
    ),
    Body("multipart of JSON", OK, unreadable(form="Multipart form"), MULTIPART),
    Body("multipart cut short", multipart(named(b"text", b"x"))[:-30], NO_TEXT, MULTIPART),
    Body("a file for a text", multipart(named(b"text", b"x", b'; filename="a"')), wrong(NO_STRING), MULTIPART),
    Body("multipart without names", multipart(b"\r\n\r\nx", named(b"", b"x")), NO_TEXT, MULTIPART),
    Body("multipart with a NUL", multipart(named(b"text", b"a\x00b")), wrong(NULLS), MULTIPART),
    Body("multipart of bytes", multipart(named(b"text", b"\xff")), Accepted("�"), MULTIPART),
    Body("multipart of 5,000 fields", multipart(*[named(b"a", b"b")] * 5000), TOO_MANY, MULTIPART),
]  # fmt: skip
bodies = pytest.mark.parametrize("body", BODIES, ids=lambda body: body.name)
writes = pytest.mark.parametrize("method", WRITES)


def headers(body: Body, token: str | None = "meowmeowmeow") -> list[tuple[bytes, bytes]]:
    named = {"authorization": token, "content-type": body.content_type}
    return [(name.encode(), value.encode("latin-1")) for name, value in named.items() if value is not None]


@bodies
@writes
def test_a_write_takes_the_body_or_refuses_it_and_keeps_nothing(
    server: MockServer, transport: InProcess, method: str, body: Body
) -> None:
    before = stored(server)
    received = transport.exchange(method, WRITES[method], headers(body), body.body)
    assert_is_oncalls(received, method)
    outcome = body.outcome(method)
    if isinstance(outcome, Refused):
        assert (received.status, received.json()) == (outcome.status, outcome.answer)
    elif outcome.text is None:
        assert (received.status, received.json()["text"]) == (200, "Demo postmortem text")
    else:
        assert received.status == (201 if method == "POST" else 200)
        assert received.json()["text"] == outcome.text
        assert (
            world(server, "grafana-oncall").tables.postmortems.get(received.json()["id"]).text == outcome.text
        )
        assert stored(server) != before
        return
    assert stored(server) == before


@bodies
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_is_not_there_is_not_found_however_broken_the_body(
    server: MockServer, transport: InProcess, method: str, body: Body
) -> None:
    before = stored(server)
    received = transport.exchange(method, NONE, headers(body), body.body)
    assert_is_oncalls(received)
    assert (received.status, received.json()) == (404, {"detail": "Not found."})
    assert stored(server) == before


@bodies
@writes
def test_a_caller_without_a_token_is_refused_however_broken_the_body(
    server: MockServer, transport: InProcess, method: str, body: Body
) -> None:
    before = stored(server)
    received = transport.exchange(method, WRITES[method], headers(body, token=None), body.body)
    assert_is_oncalls(received)
    assert (received.status, received.json()) == (403, {"detail": "Invalid token."})
    assert stored(server) == before


@bodies
@pytest.mark.parametrize("method, path", [("GET", LIST), ("GET", ONE), ("HEAD", ONE), ("OPTIONS", ONE)])
def test_what_only_reads_never_looks_at_a_body(
    server: MockServer, transport: InProcess, method: str, path: str, body: Body
) -> None:
    before = stored(server)
    received = transport.exchange(method, path, headers(body), body.body)
    assert_is_oncalls(received, method)
    assert received.status == 200
    assert stored(server) == before


@bodies
def test_a_deletion_never_looks_at_a_body(server: MockServer, transport: InProcess, body: Body) -> None:
    received = transport.exchange("DELETE", ONE, headers(body), body.body)
    assert_is_oncalls(received)
    assert received.status == 204
    assert world(server, "grafana-oncall").tables.postmortems.get("P658FE5K87EWZ") is None
