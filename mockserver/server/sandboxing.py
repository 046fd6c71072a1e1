"""Which sandbox a request is for: by the header X-Mock-Sandbox, or by a base URL that ends in /_mock/sandboxes/NAME.

A page of somebody else's, open in a browser on this machine, may choose none: it could make new ones, in images that
nobody sees, until all that people work with had to make room.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.server.asgi import MOUNT, SANDBOX
from mockserver.server.sandboxes import DEFAULT, NAME

HEADER = "X-Mock-Sandbox"
PREFIX = "/_mock/sandboxes/"
# What the control API itself has below a sandbox's name.
CONTROL = frozenset({"", "reset"})


class NoSuchName(Exception):
    """What was asked for can be no sandbox's name; the message says so."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`mount` is the prefix that chose, `path` what is left of the path, both as they were sent."""

    name: str
    mount: str
    path: str


def choose(raw_path: str, header: str | None) -> Choice:
    """A prefix wins over a header. Raises NoSuchName."""
    if header is None and not raw_path.startswith(PREFIX):
        return Choice(DEFAULT, "", raw_path)
    name, mount = DEFAULT if header is None else header, ""
    if raw_path.startswith(PREFIX):
        segment, _, rest = raw_path.removeprefix(PREFIX).partition("/")
        if rest not in CONTROL:
            name, mount = unquote(segment), PREFIX + segment
    if not NAME.fullmatch(name):
        raise NoSuchName(
            f"{name[:100]!r} is no name of a sandbox: letters, digits, dot, dash, underscore, at most 64"
        )
    return Choice(name, mount, raw_path.removeprefix(mount))


class Sandboxing:
    """Writes the name of the sandbox into the scope and takes the prefix off the path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        raw_path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
        headers = Headers(scope=scope)
        try:
            choice = choose(raw_path, headers.get(HEADER))
        except NoSuchName as error:
            await JSONResponse({"error": str(error)}, status_code=400)(scope, receive, send)
            return
        of_a_vendor = choice.mount and not choice.path.startswith("/_mock/")  # there is a guard below that
        if of_a_vendor and headers.get("sec-fetch-site") == "cross-site":
            problem = "requests of pages from elsewhere may choose no sandbox"
            await JSONResponse({"error": problem}, status_code=403)(scope, receive, send)
            return
        scope = {**scope, SANDBOX: choice.name, MOUNT: choice.mount}
        if choice.mount:
            scope |= {"raw_path": choice.path.encode("latin-1"), "path": unquote(choice.path)}
        await self._app(scope, receive, send)
