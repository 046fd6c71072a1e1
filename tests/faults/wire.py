"""One request on the wire, and all that can be done with it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import h11
from starlette.types import ASGIApp, Message

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: what is left is thrown away and the other side told so

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Asked:
    method: str
    target: str  # path and query as they were sent
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Wire:
    """One request with all that a fault may want: the app, and the connection to answer it on, or not to."""

    asked: Asked
    connection: h11.Connection
    writer: asyncio.StreamWriter
    app: ASGIApp
    die: Callable[[], None]

    async def served(self) -> Answered:
        """What the app answers; it has done what was asked."""
        return await ask(self.app, self.asked)

    def bytes_of(self, answered: Answered) -> bytes:
        headers = [
            pair for pair in answered.headers if pair[0].lower() not in (b"content-length", b"connection")
        ]
        headers.append((b"content-length", b"%d" % len(answered.body)))
        if answered.status == 204:
            headers.pop()
        events: list[h11.Event] = [h11.Response(status_code=answered.status, headers=headers, reason=b"Said")]
        if answered.body and self.asked.method != "HEAD":
            events.append(h11.Data(data=answered.body))
        return b"".join(self.connection.send(event) or b"" for event in [*events, h11.EndOfMessage()])

    async def answer(self, answered: Answered) -> None:
        self.writer.write(self.bytes_of(answered))
        await self.writer.drain()


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection so that the other side meets an error, not an end."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


async def read(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Asked | None:
    """The next request of a connection; None if there is none."""
    request, body = None, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return Asked(
                request.method.decode(), request.target.decode("latin-1"), list(request.headers), bytes(body)
            )
        else:
            return None


async def ask(app: ASGIApp, asked: Asked) -> Answered:
    path, _, query = asked.target.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": asked.headers,
        "client": None,
        "server": ("127.0.0.1", 80),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answered(sent[0]["status"], list(sent[0]["headers"]), body)
