"""A mock behind a real socket, in a thread of the test's own process, so that a test can look into its store."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from mockserver.server import serve
from mockserver.server.app import MockServer

PATIENCE = 30


@dataclass(frozen=True, slots=True)
class LiveServer:
    mock: MockServer
    base_url: str

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.base_url.removeprefix("http://").partition(":")
        return host, int(port)


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


@contextmanager
def serving(make: Callable[[str], MockServer]) -> Iterator[LiveServer]:
    """`make` is told the base URL before anything is served. The settings are those of `mockserver serve`."""
    listener = serve.listen("127.0.0.1", 0)
    mock = make(listener.base_url)
    config = serve.configuration(mock, log_level="error")
    ready = threading.Event()
    server = _Announcing(config, ready)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener.socket]}, daemon=True)
    thread.start()
    assert ready.wait(PATIENCE), "the server did not start"
    try:
        yield LiveServer(mock, listener.base_url)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not stop"
