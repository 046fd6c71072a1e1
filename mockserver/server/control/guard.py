"""Who may use the control API: this machine, or whoever has the token; never a web page of somebody else's."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.server.loopback import is_loopback

TOKEN_HEADER = "X-Mock-Token"  # noqa: S105 - the name of a header
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class ControlGuard:
    """`token` of None admits loopback clients that address the server by a loopback name or its own (`names`).

    A page that a browser loaded from elsewhere is refused either way: by its Origin, or by the Host that a rebound
    name makes it send.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str | None,
        names: Sequence[str],
        admits: Callable[[HTTPConnection], bool] | None = None,
        invites: Callable[[HTTPConnection], Response | None] | None = None,
    ) -> None:
        self._app = app
        self._token = token
        self._admits = admits
        self._invites = invites
        self._names = LOOPBACK_NAMES | set(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem is None:
            await self._app(scope, receive, send)
            return
        invitation = self._invites(HTTPConnection(scope)) if self._invites else None
        refusal = invitation or JSONResponse({"error": problem}, status_code=403)
        await refusal(scope, receive, send)

    def _problem(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        origin = headers.get("origin")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            return f"requests of pages from {origin} are refused"
        if self._token is not None:
            given = headers.get(TOKEN_HEADER, "")
            if not given and self._admits is not None and self._admits(HTTPConnection(scope)):
                return None
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return f"the control API wants its token in the header {TOKEN_HEADER}"
            return None
        if _hostname(host) not in self._names:
            return f"Host {host!r} is not this server"
        client = scope.get("client")
        if client is not None and not is_loopback(client[0]):
            return "without a control token, only this machine may use the control API"
        return None


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
