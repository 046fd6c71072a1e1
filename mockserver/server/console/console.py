"""What every page needs, and how a page becomes a route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mockserver.core.provider import Provider
from mockserver.server.asgi import SANDBOX
from mockserver.server.console.operations import Described
from mockserver.server.console.rendering import Renderer, base_of
from mockserver.server.control.bodies import read_bytes
from mockserver.server.journal.explaining import Explanations
from mockserver.server.journal.reading import Reading
from mockserver.server.sandboxes import DEFAULT, Sandboxes, ServedSandbox
from mockserver.server.settings import Settings

MOST_NAMED = 12
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Console:
    """`providers` and `operations` are those that are served."""

    settings: Settings
    providers: Sequence[Provider]
    operations: Sequence[Described]
    sandboxes: Sandboxes
    reading: Reading
    explanations: Explanations
    renderer: Renderer

    @property
    def titles(self) -> Mapping[str, str]:
        return {provider.name: provider.title for provider in self.providers}

    def sandbox(self, request: Request) -> ServedSandbox:
        """The one that the address names. Looking at one makes none, but for the default one."""
        name = request.scope[SANDBOX]
        if name == DEFAULT:
            return self.sandboxes.default
        sandbox = self.sandboxes.get(name)
        if sandbox is not None:
            return sandbox
        raise HTTPException(404, f"There is no sandbox {name!r}: it is made by the first request to it.")

    def page(
        self, template: str, request: Request, *, here: str, status: int = 200, **values: Any
    ) -> Response:
        names = [sandbox.name for sandbox in self.sandboxes if sandbox.name != DEFAULT]
        return self.renderer.page(
            template,
            request,
            here=here,
            status=status,
            titles=self.titles,
            menu=[(name, base_of(name)) for name in (DEFAULT, *reversed(names[-MOST_NAMED:]))],
            **values,
        )

    def route(self, path: str, handler: Handler, *, posts: bool = False) -> Route:
        """`handler` may raise HTTPException, which becomes a page."""

        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except HTTPException as error:
                return self.problem(request, error)

        return Route(f"/console/{path}", guarded, methods=["POST"] if posts else ["GET"])

    def problem(self, request: Request, error: HTTPException) -> Response:
        return self.page(
            "error.html",
            request,
            here="",
            status=error.status_code,
            detail=error.detail,
            missing=self.sandboxes.get(request.scope[SANDBOX]) is None,
        )

    def back(self, request: Request, path: str, done: str) -> Response:
        """To a page of the same sandbox, which says what has been done (a key of wording.DONE)."""
        return RedirectResponse(f"{base_of(request.scope[SANDBOX])}{path}?done={done}", 303)


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form; of repeated ones the last."""
    content = (await read_bytes(request)).decode(errors="replace")
    try:
        fields = parse_qs(content, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise HTTPException(400, "The form has too many fields.") from None
    return {name: values[-1] for name, values in fields.items()}
