"""A target that misbehaves when it is told to: any ASGI app behind sockets of its own, in a thread.

    with misbehaving(app) as target:
        target.will(throttled(7), times=3)      # the next three requests
        target.will(dies(), after=20)           # the 21st from here
        ...
        target.revive()                         # on the same port, with everything that the app had

What is planned is done in the order of planning, each for `times` requests; all others are answered by the app.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread

import h11
from starlette.types import ASGIApp

from tests.faults.wire import Answered, Asked, Wire, read, reset

READS = ("GET", "HEAD", "OPTIONS")

Fault = Callable[[Wire], Awaitable[None]]


def says(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Fault:
    """Answers this, whatever was asked, and does nothing of it."""
    more = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def fault(wire: Wire) -> None:
        await wire.answer(Answered(status, [(b"content-type", content_type.encode()), *more], body))

    return fault


def throttled(seconds: int = 1) -> Fault:
    """429, as OnCall says it."""
    words = f"Request was throttled. Expected available in {seconds} second{'s' * (seconds != 1)}."
    told = {"Retry_After": str(seconds), "RateLimit_Reset": str(seconds)}
    return says(429, b'{"detail":"%s"}' % words.encode(), **told)


def read_only() -> Fault:
    """403 to everything that could change something, as OnCall says it to a viewer."""
    refuse = says(403, b'{"detail":"You do not have permission to perform this action."}')

    async def fault(wire: Wire) -> None:
        if wire.asked.method in READS:
            await wire.answer(await wire.served())
        else:
            await refuse(wire)

    return fault


def is_a_web_page() -> Fault:
    return says(200, b"<!doctype html><title>Sign in</title><h1>Sign in</h1>\n", "text/html; charset=utf-8")


def is_another_api() -> Fault:
    return says(200, b'{"status":"ok","version":"1.2.3"}')


def hangs() -> Fault:
    """Takes the request and never says a word."""

    async def fault(wire: Wire) -> None:
        await asyncio.Event().wait()

    return fault


def resets(*, done: bool = False) -> Fault:
    """Ends the connection instead of answering; `done` or not, what was asked."""

    async def fault(wire: Wire) -> None:
        if done:
            await wire.served()
        reset(wire.writer)

    return fault


def breaks_off() -> Fault:
    """Does what was asked and ends the connection in the middle of the answer."""

    async def fault(wire: Wire) -> None:
        answer = wire.bytes_of(await wire.served())
        wire.writer.write(answer[: len(answer) // 2])
        await wire.writer.drain()
        wire.writer.close()

    return fault


def drips(seconds: float) -> Fault:
    """Answers byte by byte, with a pause after each."""

    async def fault(wire: Wire) -> None:
        for byte in wire.bytes_of(await wire.served()):
            wire.writer.write(bytes([byte]))
            await wire.writer.drain()
            await asyncio.sleep(seconds)

    return fault


def dies() -> Fault:
    """Does not answer, ends all connections and accepts no more."""

    async def fault(wire: Wire) -> None:
        wire.die()

    return fault


Only = Callable[[str, str], bool]


def anything(method: str, target: str) -> bool:
    return True


@dataclass
class Planned:
    fault: Fault
    after: int
    times: int | None
    only: Only


@dataclass
class Target:
    app: ASGIApp
    base_url: str = ""
    seen: list[Asked] = field(default_factory=list)
    _plan: list[Planned] = field(default_factory=list)
    _lock: Condition = field(default_factory=Condition)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _server: asyncio.Server | None = None
    _open: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    def will(
        self,
        fault: Fault,
        *,
        after: int = 0,
        times: int | None = None,
        only: Only = anything,
    ) -> None:
        """Plans a fault for `times` requests (none: for ever), of those that `only` takes, after `after` good ones."""
        with self._lock:
            self._plan.append(Planned(fault, after, times, only))

    def behave(self) -> None:
        with self._lock:
            self._plan.clear()

    def revive(self) -> None:
        """Accepts connections again after it has died."""
        self.behave()
        port = int(self.base_url.rpartition(":")[2])
        asyncio.run_coroutine_threadsafe(self._listen(port), self._loop).result(20)

    def wait_for(self, requests: int, only: Only = anything) -> None:
        """Returns as soon as so many have arrived, whatever became of them."""
        with self._lock:
            enough = self._lock.wait_for(
                lambda: sum(only(asked.method, asked.target) for asked in self.seen) >= requests, 60
            )
        assert enough, f"{len(self.seen)} requests have arrived, and not {requests}"

    def _fault(self, asked: Asked) -> Fault | None:
        with self._lock:
            self.seen.append(asked)
            self._lock.notify_all()
            for planned in self._plan[:1]:
                if not planned.only(asked.method, asked.target):
                    return None
                if planned.after:
                    planned.after -= 1
                    return None
                if planned.times is not None:
                    planned.times -= 1
                    if planned.times == 0:
                        self._plan.pop(0)
                return planned.fault
        return None

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _die(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open.values():
            reset(writer)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            await self._converse(reader, writer)
        except (ConnectionError, h11.RemoteProtocolError):
            pass
        finally:
            writer.close()
            del self._open[task]

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        while (asked := await read(connection, reader, writer)) is not None:
            wire = Wire(asked, connection, writer, self.app, self._die)
            fault = self._fault(asked)
            if fault is None:
                await wire.answer(await wire.served())
            else:
                await fault(wire)
            if writer.is_closing() or connection.our_state is h11.MUST_CLOSE:
                return
            connection.start_next_cycle()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _end(self) -> None:
        self._die()
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def misbehaving(app: ASGIApp) -> Iterator[Target]:
    target = Target(app)
    thread = Thread(target=target._run, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(target._listen(0), target._loop).result(20)
        yield target
    finally:
        asyncio.run_coroutine_threadsafe(target._end(), target._loop).result(20)
        target._loop.call_soon_threadsafe(target._loop.stop)
        thread.join(20)
        target._loop.close()
