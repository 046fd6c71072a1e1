"""How workers share what comes in, with two of them in one loop."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

import pytest

from mockserver.server.shared import accepting
from mockserver.server.shared.accepting import Accepting


class Counting(asyncio.Protocol):
    """Counts its connections."""

    def __init__(self, counted: list[str], name: str) -> None:
        self._counted, self._name = counted, name

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._counted.append(self._name)


def listening() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.listen(64)
    return listener


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0)


def test_two_that_are_as_idle_take_as_many() -> None:
    async def share() -> list[str]:
        counted: list[str] = []
        with listening() as listener, listener.dup() as other:
            clients = [socket.create_connection(listener.getsockname()) for _ in range(20)]
            both = [
                Accepting(listener, lambda: Counting(counted, "a")),
                Accepting(other, lambda: Counting(counted, "b")),
            ]
            await until(lambda: len(counted) == 20)
            for one in both:
                one.stop()
            for client in clients:
                client.close()
        return counted

    counted = asyncio.run(share())
    assert (counted.count("a"), counted.count("b")) == (10, 10)


def test_who_has_stopped_takes_nothing_more() -> None:
    async def share() -> list[str]:
        counted: list[str] = []
        with listening() as listener, listener.dup() as other:
            first = Accepting(listener, lambda: Counting(counted, "a"))
            second = Accepting(other, lambda: Counting(counted, "b"))
            first.stop()
            clients = [socket.create_connection(listener.getsockname()) for _ in range(5)]
            await until(lambda: len(counted) == 5)
            second.stop()
            for client in clients:
                client.close()
        return counted

    assert asyncio.run(share()) == ["b"] * 5


def test_one_that_has_no_room_tries_again_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(accepting, "PAUSE", 0)

    class Full(socket.socket):
        full = True

        def accept(self) -> tuple[socket.socket, object]:
            if self.full:
                self.full = False
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    async def share() -> list[str]:
        counted: list[str] = []
        with Full(fileno=listening().detach()) as listener:
            one = Accepting(listener, lambda: Counting(counted, "a"))
            with socket.create_connection(listener.getsockname()):
                await until(lambda: bool(counted))
            one.stop()
        return counted

    assert asyncio.run(share()) == ["a"]
    assert "Too many open files" in caplog.text
