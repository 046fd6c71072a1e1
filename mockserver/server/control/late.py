"""The control API, made for its first request: console, journal and explanations are much to load."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from starlette.types import ASGIApp, Receive, Scope, Send


class LateControl:
    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app: ASGIApp | None = None
        # Loops in two threads may serve the same server.
        self._lock = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._lock:
            app = self._app = self._app or self._make()
        await app(scope, receive, send)
