"""One TCP connection, on either side of the relay: a buffer that grows, and a way to wait for more."""

from __future__ import annotations

import asyncio
import select
import socket
import struct
from collections.abc import Callable
from typing import cast

_ENOUGH = 1024 * 1024


class Connection(asyncio.Protocol):
    def __init__(self, made: Callable[[Connection], None] | None = None) -> None:
        self.buffer = bytearray()
        self.ended = False  # nothing more will come
        self.error: Exception | None = None
        self.idle_since = 0.0
        self._made = made
        self._transport: asyncio.Transport
        self._more: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._full = self._resting = self._lost = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(0)  # so that drained means sent
        if self._made:
            self._made(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self._more is None and len(self.buffer) > _ENOUGH and not self._resting:
            self._transport.pause_reading()
            self._resting = True
        self._wake()

    def eof_received(self) -> bool:
        self.ended = True
        self._wake()
        return self._transport.get_extra_info("sslcontext") is None  # who has said all may still listen

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None and not self.ended:
            # A server that has not read a request to its end, and closes, has often answered before: the answer
            # is still there to be read, though writing fails.
            self.buffer += _unread(self._transport)
        self.error = error
        self.ended = self._lost = True
        self._wake()
        self.resume_writing()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        if self._drained and not self._drained.done():
            self._drained.set_result(None)

    def _wake(self) -> None:
        if self._more and not self._more.done():
            self._more.set_result(None)

    # What the relay calls.

    async def more(self) -> bool:
        """Waits until the buffer has grown. False if it never will."""
        if self.ended:
            return False
        if self._resting:
            self._transport.resume_reading()
            self._resting = False
        before = len(self.buffer)
        self._more = asyncio.get_running_loop().create_future()
        try:
            await self._more
        finally:
            self._more = None
        return len(self.buffer) > before

    def take(self, count: int) -> bytes:
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def write(self, data: bytes) -> None:
        if not self._lost:
            self._transport.write(data)

    async def drain(self) -> None:
        if self._full and not self._lost:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained

    def end(self) -> None:
        """Says that nothing more will be written."""
        if not self._lost and self._transport.can_write_eof():
            self._transport.write_eof()

    @property
    def written(self) -> bool:
        return self._lost or self._transport.get_write_buffer_size() == 0

    @property
    def stale(self) -> bool:
        """Whether an idle connection is no more than a memory: closed by the other side, or with bytes in it that
        nobody asked for."""
        if self.ended or self.buffer or self._transport.is_closing():
            return True
        readable, _, _ = select.select([self._transport.get_extra_info("socket").fileno()], [], [], 0)
        return bool(readable)

    def close(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def reset(self) -> None:
        """Closes so that the other side reads a reset."""
        plain = self._transport.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def _unread(transport: asyncio.Transport) -> bytes:
    """What has come over a plain connection and was not read."""
    if transport.get_extra_info("sslcontext") is not None:
        return b""
    found = bytearray()
    try:
        with socket.fromfd(
            transport.get_extra_info("socket").fileno(), socket.AF_INET, socket.SOCK_STREAM
        ) as copy:
            while part := copy.recv(65536):
                found += part
    except OSError:  # would block, or is reset: that was all
        pass
    return bytes(found)
