"""A relay on loopback: doors that clients knock at, each with a server behind it and a handler in between."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from contract_tests.exchange import Answered, Asked
from contract_tests.guard.connection import Connection
from contract_tests.guard.inbox import Received, receive
from contract_tests.guard.render import answer_bytes, request_bytes
from contract_tests.guard.seam import Handler, NoAnswer, RawBytes, pass_on
from contract_tests.guard.upstream import LINGER, Came, Sent, Upstream

T = TypeVar("T")


@dataclass(frozen=True)
class Door:
    upstream: Upstream
    handler: Handler
    names: frozenset[str]  # what the header Host calls the door
    default_label: str


class Relay:
    """Runs in a thread of its own, between `with` and its end."""

    def __init__(self, *, timeout: float = 30.0, verify: str | None = None) -> None:
        """`verify` is a file of certificates to trust beside those of the system."""
        self._timeout = timeout
        self._context = ssl.create_default_context()
        if verify:
            self._context.load_verify_locations(verify)
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._upstreams: list[Upstream] = []
        self._clients: dict[asyncio.Task[None], Connection] = {}
        self._numbers = itertools.count(1)
        self._failures: list[BaseException] = []

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def door(
        self,
        upstream: str,
        handler: Handler = pass_on,
        *,
        default_label: str = "",
        connections: int | None = None,
        timeout: float | None = None,
        port: int = 0,
    ) -> str:
        """The base URL of a new door to the server at `upstream`. `connections` is how many it may see at a time."""
        return self.run(self._open(upstream, handler, default_label, connections, timeout, port))

    def close(self) -> None:
        """Raises what a handler raised, if one did."""
        failure = self.stop()
        if failure is not None:
            raise failure

    def stop(self) -> BaseException | None:
        """Ends, and returns what a handler raised, if one did."""
        if self._loop.is_closed():
            return None
        if self._thread.is_alive():
            self.run(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()
        return self._failures[0] if self._failures else None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs something in the relay's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(
        self,
        url: str,
        handler: Handler,
        label: str,
        connections: int | None,
        timeout: float | None,
        port: int,
    ) -> str:
        upstream = Upstream(url, timeout or self._timeout, self._context, connections)
        server = await self._loop.create_server(
            lambda: Connection(lambda client: self._greet(client, door)), "127.0.0.1", port, backlog=512
        )
        port = server.sockets[0].getsockname()[1]
        door = Door(upstream, handler, frozenset({f"127.0.0.1:{port}", f"localhost:{port}"}), label)
        self._servers.append(server)
        self._upstreams.append(upstream)
        return f"http://127.0.0.1:{port}{urlsplit(url).path.rstrip('/')}"

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        for task, client in list(self._clients.items()):
            task.cancel()
            client.abort()
        await asyncio.gather(*self._clients, return_exceptions=True)
        for upstream in self._upstreams:
            upstream.close()
        await asyncio.sleep(0)  # so that connections hear of their end

    def _greet(self, client: Connection, door: Door) -> None:
        task = self._loop.create_task(self._serve(client, door, next(self._numbers)))
        self._clients[task] = client
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self._clients.pop(task, None)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failures.append(failure)

    async def _serve(self, client: Connection, door: Door, number: int) -> None:
        keep = True
        try:
            while keep:
                received = await receive(client, door.upstream.host, door.names)
                if received is None:
                    break
                keep = await _answer(client, door, received, number)
                await client.drain()
                if not received.framed:
                    await _farewell(client)
        finally:
            client.close()


async def _answer(client: Connection, door: Door, received: Received, number: int) -> bool:
    """Whether the client's connection stays open."""
    forward = _Way(client, door, received, number)
    try:
        outcome = await door.handler(received.asked, forward)
    except NoAnswer as failure:
        outcome = _no_answer(failure)
    if isinstance(outcome, RawBytes):
        client.write(outcome.data)
        if outcome.then == "reset":
            await client.drain()
            client.reset()
        return outcome.then == "keep" and received.keep
    came = next((came for came in forward.came if came.answered is outcome), None)
    if came is not None:
        client.write(came.raw)
        return came.keep and received.keep
    client.write(answer_bytes(outcome, received.asked.method))
    return received.keep and (outcome.header("Connection") or "").lower() != "close"


async def _farewell(client: Connection) -> None:
    """Lets a client that may still be sending read its answer: closing at once would reset the connection."""
    client.end()
    try:
        async with asyncio.timeout(LINGER):
            while await client.more():
                client.buffer.clear()
    except TimeoutError:
        pass


def _no_answer(failure: NoAnswer) -> Answered:
    status = 504 if failure.kind == "timeout" else 502
    return Answered(status, (("Content-Type", "text/plain; charset=utf-8"),), failure.reason.encode())


class _Way:
    """The way on of one request: the Forward that handlers get."""

    def __init__(self, client: Connection, door: Door, received: Received, number: int) -> None:
        self.label = received.label if received.label is not None else door.default_label
        self.client = number
        self.flaw = received.flaw
        self.surplus = 0
        self.came: list[Came] = []
        self._connection = client
        self._upstream = door.upstream
        self._received = received

    async def __call__(self, asked: Asked | None = None) -> Answered:
        received = self._received
        if asked is None or asked is received.asked:
            sent = Sent(
                received.raw, received.asked.method, received.keep, framed=received.framed, told=received.told
            )
        else:
            sent = Sent(request_bytes(asked), asked.method, received.keep)
        came = await self._upstream.exchange(sent, self._connection)
        self.came.append(came)
        self.surplus = came.surplus
        return came.answered
