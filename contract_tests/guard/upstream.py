"""The server behind a door: connections to it, kept and counted, and one exchange over one of them."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from contract_tests.exchange import Answered
from contract_tests.guard.connection import Connection
from contract_tests.guard.framing import AnswerHead, Chunked, Unframed, answer_head, head_end
from contract_tests.guard.seam import NoAnswer

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Seconds after which a server may have closed an idle connection; what changes something then gets a new one.
RESTED = 2.0
LINGER = 0.5  # seconds in which a server that wants to close has to
CONTINUE = b"HTTP/1.1 100 "


@dataclass(frozen=True)
class Sent:
    """A request as it leaves."""

    raw: bytes
    method: str
    keep: bool = True
    framed: bool = True  # if not, it goes alone over a connection of its own, with all that follows it
    told: bool = False  # the client has got its 100 already


@dataclass(frozen=True)
class Came:
    """An answer as it came, 1xx before it and surplus behind it included."""

    raw: bytes
    answered: Answered
    keep: bool
    surplus: int = 0


@dataclass
class Upstream:
    url: str
    timeout: float
    verify: ssl.SSLContext
    connections: int | None = None
    host: str = field(init=False)  # as the header Host says it
    _idle: deque[Connection] = field(default_factory=deque)
    _all: set[Connection] = field(default_factory=set)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{self.url!r} is no http or https URL")
        self.host = parts.netloc.rpartition("@")[2]
        self._secure = parts.scheme == "https"
        self._place = (parts.hostname, parts.port or (443 if self._secure else 80))
        self._turns = asyncio.Semaphore(self.connections) if self.connections else None

    async def exchange(self, sent: Sent, rest: Connection) -> Came:
        """`rest` is the client's connection, for a request that has no end. Raises NoAnswer."""
        if self._turns is None:
            return await self._exchange(sent, rest)
        async with self._turns:
            return await self._exchange(sent, rest)

    async def _exchange(self, sent: Sent, rest: Connection) -> Came:
        kept = self._kept(sent)
        if kept is not None:
            try:
                return await self._over(kept, sent, rest)
            except NoAnswer as failure:
                if kept.buffer or failure.kind != "unreachable" or sent.method not in SAFE:
                    raise
        return await self._over(await self._fresh(), sent, rest)

    def _kept(self, sent: Sent) -> Connection | None:
        """An idle connection that is still good, the one used last."""
        while self._idle and sent.framed:
            connection = self._idle.pop()
            tired = sent.method not in SAFE and time.monotonic() - connection.idle_since > RESTED
            if not tired and not connection.stale:
                return connection
            self._drop(connection)
        return None

    async def _fresh(self) -> Connection:
        loop = asyncio.get_running_loop()
        host, port = self._place
        context = self.verify if self._secure else None
        try:
            async with asyncio.timeout(self.timeout):
                _, connection = await loop.create_connection(Connection, host, port, ssl=context)
        except TimeoutError as error:
            raise NoAnswer("unreachable", f"no connection to {host}:{port} in time", sent=False) from error
        except (OSError, ssl.SSLError) as error:
            reason = f"no connection to {host}:{port}: {error.strerror or error}"
            raise NoAnswer("unreachable", reason, sent=False) from error
        self._all.add(connection)
        return connection

    async def _over(self, connection: Connection, sent: Sent, rest: Connection) -> Came:
        good = False
        pumping = None
        try:
            connection.write(sent.raw)
            if not sent.framed:
                pumping = asyncio.create_task(_pump(rest, connection))
            try:
                async with asyncio.timeout(self.timeout):
                    came = await _read(connection, sent)
            except TimeoutError as error:
                raise NoAnswer("timeout", f"no whole answer in {self.timeout:g} s", sent=True) from error
            except Unframed as error:
                raise NoAnswer("unreachable", str(error), sent=True) from error
            good = came.keep and sent.keep and connection.written and not connection.ended
            if not (came.keep and sent.keep and sent.framed):
                await _linger(connection)
            if connection.buffer:
                surplus = connection.take(len(connection.buffer))
                good = False
                return Came(came.raw + surplus, came.answered, False, len(surplus))
            return came if good else Came(came.raw, came.answered, False)
        finally:
            if pumping:
                pumping.cancel()
            if good:
                connection.idle_since = time.monotonic()
                self._idle.append(connection)
            else:
                self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self._all.discard(connection)
        connection.abort()

    def close(self) -> None:
        for connection in self._all:
            connection.abort()


async def _pump(source: Connection, drain: Connection) -> None:
    """Sends on whatever comes, as it comes."""
    while True:
        if source.buffer:
            drain.write(source.take(len(source.buffer)))
            await drain.drain()
        elif not await source.more():
            drain.end()
            return


async def _linger(connection: Connection) -> None:
    """Waits for the end, for a while: a server may send more than it announced."""
    try:
        async with asyncio.timeout(LINGER):
            while await connection.more():
                pass
    except TimeoutError:
        pass


async def _read(connection: Connection, sent: Sent) -> Came:
    start = 0
    while True:
        while (end := head_end(connection.buffer, start)) < 0:
            if not await connection.more():
                raise _cut(connection, "a whole answer", len(connection.buffer))
        raw_head = bytes(connection.buffer[start:end])
        head = answer_head(raw_head, sent.method)
        if head.status >= 200 or head.status == 101:
            break
        if sent.told and raw_head.startswith(CONTINUE):
            del connection.buffer[start:end]
        else:
            start = end
    body, stop = await _body(connection, head, end)
    return Came(connection.take(stop), Answered(head.status, head.headers, body), head.keep)


async def _body(connection: Connection, head: AnswerHead, at: int) -> tuple[bytes, int]:
    """The body, and where it ends in the buffer."""
    buffer = connection.buffer
    if head.framing == "none":
        return b"", at
    if head.framing == "length":
        while len(buffer) < at + head.length:
            if not await connection.more():
                raise _cut(connection, f"{head.length} bytes of body", len(buffer) - at)
        return bytes(buffer[at : at + head.length]), at + head.length
    if head.framing == "chunked":
        chunked = Chunked(at)
        while not chunked.whole(buffer):
            if not await connection.more():
                raise _cut(connection, "the last chunk", len(buffer) - at)
        return b"".join(chunked.pieces), chunked.at
    while await connection.more():
        pass
    if connection.error:
        raise _cut(connection, "the end of the body", len(buffer) - at)
    return bytes(buffer[at:]), len(buffer)


def _cut(connection: Connection, wanted: str, got: int) -> NoAnswer:
    how = "reset" if connection.error else "closed"
    return NoAnswer(
        "unreachable", f"the connection was {how} before {wanted} had come ({got} bytes)", sent=True
    )
