"""A synchronous way to talk to an ASGI application without a socket, down to the bytes of path and headers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.types import ASGIApp

RawHeaders = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Received:
    """An answer as the application gave it to the server; header names are in lower case."""

    status: int
    headers: RawHeaders
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The value of a header that may come once; None if it is not there."""
        values = [value.decode("latin-1") for key, value in self.headers if key == name.lower().encode()]
        assert len(values) < 2, f"{name} comes {len(values)} times"
        return values[0] if values else None


class InProcess(httpx.BaseTransport):
    """A transport for httpx.Client. `exchange` is for requests that httpx would not send."""

    def __init__(self, app: ASGIApp, *, client: tuple[str, int] = ("127.0.0.1", 50000)) -> None:
        self._app = app
        self._client = client
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        received = self.exchange(request.method, request.url.raw_path, request.headers.raw, request.stream)
        return httpx.Response(
            received.status, headers=list(received.headers), stream=httpx.ByteStream(received.body)
        )

    def exchange(
        self,
        method: str,
        target: bytes | str,
        headers: RawHeaders = (),
        body: bytes | Iterable[bytes] = b"",
    ) -> Received:
        """`target` is path and query as they stand in a request line; a body of several chunks comes in several."""
        raw = target.encode("latin-1") if isinstance(target, str) else target
        path, _, query = raw.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path.decode("latin-1")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in headers],
            "client": self._client,
            "server": ("127.0.0.1", 4010),
        }
        chunks = iter([body] if isinstance(body, bytes) else body)
        return self._runner.run(_run(self._app, scope, chunks))

    def close(self) -> None:
        self._runner.close()


async def _run(app: ASGIApp, scope: MutableMapping[str, Any], chunks: Iterator[bytes]) -> Received:
    sent: list[MutableMapping[str, Any]] = []
    upload: Iterator[MutableMapping[str, Any]] = _messages(chunks)

    async def receive() -> MutableMapping[str, Any]:
        message = next(upload, None)
        if message is None:
            await asyncio.Event().wait()  # the client stays on the line
        assert message is not None
        return message

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *rest = sent
    assert start["type"] == "http.response.start"
    assert {message["type"] for message in rest} == {"http.response.body"}
    assert [message.get("more_body", False) for message in rest] == [True] * (len(rest) - 1) + [False]
    received = Received(
        start["status"], list(start["headers"]), b"".join(message.get("body", b"") for message in rest)
    )
    if scope["method"] != "HEAD":
        assert received.header("content-length") in (None, str(len(received.body)))
    return received


def _messages(chunks: Iterator[bytes]) -> Iterator[MutableMapping[str, Any]]:
    for chunk in chunks:
        yield {"type": "http.request", "body": chunk, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}
