"""The mock as an ASGI application, for a server of somebody else's.

uvicorn mockserver.asgi:app
granian --interface asgi mockserver.asgi:app
hypercorn mockserver.asgi:app

`app` is told by the environment (MOCKSERVER_SEED=1) and by mockserver.toml what `mockserver serve` is told by flags. It
is made when the server starts, or with the first request under a server that does not announce its start, and not when
this module is imported. Each process has a mock of its own, with records of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from starlette.types import Receive, Scope, Send

from mockserver import cli
from mockserver.commands.options import PROVIDERS
from mockserver.core.errors import ConfigurationError
from mockserver.server.app import MockServer, create_server
from mockserver.server.flags import settings_of
from mockserver.server.settings import Settings
from mockserver.server.state.files import save


class Application:
    """Makes its mock when it is first needed, and saves its state when the server stops."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._mock: MockServer | None = None

    @property
    def mock(self) -> MockServer:
        """Raises ConfigurationError."""
        if self._mock is None:
            self._mock = create_server(self._settings())
        return self._mock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self.mock.app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            mock = self.mock
        except ConfigurationError as error:
            await send({"type": "lifespan.startup.failed", "message": f"mockserver: {error}"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        mock.sandboxes.close()
        try:
            if mock.settings.state is not None:
                save(mock.settings.state, mock.sandboxes.export(mock.sandboxes.default))
        except ConfigurationError as error:
            await send({"type": "lifespan.shutdown.failed", "message": f"mockserver: {error}"})
        else:
            await send({"type": "lifespan.shutdown.complete"})


def create_app(**settings: Any) -> Application:
    """With settings by name instead of the environment: `create_app(seed=1, base_url="http://testserver")`."""
    return Application(lambda: Settings(**{"providers": PROVIDERS, **settings}))


def _of_the_environment() -> Settings:
    """What `mockserver serve` would make of it. Raises ConfigurationError."""
    try:
        with cli.main.make_context("mockserver", ["serve"]) as context:
            flags = cli.serve.make_context("serve", [], parent=context).params
    except click.ClickException as error:
        raise ConfigurationError(error.format_message()) from None
    if flags["workers"] != 1 or flags["store"] is not None:
        raise ConfigurationError("--workers and --store: only `mockserver serve` shares its records")
    return settings_of(flags, f"http://{flags['host']}:{flags['port']}", PROVIDERS)


app = Application(_of_the_environment)
