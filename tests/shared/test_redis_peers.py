"""Processes that ask each other by way of a Redis server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from mockserver.server.shared.redis_address import read_address
from mockserver.server.shared.redis_line import Line
from mockserver.server.shared.redis_peers import KEPT, RedisPeers
from tests.shared.storecluster import store_cluster
from tests.shared.storeserver import StoreServer, needs_server

pytestmark = needs_server


class Circle:
    """Peers by name, which say their name and what they were asked."""

    def __init__(self, stack: AsyncExitStack, url: str) -> None:
        self._stack = stack
        self._url = url

    async def enter(self, name: str, url: str | None = None) -> RedisPeers:
        peers = RedisPeers(read_address(url or self._url))
        await peers.start(lambda asked: name.encode() + b": " + asked)
        self._stack.push_async_callback(peers.close)
        return peers


def together(url: str, what: Callable[[Circle], Awaitable[None]]) -> None:
    async def run() -> None:
        async with AsyncExitStack() as stack:
            await what(Circle(stack, url))

    asyncio.run(run())


def test_everybody_else_answers(durable_server: StoreServer) -> None:
    async def asking(circle: Circle) -> None:
        first, second, _ = [await circle.enter(name) for name in ("first", "second", "third")]
        assert sorted(await first.ask(b"who?")) == [b"second: who?", b"third: who?"]
        assert sorted(await second.ask(b"well?")) == [b"first: well?", b"third: well?"]
        answers = await asyncio.gather(first.ask(b"1"), second.ask(b"2"), first.ask(b"3"))
        assert [sorted(some) for some in answers] == [
            [b"second: 1", b"third: 1"],
            [b"first: 2", b"third: 2"],
            [b"second: 3", b"third: 3"],
        ]

    together(durable_server.url, asking)


def test_nobody_answers_who_is_alone(durable_server: StoreServer) -> None:
    async def asking(circle: Circle) -> None:
        assert await (await circle.enter("alone")).ask(b"who?") == []

    together(durable_server.url, asking)


def test_groups_with_different_prefixes_do_not_hear_each_other(durable_server: StoreServer) -> None:
    async def asking(circle: Circle) -> None:
        await circle.enter("elsewhere", f"{durable_server.url}?prefix=elsewhere")
        assert await (await circle.enter("here")).ask(b"who?") == []

    together(durable_server.url, asking)


def test_one_that_has_ended_is_not_asked(durable_server: StoreServer) -> None:
    async def asking(circle: Circle) -> None:
        first = await circle.enter("first")
        ended = RedisPeers(read_address(durable_server.url))
        await ended.start(lambda asked: b"ended")
        assert await first.ask(b"who?") == [b"ended"]
        await ended.close()
        assert await first.ask(b"who?") == []

    together(durable_server.url, asking)


def test_one_that_has_died_is_waited_for_once(durable_server: StoreServer) -> None:
    async def asking(circle: Circle) -> None:
        first, _ = await circle.enter("first"), await circle.enter("second")
        line.write("ZADD", "mock:peers", int(time.time()) + 1000, "dead")
        assert await first.ask(b"who?") == [b"second: who?"]

    line = Line(read_address(durable_server.url))
    together(durable_server.url, asking)
    assert b"dead" not in line.read("ZRANGE", "mock:peers", 0, -1)
    assert 0 < line.read("TTL", "mock:ask:dead") <= KEPT
    line.close()


def test_a_server_that_hangs_costs_a_bounded_wait_and_no_answers(durable_server: StoreServer) -> None:
    async def asking(circle: Circle) -> None:
        first, _ = await circle.enter("first"), await circle.enter("second")
        durable_server.halt()
        started = time.monotonic()
        assert await first.ask(b"who?") == []
        assert time.monotonic() - started < 10
        durable_server.go_on()

    together(durable_server.url, asking)


def test_a_cluster_carries_questions_and_answers() -> None:
    async def asking(circle: Circle) -> None:
        first, _ = await circle.enter("first"), await circle.enter("second")
        assert await first.ask(b"who?") == [b"second: who?"]

    with store_cluster() as cluster:
        together(cluster.url.replace("redis://", "redis+cluster://"), asking)


def test_a_question_that_cannot_be_read_does_not_end_the_listening(durable_server: StoreServer) -> None:
    async def asking(circle: Circle) -> None:
        first, _ = await circle.enter("first"), await circle.enter("second")
        for peer in line.read("ZRANGE", "mock:peers", 0, -1):
            line.write("RPUSH", b"mock:ask:" + peer, b"nonsense")
        assert await first.ask(b"who?") == [b"second: who?"]

    line = Line(read_address(durable_server.url))
    together(durable_server.url, asking)
    line.close()
