"""Server-sent events: each request to the mock, told to whoever listens while it happens."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from mockserver.server.asgi import WIRE
from mockserver.server.journal.entries import Entry
from mockserver.server.journal.journal import Feed
from mockserver.server.journal.showing import without_own_secrets

MOST_LISTENERS = 64
MOST_WAITING = 256
LONGEST_PATH = 500
HEARTBEAT = 15.0
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Listener:
    """What waits to be sent to one listener: the last MOST_WAITING, and how many had to go for them.

    `hear` may be called from any thread; everything else belongs to `loop`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, sandbox: str | None) -> None:
        self._loop = loop
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._dropped = 0
        self._ready = asyncio.Event()
        self._told = False

    def hear(self, entry: Entry) -> None:
        if self._sandbox not in (None, entry.sandbox):
            return
        message = b"event: request\ndata: " + orjson.dumps(summary(entry)) + b"\n\n"
        with self._lock:
            self._waiting.append(message)
            if len(self._waiting) > MOST_WAITING:
                self._waiting.popleft()
                self._dropped += 1
            if self._told:
                return
            self._told = True
        try:
            self._loop.call_soon_threadsafe(self._ready.set)
        except RuntimeError:
            # The loop has ended between two requests of another thread; nobody listens any more.
            self._told = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def wake(self) -> None:
        self._ready.set()

    async def next(self, patience: float) -> bytes:
        """Everything that waits, once there is something; a comment when nothing has come for that long."""
        try:
            async with asyncio.timeout(patience):
                await self._ready.wait()
        except TimeoutError:
            return b": nothing new\n\n"
        self._ready.clear()
        with self._lock:
            messages, dropped = list(self._waiting), self._dropped
            self._waiting.clear()
            self._dropped, self._told = 0, False
        if dropped:
            messages.insert(0, b"event: dropped\ndata: " + orjson.dumps({"count": dropped}) + b"\n\n")
        return b"".join(messages)


class EventStream(Response):
    """Ends when its client goes, or the server does."""

    def __init__(self, feed: Feed, sandbox: str | None, *, heartbeat: float = HEARTBEAT) -> None:
        self._feed = feed
        self._sandbox = sandbox
        self._heartbeat = heartbeat
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        listener = Listener(asyncio.get_running_loop(), self._sandbox)
        gone = asyncio.create_task(_until_gone(receive))
        gone.add_done_callback(lambda _: listener.wake())
        self._feed.listeners.add(listener.hear)
        # It never ends by itself: a shutdown is not to wait for it.
        wire = scope.get(WIRE)
        if wire is not None:
            wire.held = True
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await _send(send, b"retry: 1000\n: listening\n\n")
            while True:
                chunk = await listener.next(self._heartbeat)
                if gone.done():
                    break
                if chunk:
                    await _send(send, chunk)
        finally:
            self._feed.listeners.discard(listener.hear)
            gone.cancel()
            if wire is not None:
                wire.held = False
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def event_routes(feed: Feed) -> list[BaseRoute]:
    async def events(request: Request) -> Response:
        if len(feed.listeners) >= MOST_LISTENERS:
            raise HTTPException(503, f"{MOST_LISTENERS} listen already")
        return EventStream(feed, request.query_params.get("sandbox"))

    return [Route("/events", events)]


def summary(entry: Entry) -> dict[str, Any]:
    """Enough for a list. The query may hold anything, and is left to whoever asks for the entry."""
    return {
        "id": entry.id,
        "sandbox": entry.sandbox,
        "at": entry.at.isoformat(),
        "provider": entry.provider.name,
        "operation": entry.operation.id if entry.operation else None,
        "method": entry.request.method,
        "path": without_own_secrets(entry, entry.request.path)[:LONGEST_PATH],
        "status": entry.answer.status,
        "fault": entry.fault,
        "took_ms": round(entry.took * 1000, 3),
    }


async def _send(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
