"""Who may use the control API: this machine, or whoever has the token; never a web page of somebody else's.

A browser is believed where it speaks of the page that sent a request (Origin, Sec-Fetch-Site, the Host of a rebound
name), as no script of a page can write these. Nobody is believed who says that he came from nearer than his socket
does: X-Forwarded-For and its kin can only make a client less welcome.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.server.loopback import is_loopback

TOKEN_HEADER = "X-Mock-Token"  # noqa: S105 - the name of a header
SAFE_METHODS = frozenset({"GET", "HEAD"})
OWN_SITES = frozenset({"same-origin", "none"})

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?")
_ORIGIN = re.compile(rf"(https?)://{_AUTHORITY.pattern}")
_PORTS = {"http": 80, "https": 443}
_FORWARDED_FOR = re.compile(r"""for\s*=\s*"?(\[[^\]]*\]|[^;,"\s]*)""", re.IGNORECASE)

# What every answer of the control API says of itself, where it does not say it otherwise.
DEFAULT_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class ControlGuard:
    """`token` of None admits loopback clients that address the server by a loopback name or its own (`names`).

    With a token, `admits` may let in who does not send it (the console's session), and `invites` may answer instead
    of a refusal (the console's login page). Neither is asked about a request of somebody else's page.
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
        self.app = app
        self._token = token
        self._names = {name.lower() for name in names}
        self._admits = admits
        self._invites = invites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # Nothing here speaks it, and browsers hold it to no origin.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            answer = self._refusal(scope) or self.app
            await answer(scope, receive, _with_default_headers(send))
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        problem = _of_another_page(scope["method"], headers)
        if problem is None and self._token is not None:
            if self._has_token(headers):
                return None
            connection = HTTPConnection(scope)
            if TOKEN_HEADER not in headers and self._admits is not None and self._admits(connection):
                return None
            if self._invites is not None and (invitation := self._invites(connection)) is not None:
                return invitation
            problem = f"the control API wants its token in the header {TOKEN_HEADER}"
        elif problem is None:
            problem = self._of_another_machine(scope, headers)
        return None if problem is None else JSONResponse({"error": problem}, status_code=403)

    def _has_token(self, headers: Headers) -> bool:
        given = headers.get(TOKEN_HEADER, "")
        return self._token is not None and hmac.compare_digest(given.encode(), self._token.encode())

    def _of_another_machine(self, scope: Scope, headers: Headers) -> str | None:
        hosts = headers.getlist("host")
        host = _AUTHORITY.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if host is None or not self._is_own(host[1].lower()):
            return f"Host {', '.join(hosts)[:100]!r} is not this server"
        client = scope.get("client")
        # A client that has hung up already has no address any more, whoever it was.
        if client is None or not is_loopback(client[0]):
            return "without a control token, only this machine may use the control API"
        if not all(is_loopback(address) for address in _forwarded_for(headers)):
            return "without a control token, only this machine may use the control API, through no proxy"
        return None

    def _is_own(self, name: str) -> bool:
        bare = name.strip("[]")
        return bare in self._names or is_loopback(bare)


def _of_another_page(method: str, headers: Headers) -> str | None:
    origin = headers.get("origin")
    if origin is not None and not _is_origin_of(origin, headers.get("host", "")):
        return f"requests of pages from {origin[:100]!r} are refused"
    site = headers.get("sec-fetch-site")
    if site is None or site in OWN_SITES:
        return None
    if (
        method in SAFE_METHODS
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    ):
        return None  # somebody follows a link to here, and the page with the link sees nothing of the answer
    return "requests of pages from elsewhere are refused"


def _is_origin_of(origin: str, host: str) -> bool:
    page, here = _ORIGIN.fullmatch(origin), _AUTHORITY.fullmatch(host)
    if page is None or here is None:
        return False
    usual = _PORTS[page[1]]
    return (page[2].lower(), int(page[3] or usual)) == (here[1].lower(), int(here[2] or usual))


def _forwarded_for(headers: Headers) -> Iterator[str]:
    """The clients that proxies on the way speak of."""
    for value in (*headers.getlist("x-forwarded-for"), *headers.getlist("x-real-ip")):
        for address in value.split(","):
            yield _without_port(address.strip())
    for value in headers.getlist("forwarded"):
        for address in _FORWARDED_FOR.findall(value):
            yield _without_port(address)


def _without_port(address: str) -> str:
    found = _AUTHORITY.fullmatch(address)
    return found[1].strip("[]") if found else address


def _with_default_headers(send: Send) -> Send:
    async def with_defaults(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in DEFAULT_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return with_defaults
