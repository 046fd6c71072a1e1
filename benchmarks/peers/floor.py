"""A bare uvloop protocol with fixed bytes: the least that a socket and Python can cost. Arguments: bodies, port."""

from __future__ import annotations

import asyncio
import json
import sys
from http import HTTPStatus
from pathlib import Path
from typing import cast

import uvloop

from benchmarks.peers.fixed import kind_of


class Fixed(asyncio.Protocol):
    """Waits for the whole of a request that may come in pieces, and looks at nothing else in it."""

    answers: dict[str, bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._half = b""

    def data_received(self, data: bytes) -> None:
        request = self._half + data if self._half else data
        end = request.find(b"\r\n\r\n")
        if end < 0 or not _has_body(request, end):
            self._half = request
            return
        self._half = b""
        self._transport.write(self.answers[kind_of(request, request[:120])])


def _has_body(request: bytes, end: int) -> bool:
    if not request.startswith(b"P"):
        return True
    at = request.find(b"content-length: ")
    return len(request) >= end + 4 + int(request[at + 16 : request.find(b"\r\n", at)])


def answer(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Fixed, "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    bodies, port = sys.argv[1:]
    kinds = json.loads(Path(bodies).read_text())
    Fixed.answers = {kind: answer(status, body.encode()) for kind, (status, body) in kinds.items()}
    uvloop.run(serve(int(port)))


if __name__ == "__main__":
    main()
