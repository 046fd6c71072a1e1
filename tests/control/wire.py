"""Requests written by hand, byte for byte, to a server behind a socket."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from tests.live import PATIENCE, LiveServer


def send_raw(address: tuple[str, int], data: bytes) -> bytes:
    """Everything that comes back, to the end of the connection."""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(data)
        return b"".join(iter(lambda: connection.recv(65536), b""))


CLOSE = b"\r\nConnection: close\r\n\r\n"


def sent(
    live: LiveServer, line: str, *headers: str, end: bytes = CLOSE, body: bytes | Iterable[bytes] = b""
) -> bytes:
    """Everything that comes back, to the end of the connection; an upload ends where the server has enough of it."""
    head = "\r\n".join([line, *headers]).encode("latin-1")
    with socket.create_connection(live.address, timeout=PATIENCE) as connection:
        try:
            connection.sendall(head + end)
            for piece in [body] if isinstance(body, bytes) else body:
                connection.sendall(piece)
        except ConnectionError:
            pass
        try:
            return b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionError:
            return b""


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0
