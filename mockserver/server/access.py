"""A line in the log for every request, without credentials."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.server.redaction import Redactor, secrets_of

logger = logging.getLogger("mockserver.access")


class AccessLog:
    """`known` are credentials to keep out of the log beside those that a request shows itself."""

    def __init__(self, app: ASGIApp, known: Iterable[str]) -> None:
        self._app = app
        self._known = tuple(known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def logged(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.note(scope, message["status"])
            await send(message)

        await self._app(scope, receive, logged)

    def note(self, scope: Scope, status: int) -> None:
        logger.info("%s", self._line(scope, status))

    def _line(self, scope: Scope, status: int) -> str:
        redactor = Redactor((*self._known, *secrets_of(Headers(scope=scope))))
        query = scope["query_string"].decode("latin-1")
        target = quote(scope["path"]) + (f"?{query}" if query else "")
        client = scope.get("client")
        asked = f"{redactor.hidden(scope['method'])} {redactor.hidden(target)}"
        # What is no letter could forge a line, or colour a terminal.
        plain = asked.encode("unicode_escape").decode("ascii")
        return f'{client[0] if client else "-"} "{plain}" {status}'
