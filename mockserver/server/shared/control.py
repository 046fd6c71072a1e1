"""Around the control API of one of several processes: it sees what all remember, and what it changes reaches all."""

from __future__ import annotations

from contextlib import AsyncExitStack

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.core.errors import Unavailable
from mockserver.server.asgi import SANDBOX
from mockserver.server.control import CONTROL, NOT_NOW
from mockserver.server.control.guard import SAFE_METHODS
from mockserver.server.shared.gathering import Gathering
from mockserver.server.shared.sandboxes import SharedSandboxes, pinned

# What is shown of a sandbox there, each process knows a part of.
REMEMBERED = ("", "console", "journal", "coverage", "webhooks", "inbox", "explain")
LISTENING = "events"
EXPLAIN = f"{CONTROL}/explain/"


class SharedControl:
    def __init__(self, app: ASGIApp, sandboxes: SharedSandboxes, gathering: Gathering) -> None:
        self._app = app
        self._sandboxes = sandboxes
        self._gathering = gathering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        part = path.removeprefix(CONTROL).strip("/").partition("/")[0]
        pins: set[str] = set()
        async with AsyncExitStack() as stack:
            try:
                if part in REMEMBERED:
                    id_ = path.removeprefix(EXPLAIN) if path.startswith(EXPLAIN) else None
                    await stack.enter_async_context(self._gathering.looking(scope[SANDBOX], id_))
                elif part == LISTENING:
                    await stack.enter_async_context(self._gathering.listening())
            except Unavailable:
                await _refuse(scope, receive, send)
                return
            token = pinned.set(pins)
            stack.callback(pinned.reset, token)
            if scope["method"] not in SAFE_METHODS:
                send = self._publishing(pins, scope, receive, send)
            await self._app(scope, receive, send)

    def _publishing(self, pins: set[str], scope: Scope, receive: Receive, send: Send) -> Send:
        """Nothing is answered before the others can know what was done."""
        refused = False

        async def publishing(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start":
                try:
                    for name in pins:
                        self._sandboxes.publish(name)
                    told = list(pins)
                    pins.clear()
                    for name in told:
                        await self._gathering.tell(name)
                except Unavailable:
                    refused = True
                    await _refuse(scope, receive, send)
            if not refused:
                await send(message)

        return publishing


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"error": NOT_NOW}, status_code=503)(scope, receive, send)
