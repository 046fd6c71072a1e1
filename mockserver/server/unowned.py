"""What no operation owns: the control API below /_mock, and everything else, which the vendor whose paths they are
refuses in its own words."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.core.exchange import Answer, Headers, Request
from mockserver.core.provider import Provider
from mockserver.server.asgi import SANDBOX, send_answer
from mockserver.server.sandboxes import Sandboxes

CONTROL = "/_mock"


class Unowned:
    def __init__(self, providers: Sequence[Provider], sandboxes: Sandboxes, control: ASGIApp) -> None:
        self._providers = sorted(providers, key=lambda provider: len(provider.prefix), reverse=True)
        self._sandboxes = sandboxes
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path == CONTROL or path.startswith(f"{CONTROL}/"):
            await self._control(scope, receive, send)
            return
        request = Request(scope["method"], path, headers=Headers(scope["headers"]))
        await send_answer(self.owner(path).unrouted(request), send, head=request.method == "HEAD")

    def owner(self, path: str) -> Provider:
        """The vendor with the longest prefix of this path; a path outside all of them falls to the last."""
        for provider in self._providers:
            if path.startswith(provider.prefix):
                return provider
        return self._providers[-1]

    async def crashed(self, request: StarletteRequest, error: Exception) -> Response:
        """The mock itself has failed. The traceback is in the log; the client gets the vendor's own words for it."""
        owner = self.owner(request.url.path)
        answer: Answer = owner.crashed(self._sandboxes.named(request.scope[SANDBOX]).services)
        return Response(answer.body, answer.status, dict(answer.headers))
