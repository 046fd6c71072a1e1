"""Around the control API of one of several processes: it sees what all remember, and what it changes reaches all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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
# How often a change is made again because somebody else was first to change the same. Somebody is first each time.
MOST_TRIES = 200
FAILURE = 500


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
            if scope["method"] in SAFE_METHODS:
                await self._app(scope, receive, send)
            else:
                await self._change(pins, scope, receive, send)

    async def _change(self, pins: set[str], scope: Scope, receive: Receive, send: Send) -> None:
        """Does it again for as long as somebody else is first to change the same."""
        heard = _Heard(receive)
        for _ in range(MOST_TRIES):
            pins.clear()
            publishing = _Publishing(self._publish, pins, send)
            # Whoever answers writes into the scope.
            await self._app(dict(scope), heard.again(), publishing)
            if publishing.refused:
                break
            if not publishing.overtaken:
                return
            # Others have their turn between two tries.
            await asyncio.sleep(0)
        await _refuse(scope, receive, send)

    async def _publish(self, pins: set[str], status: int) -> bool:
        """Whether nobody else was first. What failed is not told. Raises Unavailable."""
        names = list(pins)
        pins.clear()
        published = True
        for name in names:
            if status >= FAILURE:
                self._sandboxes.unpublished(name)
            elif not self._sandboxes.publish(name):
                published = False
        if published:
            for name in names:
                await self._gathering.tell(name)
        return published


class _Heard:
    """A request's body, which can be read more than once; no more of it is read than is asked for."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    def again(self) -> Receive:
        heard = iter(list(self._messages))

        async def receive() -> Message:
            message = next(heard, None)
            if message is None:
                message = await self._receive()
                self._messages.append(message)
            return message

        return receive


class _Publishing:
    """Nothing is answered before the others can know what was done, and nothing where somebody was first."""

    def __init__(
        self, publish: Callable[[set[str], int], Awaitable[bool]], pins: set[str], send: Send
    ) -> None:
        self._publish = publish
        self._pins = pins
        self._send = send
        self.overtaken = self.refused = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            try:
                self.overtaken = not await self._publish(self._pins, message["status"])
            except Unavailable:
                # Who has begun to answer may not fail any more.
                self.refused = True
        if not (self.overtaken or self.refused):
            await self._send(message)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"error": NOT_NOW}, status_code=503)(scope, receive, send)
