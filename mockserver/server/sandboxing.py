"""Which sandbox a request is for: by the header X-Mock-Sandbox, or by a base URL that ends in /_mock/sandboxes/NAME.

A page of somebody else's, open in a browser on this machine, may choose none: it could make new ones, in images that
nobody sees, until all that people work with had to make room.
"""

from __future__ import annotations

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


class Sandboxing:
    """Writes the name of the sandbox into the scope and takes the prefix off the path; a prefix wins over a header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        name = headers.get(HEADER, DEFAULT)
        raw_path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
        mount = ""
        if raw_path.startswith(PREFIX):
            segment, _, rest = raw_path.removeprefix(PREFIX).partition("/")
            if rest not in CONTROL:
                name = unquote(segment)
                mount = PREFIX + segment
        if not NAME.fullmatch(name):
            problem = (
                f"{name[:100]!r} is no name of a sandbox: letters, digits, dot, dash, underscore, at most 64"
            )
            await JSONResponse({"error": problem}, status_code=400)(scope, receive, send)
            return
        if mount and headers.get("sec-fetch-site") == "cross-site":
            problem = "requests of pages from elsewhere may choose no sandbox"
            await JSONResponse({"error": problem}, status_code=403)(scope, receive, send)
            return
        scope = {**scope, SANDBOX: name, MOUNT: mount}
        if mount:
            raw_path = raw_path.removeprefix(mount)
            scope |= {"raw_path": raw_path.encode("latin-1"), "path": unquote(raw_path)}
        await self._app(scope, receive, send)
