"""The workers of one server ask each other over sockets in a folder."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from pathlib import Path

from mockserver.server.shared.peers import Reply

# In seconds, for one question.
PATIENCE = 2.0
LENGTH = struct.Struct(">Q")


class UnixPeers:
    """`seat` is this worker's number."""

    def __init__(self, folder: Path, seat: int) -> None:
        self._folder = folder
        self._own = folder / f"{seat}.sock"
        self._server: asyncio.Server | None = None

    async def start(self, reply: Reply) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                async with asyncio.timeout(PATIENCE):
                    _write(writer, reply(await _read(reader)))
                    await writer.drain()
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                # Whoever asked is gone.
                return
            finally:
                writer.close()

        # One that has died may have left its socket behind.
        self._own.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(answer, self._own)

    async def ask(self, question: bytes) -> Sequence[bytes]:
        others = [path for path in self._folder.glob("*.sock") if path != self._own]
        answers = await asyncio.gather(*(_ask(path, question) for path in others))
        return [answer for answer in answers if answer is not None]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._own.unlink(missing_ok=True)


async def _ask(path: Path, question: bytes) -> bytes | None:
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                _write(writer, question)
                return await _read(reader)
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return None


def _write(writer: asyncio.StreamWriter, message: bytes) -> None:
    writer.write(LENGTH.pack(len(message)) + message)


async def _read(reader: asyncio.StreamReader) -> bytes:
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    return await reader.readexactly(length)
