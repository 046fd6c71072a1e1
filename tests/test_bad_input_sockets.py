"""Requests written by hand, byte for byte, to a server behind a socket.

What is a request at all gets the vendor's answer. What is none never reaches the vendor's application: the HTTP server
in front of it refuses it in one line of plain text, as the vendor's own would.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

from tests.inprocess import InProcess, Received
from tests.invariants import (
    DOCUMENT,
    IMPORT,
    LIST,
    NO_SUCH_PAGE,
    ONE,
    POSTMORTEM,
    assert_is_incident_ios,
    assert_is_oncalls,
    short,
    stored,
)
from tests.live import PATIENCE, LiveServer

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def head(line: str, *headers: str, close: bool = True) -> bytes:
    """The head of a request, of which the caller has the right."""
    key = "Bearer inc-test-key" if IMPORT in line else "meowmeowmeow"
    common = ["Host: mock", f"Authorization: {key}", *(["Connection: close"] if close else [])]
    return "\r\n".join([line, *common, *headers, "", ""]).encode("latin-1")


def chunked(body: bytes, size: int, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = [b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces]
    return b"".join([*chunks, b"0\r\n", trailers, b"\r\n"])


def talk(live: LiveServer, *sent: bytes) -> bytes:
    """Everything that comes back until the server closes the connection, which these requests ask for."""
    with socket.create_connection(live.address, timeout=PATIENCE) as connection:
        for part in sent:
            connection.sendall(part)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def answers(raw: bytes, *methods: str) -> list[Received]:
    """The answers in a stream, to requests with these methods; HEAD has none of the body that it announces."""
    found = []
    for method in methods:
        head, _, raw = raw.partition(b"\r\n\r\n")
        line, *fields = head.split(b"\r\n")
        pairs = [(name.lower(), value) for name, _, value in (field.partition(b": ") for field in fields)]
        received = Received(int(line.split(b" ")[1]), pairs, b"")
        length = 0 if method == "HEAD" else int(received.header("content-length") or 0)
        found.append(Received(received.status, pairs, raw[:length]))
        raw = raw[length:]
    assert raw == b""
    return found


def test_a_body_in_chunks_is_read_like_any_other(live_server: LiveServer) -> None:
    """A defect of the real OnCall takes it as empty; what it means is the same as for any other body."""
    for size, extension in [(1, b""), (7, b";x=y"), (10_000, b"")]:
        body = chunked(POSTMORTEM, size, extension)
        request = head(
            f"POST {LIST} HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked"
        )
        (created,) = answers(talk(live_server, request, body), "POST")
        assert_is_oncalls(created)
        assert (created.status, created.json()["text"]) == (201, "x")
        body = chunked(DOCUMENT, size, extension)
        request = head(
            f"POST {IMPORT} HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked"
        )
        (imported,) = answers(talk(live_server, request, body), "POST")
        assert_is_incident_ios(imported)
        assert (imported.status, imported.json()["postmortem_document"]["title"]) == (201, "x")


def test_chunks_may_end_in_trailers(live_server: LiveServer) -> None:
    request = head(f"POST {LIST} HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked")
    (created,) = answers(talk(live_server, request, chunked(POSTMORTEM, 9, trailers=b"X-Sum: 1\r\n")), "POST")
    assert_is_oncalls(created)
    assert created.status == 201


def test_16_mib_in_chunks_are_as_much_too_large(live_server: LiveServer) -> None:
    before = stored(live_server.mock)
    body = chunked(POSTMORTEM.ljust(16 * 1024 * 1024 + 1), 1024 * 1024)
    for path, check in [(LIST, assert_is_oncalls), (IMPORT, assert_is_incident_ios)]:
        request = head(
            f"POST {path} HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked"
        )
        (refused,) = answers(talk(live_server, request, body), "POST")
        check(refused)
        assert refused.status == 413
    assert stored(live_server.mock) == before


@pytest.mark.parametrize("path", [LIST, ONE, IMPORT])
def test_a_body_without_an_end_is_not_read_for_ever(transport: InProcess, path: str) -> None:
    chunks = iter([POSTMORTEM, *[b" " * 1024 * 1024] * 100])
    headers = [(b"authorization", b"Bearer inc-test-key" if path == IMPORT else b"meowmeowmeow")]
    method = "PUT" if path == ONE else "POST"
    received = transport.exchange(method, path, [*headers, (b"content-type", b"application/json")], chunks)
    assert received.status == 413
    assert len(list(chunks)) > 80


@pytest.mark.parametrize("path, body", [(LIST, POSTMORTEM), (IMPORT, DOCUMENT)], ids=short)
def test_a_client_that_waits_for_100_continue_is_told_to(
    live_server: LiveServer, path: str, body: bytes
) -> None:
    request = head(
        f"POST {path} HTTP/1.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Expect: 100-continue",
    )
    with socket.create_connection(live_server.address, timeout=PATIENCE) as connection:
        connection.sendall(request)
        told = b""
        while len(told) < len(CONTINUE):
            told += connection.recv(len(CONTINUE) - len(told))
        assert told == CONTINUE
        connection.sendall(body)
        (created,) = answers(b"".join(iter(lambda: connection.recv(65536), b"")), "POST")
    assert created.status == 201


@pytest.mark.parametrize("path, body", [(LIST, POSTMORTEM), (IMPORT, DOCUMENT)], ids=short)
@pytest.mark.parametrize("framing", ["Content-Length: 9999", "Transfer-Encoding: chunked"])
def test_a_client_that_leaves_early_leaves_nothing_behind(
    live_server: LiveServer, path: str, body: bytes, framing: str
) -> None:
    """The body is whole as JSON, but its end never came."""
    before = stored(live_server.mock)
    part = body if "Length" in framing else b"%x\r\n%s\r\n" % (len(body), body)
    with socket.create_connection(live_server.address, timeout=PATIENCE) as connection:
        connection.sendall(head(f"POST {path} HTTP/1.1", "Content-Type: application/json", framing) + part)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65536) == b""
    assert answers(talk(live_server, head(f"GET {ONE} HTTP/1.1")), "GET")[0].status == 200
    assert stored(live_server.mock) == before


def test_a_content_length_that_is_too_short_cuts_the_body_short(live_server: LiveServer) -> None:
    before = stored(live_server.mock)
    request = head(f"POST {LIST} HTTP/1.1", "Content-Type: application/json", "Content-Length: 20")
    (refused,) = answers(talk(live_server, request + POSTMORTEM[:20]), "POST")
    assert_is_oncalls(refused)
    assert refused.status == 400
    assert stored(live_server.mock) == before


def test_100_kb_of_headers_are_read(live_server: LiveServer) -> None:
    many = [f"X-{number}: {'x' * 90}" for number in range(1000)]
    for headers in (many, [f"X-Long: {'x' * 100_000}"]):
        (received,) = answers(talk(live_server, head(f"GET {ONE} HTTP/1.1", *headers)), "GET")
        assert_is_oncalls(received)
        assert (received.status, received.json()["id"]) == (200, "P658FE5K87EWZ")


def test_http_1_0_is_answered_and_the_connection_closed(live_server: LiveServer) -> None:
    raw = talk(live_server, f"GET {ONE} HTTP/1.0\r\nAuthorization: meowmeowmeow\r\n\r\n".encode())
    (received,) = answers(raw, "GET")
    assert_is_oncalls(received)
    assert received.json()["id"] == "P658FE5K87EWZ"


def test_pipelined_requests_are_answered_in_their_order(live_server: LiveServer) -> None:
    length = f"Content-Length: {len(DOCUMENT)}"
    stream = [
        head(f"GET {ONE} HTTP/1.1", close=False),
        head(f"POST {IMPORT} HTTP/1.1", "Content-Type: application/json", length, close=False) + DOCUMENT,
        head(f"HEAD {ONE} HTTP/1.1", close=False),
        head(f"DELETE {ONE} HTTP/1.1", close=False),
        head("GET /api/nothing HTTP/1.1", close=False),
        head(f"GET {ONE} HTTP/1.1"),
    ]
    raw = talk(live_server, b"".join(stream))
    found = answers(raw, "GET", "POST", "HEAD", "DELETE", "GET", "GET")
    assert [received.status for received in found] == [200, 201, 200, 204, 404, 404]
    for received, method in [(found[0], "GET"), (found[2], "HEAD"), (found[3], "DELETE"), (found[4], "GET")]:
        assert_is_oncalls(received, method)
    assert_is_incident_ios(found[1])
    assert found[4].body == NO_SUCH_PAGE
    assert found[5].json() == {"detail": "Not found."}


@pytest.mark.parametrize(
    "target, status",
    [(LIST, 200), (ONE, 200), (f"{ONE}x/", 404), ("/api/v1/postmortems/X/", 404), (IMPORT, 404)],
)
def test_head_puts_no_body_on_the_wire(live_server: LiveServer, target: str, status: int) -> None:
    (headers,) = answers(talk(live_server, head(f"HEAD {target} HTTP/1.1")), "HEAD")
    (whole,) = answers(talk(live_server, head(f"GET {target} HTTP/1.1")), "GET")
    assert headers.status == whole.status == status
    assert headers.header("content-length") == whole.header("content-length") == str(len(whole.body))


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
def test_no_other_protocol_is_spoken(live_server: LiveServer, upgrade: str) -> None:
    request = f"GET {ONE} HTTP/1.1\r\nHost: mock\r\nAuthorization: meowmeowmeow\r\n"
    request += f"Connection: Upgrade, close\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    (received,) = answers(talk(live_server, request.encode()), "GET")
    assert_is_oncalls(received)
    assert received.json()["id"] == "P658FE5K87EWZ"


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
@pytest.mark.parametrize("framing", [f"Content-Length: {len(POSTMORTEM)}", "Transfer-Encoding: chunked"])
def test_a_body_that_comes_with_an_offer_of_another_protocol_is_read(
    live_server: LiveServer, upgrade: str, framing: str
) -> None:
    """RFC 9110, 7.8: who ignores the offer reads the request. Java's own client makes it with every request."""
    offer = ["Content-Type: application/json", framing, "Connection: Upgrade", f"Upgrade: {upgrade}"]
    body = POSTMORTEM if "Length" in framing else chunked(POSTMORTEM, 9, trailers=b"X-Sum: 1\r\n")
    stream = [head(f"POST {LIST} HTTP/1.1", *offer, close=False), body, head(f"GET {ONE} HTTP/1.1")]
    for sent in (stream, [b"".join(stream)]):
        created, got = answers(talk(live_server, *sent), "POST", "GET")
        assert_is_oncalls(created)
        assert (created.status, created.json().get("text")) == (201, "x")
        assert (got.status, got.json()["id"]) == (200, "P658FE5K87EWZ")


