"""The clients of the soak, and who receives its webhooks: plain asyncio, so that most of the work is the server's."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

CREDENTIAL = {"/api/": "meowmeowmeow", "/v": "Bearer inc-test-key"}


class Asker:
    """One client in one sandbox, on one connection that it opens again whenever it breaks."""

    def __init__(self, base_url: str, sandbox: str) -> None:
        url = urlsplit(base_url)
        self._address = url.hostname or "", url.port or 80
        self._mount = f"/_mock/sandboxes/{sandbox}"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int | None, bytes]:
        """Status and body; no status where the connection broke before the answer was whole."""
        content = b"" if body is None else json.dumps(body).encode()
        key = next((key for start, key in CREDENTIAL.items() if path.startswith(start)), "")
        head = (
            f"{method} {self._mount}{path} HTTP/1.1\r\nhost: {self._address[0]}:{self._address[1]}\r\n"
            f"authorization: {key}\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
        )
        try:
            reader, writer = await self._connected()
            writer.write(head.encode() + content)
            await writer.drain()
            status, headers = await _head(reader)
            length = int(headers.get("content-length", 0))
            answer = await reader.readexactly(length) if status != 204 else b""
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return None, b""
        if headers.get("connection") == "close":
            self.close()
        return status, answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        return self._streams


class Receiver:
    """Answers 204 to whatever it is sent; `ids` are the webhook ids that came, in order."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._receive, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"
        return self

    async def __aexit__(self, *_: Any) -> None:
        self._server.close()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                _, headers = await _head(reader)
                await reader.readexactly(int(headers.get("content-length", 0)))
                self.ids.append(headers["webhook-id"])
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            writer.close()


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """The number in the first line, 0 if it has none, and the headers."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    number = first.split(" ")[1]
    headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    return int(number) if number.isdigit() else 0, headers


def resident_bytes(pid: int) -> int:
    """What a process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096
