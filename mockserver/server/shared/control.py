"""Around the control API of one of several processes: it sees what all remember, and what it changes reaches all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

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
# Whoever was not first so often takes a turn in which nobody else can be.
PATIENCE = 4
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
        """Does it again for as long as somebody else is first to change the same; then the others are told, and only
        then is it answered."""
        heard = _Heard(receive)
        for attempt in range(1, MOST_TRIES):
            pins.clear()
            publishing = _Publishing(self._sandboxes, pins)
            # Whoever answers writes into the scope.
            trying = self._try(dict(scope), heard.again(), publishing)
            if attempt % PATIENCE:
                await trying
            else:
                self._take_turn(trying, publishing)
                # Who comes to this process gets on meanwhile, too.
                await asyncio.sleep(0)
            if publishing.refused:
                break
            if not publishing.overtaken:
                await self._answer(publishing, scope, receive, send)
                return
        await _refuse(scope, receive, send)

    async def _try(self, scope: Scope, receive: Receive, publishing: _Publishing) -> None:
        await self._app(scope, receive, publishing)

    def _take_turn(self, trying: Coroutine[Any, Any, None], publishing: _Publishing) -> None:
        """Without a pause, as nobody of this process may come between, either; who wants one is left to do it without
        a turn. What became of a turn that failed is not known here."""
        try:
            with self._sandboxes.turn():
                try:
                    trying.send(None)
                except StopIteration:
                    if publishing.refused:
                        raise Unavailable from None
                else:
                    trying.close()
                    raise Unavailable
        except Unavailable:
            for name in publishing.names:
                self._sandboxes.give_up(name)
            publishing.refused, publishing.overtaken = False, True

    async def _answer(self, publishing: _Publishing, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            for name in publishing.names:
                await self._gathering.tell(name)
        except Unavailable:
            await _refuse(scope, receive, send)
            return
        for message in publishing.messages:
            await send(message)


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
    """Takes an answer, and tells what was changed for it. What failed is not told."""

    def __init__(self, sandboxes: SharedSandboxes, pins: set[str]) -> None:
        self._sandboxes = sandboxes
        self._pins = pins
        self._told: list[str] = []
        self.messages: list[Message] = []
        self.overtaken = self.refused = False

    @property
    def names(self) -> set[str]:
        """Of the sandboxes that were worked on."""
        return {*self._told, *self._pins}

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            try:
                self._publish(message["status"])
            except Unavailable:
                # Who has begun to answer may not fail any more.
                self.refused = True
        self.messages.append(message)

    def _publish(self, status: int) -> None:
        self._told = list(self._pins)
        self._pins.clear()
        for name in self._told:
            if status >= FAILURE:
                self._sandboxes.unpublished(name)
            elif not self._sandboxes.publish(name):
                self.overtaken = True


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"error": NOT_NOW}, status_code=503)(scope, receive, send)
