"""What holds for every answer, however odd the request: no 5xx, not a word about the inside, the vendor's form."""

from __future__ import annotations

import json
import re
from typing import Any

from mockserver.server.app import MockServer
from tests.inprocess import InProcess, Received

LIST = "/api/v1/postmortems/"
ONE = "/api/v1/postmortems/P658FE5K87EWZ/"
IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"
NOTE = "/api/v1/resolution_notes/M4BTQUS3PRHYQ/"
GROUP = "/api/v1/alert_groups/I68T24C13IFW1/"
OPERATIONS = [
    *[(method, LIST) for method in ("GET", "HEAD", "POST", "OPTIONS")],
    *[(method, ONE) for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")],
    *[(method, "/api/v1/postmortem_messages/") for method in ("GET", "POST")],
    *[(method, NOTE) for method in ("GET", "PUT", "PATCH", "DELETE")],
    *[("GET", path) for path in ("/api/v1/alert_groups/", "/api/v1/users/", "/api/v1/users/current/")],
    *[(method, GROUP) for method in ("GET", "HEAD", "DELETE", "OPTIONS")],
]
TOKEN = (b"authorization", b"meowmeowmeow")
KEY = (b"authorization", b"Bearer inc-test-key")
JSON = (b"content-type", b"application/json")
POSTMORTEM = b'{"alert_group_id": "I68T24C13IFW1", "text": "x"}'
DOCUMENT = b'{"title": "x", "content": "y"}'
ONCALL_HEADERS = {
    "x-frame-options": "DENY",
    "vary": "Origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
NO_SUCH_PAGE = (
    b'\n<!doctype html>\n<html lang="en">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n'
    b"  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>\n</body>\n</html>\n"
)
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "resource_forbidden",
    404: "not_found",
    413: "payload_too_large",
    422: "validation_error",
    429: "too_many_requests",
}
INSIDE = re.compile(rb'Traceback|File "|\.py\b|site-packages|mockserver|line \d+, in |0x[0-9a-f]{8}')


class Text:
    """Equal to every string that begins with `start`."""

    def __init__(self, start: str = "") -> None:
        self.start = start

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other.startswith(self.start) and other != ""

    def __hash__(self) -> int:
        return hash(self.start)

    def __repr__(self) -> str:
        return f"Text({self.start!r})"


def stored(server: MockServer) -> dict[str, Any]:
    """Everything that the server's default sandbox holds."""
    worlds: dict[str, Any] = dict(server.sandboxes.default.worlds)
    return {name: world.store.snapshot() for name, world in worlds.items()}


def world(server: MockServer, provider: str) -> Any:
    return server.sandboxes.default.worlds[provider]


def assert_is_oncalls(received: Received, method: str = "GET") -> None:
    """JSON with the vendor's headers, or its HTML page for paths that are nobody's, or nothing at all."""
    assert_is_harmless(received)
    for name, value in ONCALL_HEADERS.items():
        assert received.header(name) == value, name
    assert received.header("www-authenticate") is None
    content_type = received.header("content-type")
    if content_type == "text/html; charset=utf-8":
        assert received.status == 404
        assert received.header("allow") is None
        assert received.body == (b"" if method == "HEAD" else NO_SUCH_PAGE)
        return
    assert received.header("allow")
    if received.status == 204:
        assert (content_type, received.body) == (None, b"")
        return
    assert content_type == "application/json"
    if method == "HEAD":
        assert received.body == b""
        return
    answer = received.json()
    assert isinstance(answer, dict)
    if received.status >= 400:
        assert answer
        assert answer == {"detail": Text()} or {"alert_group_id", "text", "non_field_errors"} >= answer.keys()
        for words in answer.values():
            assert isinstance(words, str) or (words and all(word == Text() for word in words))


def assert_is_incident_ios(received: Received) -> None:
    """JSON, errors in the vendor's envelope, or the empty 404 of whatever is no route."""
    assert_is_harmless(received)
    if received.status == 404 and not received.body:
        assert received.headers == [(b"content-length", b"0")]
        return
    assert received.header("content-type") == "application/json"
    answer = received.json()
    if received.status < 400:
        assert answer.keys() == {"postmortem_document"}
        return
    assert list(answer) == ["type", "status", "request_id", "errors"]
    assert (answer["type"], answer["status"]) == (TYPES[received.status], received.status)
    assert re.fullmatch("[A-Za-z0-9_-]{8}", answer["request_id"])
    assert answer["errors"]
    for error in answer["errors"]:
        assert (error["code"], error["message"]) == (Text(), Text())
        assert error.keys() <= {"code", "message", "source", "metadata"}
        assert "source" not in error or error["source"].keys() == {"field", "pointer"}


def assert_is_harmless(received: Received) -> None:
    assert 200 <= received.status < 500
    assert not INSIDE.search(received.body), received.body[:1000]
    for name, value in received.headers:
        assert name == name.lower()
        assert not re.search(rb"[\r\n\0]", value)


def ask_oncall(
    transport: InProcess, method: str, target: str | bytes, *headers: tuple[bytes, bytes]
) -> tuple[int, Any]:
    """Sends a good body with these headers; status and answer, the JSON of an answer that has some, else its bytes."""
    received = transport.exchange(method, target, [JSON, *headers], POSTMORTEM)
    assert_is_oncalls(received, method)
    return received.status, _read(received)


def ask_incident_io(
    transport: InProcess, method: str, target: str | bytes, *headers: tuple[bytes, bytes]
) -> tuple[int, Any]:
    received = transport.exchange(method, target, [JSON, *headers], DOCUMENT)
    assert_is_incident_ios(received)
    return received.status, _read(received)


def _read(received: Received) -> Any:
    is_json = received.header("content-type") == "application/json" and received.body
    return received.json() if is_json else received.body


def json_of(value: object) -> bytes:
    return json.dumps(value).encode()


def short(value: object) -> str:
    """A name for a parameter of a test."""
    return ascii(value)[:40]
