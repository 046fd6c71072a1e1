"""More than anybody means: too large, too many, too slow, without end."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse

from mockserver.server.control.app import _in_json
from mockserver.server.control.documented import Documented
from mockserver.server.protocol import LARGEST_HEAD
from tests.conftest import MakeServer
from tests.control.test_document import DOCUMENT, OPERATIONS, READING_BODIES, address, each
from tests.control.wire import sent, status
from tests.inprocess import InProcess
from tests.live import PATIENCE, LiveServer

HERE = [(b"host", b"localhost")]
JSON = (b"content-type", b"application/json")
PIECE = 64 * 1024


def largest(operation: Mapping[str, Any]) -> int:
    size = operation.get("requestBody", {}).get("x-largest-body", PIECE)
    assert isinstance(size, int)
    return size


@each(OPERATIONS)
def test_a_length_that_is_too_large_is_refused_before_anything_is_read(
    transport: InProcess, path: str, method: str, operation: Mapping[str, Any]
) -> None:
    chunks = iter([b" " * PIECE] * 3)
    for length in (str(largest(operation) + 1), "9" * 19, "9" * 5_000):
        headers = [*HERE, JSON, (b"content-length", length.encode())]
        refused = transport.exchange(method.upper(), address(path), headers, chunks)
        assert refused.status == 413
        assert list(refused.json()) == ["error"]
    assert len(list(chunks)) == 3


@each(READING_BODIES)
def test_an_upload_without_an_end_is_read_no_further_than_allowed(
    transport: InProcess, path: str, method: str, operation: Mapping[str, Any]
) -> None:
    allowed = largest(operation) // PIECE
    chunks = iter([b" " * PIECE] * (allowed + 10))
    headers = [*HERE, JSON, (b"transfer-encoding", b"chunked")]
    refused = transport.exchange(method.upper(), address(path), headers, chunks)
    assert (refused.status, list(refused.json())) == (413, ["error"])
    assert len(list(chunks)) >= 8


def test_what_reads_no_body_leaves_it_alone(transport: InProcess) -> None:
    chunks = iter([b" " * PIECE] * 10)
    assert (
        transport.exchange("POST", "/_mock/reset", [*HERE, (b"transfer-encoding", b"chunked")], chunks).status
        == 204
    )
    assert len(list(chunks)) == 10


def test_an_upload_that_takes_too_long_is_given_up() -> None:
    answers: list[Any] = []

    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        try:
            await request.body()
        except Exception as error:  # noqa: BLE001 - as Starlette does it
            await (await _in_json(request, error))(scope, receive, send)
        else:
            await JSONResponse({})(scope, receive, send)

    async def trickle() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        answers.append(message)

    app = Documented(endpoint, DOCUMENT, prefix="/_mock", patience=0.01)
    scope = {"type": "http", "method": "POST", "path": "/_mock/faults", "query_string": b"", "headers": []}
    asyncio.run(app(scope, trickle, send))
    assert answers[0]["status"] == 408
    assert list(json.loads(answers[1]["body"])) == ["error"]


def test_who_waits_for_news_may_wait_for_as_long_as_he_likes() -> None:
    """Once the body is there, what is received is the end of the connection."""
    received: list[Any] = []
    waiting = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        received.append(await receive())
        received.append(await asyncio.wait_for(receive(), 30))

    async def receive() -> Any:
        for message in waiting:
            return message
        for _ in range(50):
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    app = Documented(endpoint, DOCUMENT, prefix="/_mock", patience=0)
    scope = {"type": "http", "method": "GET", "path": "/_mock/events", "query_string": b"", "headers": []}

    async def send(message: Any) -> None: ...

    asyncio.run(app(scope, receive, send))
    assert [message["type"] for message in received] == ["http.request", "http.disconnect"]


def endless(piece: bytes) -> Iterator[bytes]:
    """Far more than a head may hold, and than sockets hold on the way."""
    for _ in range(256 * LARGEST_HEAD // len(piece)):
        yield piece


CHUNKED = "POST /v2/incidents HTTP/1.1\r\nTransfer-Encoding: chunked"


@pytest.mark.parametrize(
    "line, piece",
    [
        ("GET /_mock/health HTTP/1.1\r\n", b"X-Many: of them\r\n" * 1000),
        ("GET /_mock/health HTTP/1.1\r\nX-One: ", b"x" * 16_000),
        ("GET /api/v1/postmortems/ HTTP/1.1\r\nX-One: ", b"x" * 16_000),
        (f"{CHUNKED}\r\n\r\n0\r\nX: ", b"x" * 16_000),
        (f"{CHUNKED}\r\n\r\n0\r\nX: x", b"X-Many: of them\r\n" * 1000),
        (f"{CHUNKED}\r\n\r\n1;", b"x" * 16_000),
    ],
)
def test_a_head_or_a_trailer_without_an_end_is_not_kept(
    live_server: LiveServer, line: str, piece: bytes
) -> None:
    taken = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for part in endless(piece):
            yield part
            taken += len(part)

    answer = sent(live_server, line, end=b"", body=counted())
    assert status(answer) in (0, 431)  # 0: the connection was gone before the answer was looked at
    assert taken < 128 * LARGEST_HEAD
    assert httpx.get(f"{live_server.base_url}/_mock/health").status_code == 200


GET = "GET /_mock/health HTTP/1.1"


@pytest.mark.parametrize(
    "line, after",
    [
        (f"{GET}\r\nHost: localhost\r\n\r\nnonsense", b""),
        (f"{GET}\r\nHost: localhost\r\n\r\nX-Name: x", b""),
        (f"{GET}\r\nHost: localhost\r\n\r\nODD /_mock/health HTTP/1.1", b""),
        ("ODD /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\nODD /_mock/health HTTP/1.1", b""),
        (
            "POST /_mock/reset HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"X-Many: of them\r\n" * 20,
        ),
    ],
)
def test_nonsense_after_a_request_is_refused_once_and_for_all(
    live_server: LiveServer, line: str, after: bytes
) -> None:
    """It once sent the server round in circles: the request before it was read again, and again."""
    answer = sent(live_server, line, body=after)
    # Where there is more to come, the connection may be gone before the answer is looked at.
    gone = bool(after) and not answer
    assert answer.count(b"HTTP/1.1 400 ") == 1 or gone
    assert answer.count(b"HTTP/1.1 ") <= 2
    assert httpx.get(f"{live_server.base_url}/_mock/health").status_code == 200


def test_a_body_is_not_read_as_a_request_for_what_comes_after_it(live_server: LiveServer) -> None:
    """The body arrives on its own, in the form of a request, with nonsense behind it."""
    before = len(httpx.get(f"{live_server.base_url}/_mock/sandboxes").json())
    inner = b"POST /_mock/sandboxes/smuggled/reset HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = f"POST /v2/incidents HTTP/1.1\r\nContent-Length: {len(inner)}"
    with socket.create_connection(live_server.address, timeout=PATIENCE) as connection:
        connection.sendall(head.encode() + b"\r\nExpect: 100-continue\r\n\r\n")
        connection.recv(65536)
        connection.sendall(inner + b"nonsense\r\n\r\n")
        while connection.recv(65536):
            pass
    assert len(httpx.get(f"{live_server.base_url}/_mock/sandboxes").json()) == before


def test_a_large_body_is_no_large_head(live_server: LiveServer) -> None:
    body = json.dumps({"alert_group_id": "I68T24C13IFW1", "text": "x" * 8 * LARGEST_HEAD})
    headers = {"Authorization": "meowmeowmeow", "Content-Type": "application/json"}
    made = httpx.post(f"{live_server.base_url}/api/v1/postmortems/", headers=headers, content=body)
    assert made.status_code == 201


@each(OPERATIONS)
def test_names_and_queries_as_long_as_a_target_may_be_are_refused_briefly(
    client: httpx.Client, path: str, method: str, operation: Mapping[str, Any]
) -> None:
    long = "x" * 60_000
    if "{" in path:
        names = (
            "document",
            "file",
            "entry",
            "request",
            "fault",
            "profile",
            "snapshot",
            "name",
            "target",
            "delivery",
        )
        body = {"enabled": True} if method == "patch" else None
        answer = client.request(method, address(path, **dict.fromkeys(names, long)), json=body)
        assert answer.status_code in (400, 404)
        assert len(answer.content) < 1_000
    for query in (f"{long}=1", "&".join(f"x{number}=1" for number in range(8_000)), "limit=" + "9" * 50_000):
        refused = client.request(method, f"{address(path)}?{query}")
        assert refused.status_code == 400
        assert len(refused.content) < 1_000


ODD_NAMES = [
    "%00",
    "a%00b",
    "%0a",
    "a%0a",
    "%ed%a0%80",
    "%ff",
    "%c0%af",
    "..",
    "%2e%2e",
    "%2e%2e%2fx",
    "..%5cx",
    "~",
    "%1b%5b2J",
    "a%20b",
    "%e2%80%ae",
    "-x",
    ".x",
    "'",
    "<script>",
    "%25%30%30",
    "C:%5cx",
    "%ef%bc%8e%ef%bc%8e",
]


@each(case for case in OPERATIONS if "{" in case[0])
@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_that_plays_tricks_names_nothing(
    transport: InProcess, path: str, method: str, operation: Mapping[str, Any], name: str
) -> None:
    names = (
        "document",
        "file",
        "entry",
        "request",
        "fault",
        "profile",
        "snapshot",
        "name",
        "target",
        "delivery",
    )
    target = address(path, **dict.fromkeys(names, name))
    body = (JSON, b'{"enabled": true}') if "requestBody" in operation else None
    answer = transport.exchange(
        method.upper(), target, [*HERE, *([body[0]] if body else [])], body[1] if body else b""
    )
    assert answer.status in (400, 404), answer.body
    assert list(answer.json()) == ["error"]


def test_sandboxes_are_bounded_and_so_are_their_names(make_server: MakeServer) -> None:
    server = make_server(max_sandboxes=5)
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        for number in range(20):
            assert client.post(f"/_mock/sandboxes/s{number}/reset").status_code == 204
        assert len(client.get("/_mock/sandboxes").json()) == 5
        for name in ("x" * 65, "-x", "a b", "ä"):
            assert client.post("/_mock/reset", headers={b"X-Mock-Sandbox": name.encode()}).status_code == 400


def test_targets_of_webhooks_are_bounded(client: httpx.Client) -> None:
    target = {"url": "http://127.0.0.1:9/"}
    statuses = [client.post("/_mock/webhooks/targets", json=target).status_code for _ in range(102)]
    assert (statuses.count(201), statuses[-2:]) == (100, [409, 409])


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://127.0.0.1:65536/"},
        {"url": "http://127.0.0.1:x/"},
        {"url": "http://127.0.0.1:-1/"},
        {"url": "http://127.0.0.1/\nforged"},
        {"url": "http://127.0.0.1/\0"},
        {"url": "http://user:secret@127.0.0.1/"},
        {"url": "http://127.0.0.1@evil.test/"},
        {"url": "http://evil.test#@127.0.0.1/"},
        {"url": "http://evil.test\\@127.0.0.1/"},
        {"url": "http://2130706433/"},
        {"url": "http://0.0.0.0/"},
        {"url": "http://[::]/"},
        {"url": "http://[::ffff:10.0.0.7]/"},
        {"url": "http://127.0.0.1.evil.test/"},
        {"url": "file:///etc/passwd"},
        {"url": "gopher://127.0.0.1/"},
        {"url": "//127.0.0.1/"},
        {"url": "http:127.0.0.1"},
        {"url": "http://[127.0.0.1"},
        {"url": "http://127.0.0.1/" + "x" * 2_000},
        {"url": ""},
        {"url": None},
        {"url": "http://127.0.0.1/", "events": ["x" * 201]},
        {"url": "http://127.0.0.1/", "events": ["x"] * 101},
        {"url": "http://127.0.0.1/", "secret": "x" * 1_001},
        {"url": "http://127.0.0.1/", "secret": "whsec_"},
        {"url": "http://127.0.0.1/", "secret": "ä"},
    ],
)
def test_a_target_that_leads_elsewhere_or_nowhere_is_refused(
    client: httpx.Client, body: Mapping[str, Any]
) -> None:
    refused = client.post("/_mock/webhooks/targets", json=body)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    assert len(refused.content) < 1_000
    assert client.get("/_mock/webhooks").json()["targets"] == []
