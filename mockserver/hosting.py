"""A mock in this very process, for as long as a `with` lasts."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import httpx
import uvicorn

from mockserver.client.mock import AsyncMock, Mock
from mockserver.client.reach import Remote
from mockserver.core.errors import ConfigurationError
from mockserver.core.webhook import WebhookTarget
from mockserver.providers import REGISTRY
from mockserver.server import serve
from mockserver.server.app import MockServer, create_server
from mockserver.server.inbox import INBOX
from mockserver.server.settings import Settings
from mockserver.server.webhooks import WebhookPolicy
from mockserver.transport import AsyncDirectTransport, Direct, DirectTransport

Transport = Literal["direct", "socket"]
Result = TypeVar("Result")
# In seconds; a busy machine is no failure.
PATIENCE = 30.0


class Host:
    """One server, its port taken at once and served from when somebody wants it: to the verbs, a way to reach it.

    `direct` is the way in without a socket. Once the server runs, everything is done in its thread.
    """

    token = None

    def __init__(self, settings: Callable[[str], Settings], transport: Transport = "direct") -> None:
        """`settings` is told the base URL. Raises ConfigurationError."""
        if transport not in ("direct", "socket"):
            raise ConfigurationError(f"{transport!r} is no transport: direct or socket")
        self._listener = serve.listen("127.0.0.1", 0)
        self.address = self._listener.base_url
        try:
            self._mock = create_server(settings(self.address))
        except ConfigurationError:
            self._listener.socket.close()
            raise
        self._server: _Server | None = None
        self._remote: Remote | None = None
        self.direct = Direct(self._mock, self)
        if transport == "socket":
            self._remote = Remote(self.address)
            self.start()

    @property
    def running(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        self.direct.starting(self._start)

    def run(self, work: Callable[[], Result]) -> Result:
        async def do() -> Result:
            return work()

        server = self._server
        if server is None:
            raise RuntimeError("the mock's server does not run")
        return asyncio.run_coroutine_threadsafe(do(), server.loop).result()

    def base_url(self) -> str:
        self.start()
        return self.address

    def transport(self) -> httpx.BaseTransport:
        return DirectTransport(self.direct) if self._remote is None else self._remote.transport()

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return AsyncDirectTransport(self.direct) if self._remote is None else self._remote.async_transport()

    def close(self) -> None:
        """Twice does no harm."""
        if self._remote is not None:
            self._remote.close()
        if self._server is not None:
            self._server.stop()
        self._mock.sandboxes.close()
        self._listener.socket.close()

    def _start(self) -> None:
        if self._server is None:
            server = _Server(self._mock, self._listener.socket)
            server.begin()
            self._server = server


class _Server(uvicorn.Server):
    """In a thread of its own."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, mock: MockServer, listener: socket.socket) -> None:
        super().__init__(serve.configuration(mock, log_level="error"))
        self._ready = threading.Event()
        self._thread = threading.Thread(
            target=self.run, args=([listener],), name=f"mockserver {mock.settings.base_url}", daemon=True
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self._ready.set()

    def begin(self) -> None:
        self._thread.start()
        if not self._ready.wait(PATIENCE):
            raise RuntimeError("the mock's server did not start")

    def stop(self) -> None:
        self.should_exit = True
        self._thread.join(PATIENCE)


class Running:
    """`with` gives a Mock, `async with` an AsyncMock."""

    def __init__(self, settings: Callable[[str], Settings], transport: Transport) -> None:
        self._settings = settings
        self._transport: Transport = transport
        self._host: Host | None = None

    def _open(self) -> Host:
        self._host = Host(self._settings, self._transport)
        return self._host

    def __enter__(self) -> Mock:
        return Mock(self._open())

    def __exit__(self, *problem: object) -> None:
        if self._host is not None:
            self._host.close()

    async def __aenter__(self) -> AsyncMock:
        return AsyncMock(self._open())

    async def __aexit__(self, *problem: object) -> None:
        self.__exit__(*problem)


def running(
    *,
    transport: Transport = "direct",
    providers: Sequence[str] = tuple(REGISTRY),
    fixtures: str | Path | None = None,
    specs: str | Path | None = None,
    seed: int | None = None,
    rate_limits: bool | float = False,
    quirks: bool = False,
    check_responses: bool = False,
) -> Running:
    """A mock for as long as a `with` lasts: `with mockserver.running() as mock:`, or `async with`.

    Ready-made clients reach it without a socket, in their own thread; `base_url` serves it on a free port of this
    machine, for every other client. With `transport="socket"` they all take the socket. `rate_limits` are the vendors'
    if true, times a factor if a number. The rest is as in `mockserver serve`.
    """
    return Running(
        settings_for(
            providers=providers,
            fixtures=fixtures,
            specs=specs,
            seed=seed,
            rate_limits=rate_limits,
            quirks=quirks,
            check_responses=check_responses,
        ),
        transport,
    )


def settings_for(
    *,
    providers: Sequence[str] = tuple(REGISTRY),
    fixtures: str | Path | None = None,
    specs: str | Path | None = None,
    seed: int | None = None,
    rate_limits: bool | float = False,
    quirks: bool = False,
    check_responses: bool = False,
) -> Callable[[str], Settings]:
    def settings(base_url: str) -> Settings:
        return Settings(
            providers=tuple(providers),
            base_url=base_url,
            fixtures=None if fixtures is None else Path(fixtures),
            specs=None if specs is None else Path(specs),
            seed=seed,
            rate_factor=None if rate_limits is False else float(rate_limits),
            quirks=quirks,
            check_responses=check_responses,
            webhooks=WebhookPolicy((WebhookTarget("inbox", INBOX),)),
        )

    return settings