def test_an_absolute_target_is_its_path(live_server: LiveServer) -> None:
    (received,) = answers(talk(live_server, head(f"GET http://vendor.invalid{ONE} HTTP/1.1")), "GET")
    assert_is_oncalls(received)
    assert received.status == 200


def padded(line: str) -> bytes:
    return head(line, "Content-Type: application/json", f"Content-Length: {len(POSTMORTEM)}") + POSTMORTEM


NO_HTTP: list[tuple[str, Callable[[], bytes]]] = [
    ("no colon", lambda: head(f"GET {LIST} HTTP/1.1", "X-Header without a colon")),
    ("a space before the colon", lambda: head(f"GET {LIST} HTTP/1.1", "X-Header : x")),
    ("a NUL in a header", lambda: head(f"GET {LIST} HTTP/1.1", "X-Header: \0")),
    ("a path of bytes", lambda: padded("POST /api/v1/postmortems/\xff/ HTTP/1.1")),
    ("a path with a space", lambda: padded(f"POST {LIST} x HTTP/1.1")),
    ("a target that is no path", lambda: padded("POST nonsense HTTP/1.1")),
    ("a target over 64 KB", lambda: head(f"GET {LIST}?{'x' * 70_000} HTTP/1.1")),
    ("a target that is an authority", lambda: head("CONNECT vendor.invalid:443 HTTP/1.1")),
    ("a header on two lines", lambda: head(f"GET {LIST} HTTP/1.1", "X-Header: x\r\n y")),
    ("the preface of HTTP/2", lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("another version", lambda: padded(f"POST {LIST} HTTP/9.9")),
    ("no HTTP at all", lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 100 + b"\r\n\r\n"),
    (
        "a negative length",
        lambda: head(f"POST {LIST} HTTP/1.1", "Content-Type: application/json", "Content-Length: -5") + POSTMORTEM,
    ),
    (
        "two lengths",
        lambda: head(f"POST {LIST} HTTP/1.1", f"Content-Length: {len(POSTMORTEM)}", "Content-Length: 3") + POSTMORTEM,
    ),
    (
        "a length and chunks",
        lambda: head(f"POST {LIST} HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize("request_bytes", [make for _, make in NO_HTTP], ids=[name for name, _ in NO_HTTP])
def test_what_is_no_http_is_refused_by_the_server_itself(
    live_server: LiveServer, request_bytes: Callable[[], bytes]
) -> None:
    before = stored(live_server.mock)
    (refused,) = answers(talk(live_server, request_bytes()), "GET")
    assert refused.status == 400
    assert refused.header("content-type") == "text/plain; charset=utf-8"
    assert refused.body == b"Invalid HTTP request received."
    assert stored(live_server.mock) == before


def test_chunks_that_are_none_are_refused(live_server: LiveServer) -> None:
    before = stored(live_server.mock)
    request = head(f"POST {LIST} HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked")
    (refused,) = answers(talk(live_server, request + b"nonsense\r\n" + json.dumps({}).encode()), "POST")
    assert refused.status == 400
    assert stored(live_server.mock) == before


@pytest.mark.parametrize("method", ["FOO", "get", "X-CUSTOM", "0"])
def test_a_method_that_nobody_has_heard_of_reaches_the_vendor(live_server: LiveServer, method: str) -> None:
    """And the connection goes on after it."""
    token = "Authorization: meowmeowmeow\r\n"
    odd = f"{method} {ONE} HTTP/1.1\r\nHost: mock\r\n{token}Content-Length: 2\r\n\r\n{{}}"
    after = f"GET {ONE} HTTP/1.1\r\nHost: mock\r\n{token}Connection: close\r\n\r\n"
    refused, answered = answers(talk(live_server, (odd + after).encode()), "POST", "GET")
    assert (refused.status, refused.json()) == (405, {"detail": f'Method "{method}" not allowed.'})
    assert answered.status == 200
