"""For httpx: `httpx.Client(transport=DirectTransport(direct))`, and its asynchronous twin."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import anyio
import httpx

from mockserver.server.engine import Reply
from mockserver.transport.direct import Direct
from mockserver.transport.effects import WHOLE, Arrival, arrival, body_of, raw_headers


class DirectTransport(httpx.BaseTransport):
    """`sleep` is what a fault's delay is waited with."""

    def __init__(self, direct: Direct, sleep: Callable[[float], None] = time.sleep) -> None:
        self._direct = direct
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        reply = self._direct.exchange(request.method, request.url.raw_path, request.headers.raw, body)
        coming = WHOLE if reply.effect is None else arrival(reply, request.method, _patience(request))
        if coming.wait:
            self._sleep(coming.wait)
        return _response(request, reply, coming)


class AsyncDirectTransport(httpx.AsyncBaseTransport):
    """`sleep` is what a fault's delay is waited with; it never waits for anything else."""

    def __init__(self, direct: Direct, sleep: Callable[[float], Awaitable[None]] = anyio.sleep) -> None:
        self._direct = direct
        self._sleep = sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        reply = self._direct.exchange(request.method, request.url.raw_path, request.headers.raw, body)
        coming = WHOLE if reply.effect is None else arrival(reply, request.method, _patience(request))
        if coming.wait:
            await self._sleep(coming.wait)
        return _response(request, reply, coming)


class _CutShort(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Half a body, and then what httpx raises when the connection ends too early."""

    def __init__(self, body: bytes) -> None:
        self._half = body[: len(body) // 2]
        self._problem = (
            "peer closed connection without sending complete message body "
            f"(received {len(self._half)} bytes, expected {len(body)})"
        )

    def __iter__(self) -> Iterator[bytes]:
        yield self._half
        raise httpx.RemoteProtocolError(self._problem)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._half
        raise httpx.RemoteProtocolError(self._problem)


def _patience(request: httpx.Request) -> float | None:
    timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
    return timeouts.get("read")


def _response(request: httpx.Request, reply: Reply, coming: Arrival) -> httpx.Response:
    if coming.ending == "timeout":
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    if coming.ending == "reset":
        raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
    body = body_of(reply, request.method)
    return httpx.Response(
        reply.answer.status,
        headers=raw_headers(reply),
        stream=_CutShort(body) if coming.ending == "truncate" else httpx.ByteStream(body),
        extensions={"http_version": b"HTTP/1.1"},
        request=request,
    )
