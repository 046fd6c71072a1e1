"""Connections to a server without a socket: its protocol is told bytes and a test reads what it writes.

`Twins` are the same server twice, once with each protocol. They are told the same; what they say has to be the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from mockserver.server import serve
from mockserver.server.app import MockServer
from tests.inprocess import RawHeaders, Received

DATE = (b"date", b"Thu, 01 Jan 2026 00:00:00 GMT")
# In seconds; a busy machine is no failure.
PATIENCE = 30
# Of a loop, in which nothing is written; a request takes fewer.
ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything that came, and whether the connection was closed, or reset, after it."""

    raw: bytes
    ending: str


@dataclass
class Alarm:
    at: float
    ring: Callable[[], object]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class HandSetLoop:
    """A loop whose timers a test sets off by hand; everything else is the real one's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._now = 0.0
        self._alarms: list[Alarm] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def time(self) -> float:
        return self._now

    def call_later(self, delay: float, ring: Callable[[], object]) -> Alarm:
        self._alarms.append(Alarm(self._now + delay, ring))
        return self._alarms[-1]

    def pass_by(self, seconds: float) -> None:
        until = self._now + seconds
        while due := [alarm for alarm in self._alarms if alarm.at <= until and not alarm.cancelled]:
            first = min(due, key=lambda alarm: alarm.at)
            self._alarms.remove(first)
            self._now = max(self._now, first.at)
            first.ring()
        self._now = until

    @property
    def alarms(self) -> int:
        return sum(not alarm.cancelled for alarm in self._alarms)


class Transport(asyncio.Transport):
    """Keeps what is written. `lost` is called once it is closed, as a loop does."""

    def __init__(self, loop: asyncio.AbstractEventLoop, lost: Callable[[Exception | None], None]) -> None:
        super().__init__({"peername": ("127.0.0.1", 50000), "sockname": ("127.0.0.1", 4010)})
        self._loop = loop
        self._lost = lost
        self.written: list[bytes] = []
        self.ending = ""
        self.reading = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.ending != "reset":
            self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.ending != ""

    def close(self) -> None:
        self._end("closed")

    def abort(self) -> None:
        self._end("reset")

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def _end(self, ending: str) -> None:
        if not self.ending:
            self.ending = ending
            self._loop.call_soon(self._lost, None)


class Line:
    """One connection."""

    def __init__(
        self, protocol: HttpToolsProtocol, loop: asyncio.AbstractEventLoop, clock: HandSetLoop
    ) -> None:
        self.protocol = protocol
        self.clock = clock
        self.transport = Transport(loop, protocol.connection_lost)
        self._loop = loop
        protocol.connection_made(self.transport)

    def tell(self, *packets: bytes) -> None:
        """Each of them when all that the one before it has brought about is done."""
        for packet in packets:
            if self.transport.ending:
                return
            self.protocol.data_received(packet)
            self.settle()

    def tell_at_once(self, *packets: bytes) -> None:
        for packet in packets:
            if not self.transport.ending:
                self.protocol.data_received(packet)
        self.settle()

    def settle(self) -> None:
        """Until nobody is working, or whoever is waits for the client."""
        self._loop.run_until_complete(self._quiet())

    async def _quiet(self) -> None:
        still, seen = 0, 0
        while still < ROUNDS:
            await asyncio.sleep(0)
            still, seen = (still + 1, seen) if len(self.transport.written) == seen else (0, seen + 1)

    def finish(self) -> None:
        """Waits for whoever lets time pass."""
        self._loop.run_until_complete(self._done())

    async def _done(self) -> None:
        if self.protocol.tasks:
            _, waiting = await asyncio.wait(self.protocol.tasks, timeout=PATIENCE)
            assert not waiting

    def hang_up(self) -> None:
        self.transport.close()
        self.finish()
        self.settle()

    @property
    def heard(self) -> Heard:
        return Heard(b"".join(self.transport.written), self.transport.ending)


@dataclass
class Side:
    """One server, and how many requests have reached its application."""

    mock: MockServer
    loop: asyncio.AbstractEventLoop
    log_level: str = "error"
    reached: int = 0
    state: ServerState = field(default_factory=ServerState)

    def __post_init__(self) -> None:
        self.config = serve.configuration(self.mock, log_level=self.log_level)
        self._app = cast(Any, self.config.app)
        self.config.app = self
        self.config.load()
        self.state.default_headers = [DATE]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached += 1
        await self._app(scope, receive, send)

    def line(self) -> Line:
        clock = HandSetLoop(self.loop)
        make = cast(Callable[..., HttpToolsProtocol], self.config.http_protocol_class)
        protocol = make(config=self.config, server_state=self.state, app_state={}, _loop=clock)
        return Line(protocol, self.loop, clock)

    def journal(self) -> list[tuple[str, str, str, int]]:
        return [
            (sandbox.name, entry.request.method, entry.request.path, entry.answer.status)
            for sandbox in self.mock.sandboxes
            for entry in sandbox.journal
        ]


class Twins(httpx.BaseTransport):
    """Also a transport for httpx, and for what replays recorded exchanges."""

    def __init__(self, make: Callable[[str], MockServer], log_level: str = "error") -> None:
        """`make` is told which protocol."""
        self.loop = asyncio.new_event_loop()
        self.fast = Side(make("fast"), self.loop, log_level)
        self.plain = Side(make("plain"), self.loop, log_level)

    def each(self) -> Sequence[Side]:
        return self.fast, self.plain

    @contextmanager
    def lines(self) -> Iterator[tuple[Line, Line]]:
        fast, plain = self.fast.line(), self.plain.line()
        try:
            yield fast, plain
        finally:
            fast.hang_up()
            plain.hang_up()

    def alike(self, *packets: bytes, at_once: bool = False) -> Heard:
        """What both say to these packets on a connection of their own. Fails if it is not the same."""
        with self.lines() as (fast, plain):
            for line in (fast, plain):
                (line.tell_at_once if at_once else line.tell)(*packets)
            assert fast.heard == plain.heard
            heard = fast.heard
        assert self.fast.journal() == self.plain.journal()
        return heard

    def taken(self, *packets: bytes) -> bool:
        """Whether all of these requests were answered before they reached the application."""
        before = self.fast.reached
        self.alike(*packets)
        return self.fast.reached == before

    def exchange(self, method: str, target: bytes | str, headers: RawHeaders, body: bytes = b"") -> Received:
        """What both answer to one request."""
        raw = target.encode("latin-1") if isinstance(target, str) else target
        lines = [b"%b %b HTTP/1.1" % (method.encode(), raw), *(b"%b: %b" % pair for pair in headers)]
        if not any(name.lower() == b"host" for name, _ in headers):
            lines.insert(1, b"Host: mock")
        if body:
            lines.append(b"Content-Length: %d" % len(body))
        heard = self.alike(b"\r\n".join([*lines, b"", body]))
        return received(heard.raw, method)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = [pair for pair in request.headers.raw if pair[0].lower() != b"content-length"]
        answer = self.exchange(request.method, request.url.raw_path, headers, request.read())
        return httpx.Response(
            answer.status, headers=list(answer.headers), stream=httpx.ByteStream(answer.body)
        )

    def end(self) -> None:
        """Clients close their transport; this lasts longer than any of them."""
        self.loop.close()


def received(raw: bytes, method: str = "GET") -> Received:
    """The one answer that this is."""
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    pairs = [(name, value) for name, _, value in (field.partition(b": ") for field in fields)]
    answer = Received(int(line.split(b" ")[1]), pairs, body)
    assert method == "HEAD" or answer.header("content-length") == str(len(body))
    return answer
