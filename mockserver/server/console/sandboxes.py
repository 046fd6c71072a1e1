"""The page of sandboxes: which there are, and making, copying, resetting and deleting them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from mockserver.server.asgi import SANDBOX
from mockserver.server.console.console import Console, form_of
from mockserver.server.console.rendering import base_of
from mockserver.server.sandboxes import NAME, NoRoom


def sandbox_routes(console: Console) -> list[BaseRoute]:
    sandboxes = console.sandboxes

    async def show(request: Request) -> Response:
        return _page(console, request)

    async def act(request: Request) -> Response:
        form = await form_of(request)
        name, action = form.get("name", ""), form.get("do", "")
        if not NAME.fullmatch(name):
            return _page(console, request, problem=_no_name(name))
        there = sandboxes.get(name)
        if action == "make":
            sandboxes.named(name)
            return console.back(request, "console/sandboxes", "made")
        if there is None:
            return _page(console, request, problem=f"There is no sandbox “{name}” any more.")
        if action == "fork":
            copy = form.get("as", "").strip()
            if not NAME.fullmatch(copy):
                return _page(console, request, problem=_no_name(copy))
            try:
                sandboxes.fork(there, copy)
            except KeyError:
                return _page(console, request, problem=f"There is a sandbox “{copy}” already.")
            except NoRoom as full:
                return _page(console, request, problem=f"All sandboxes have {full.limit} bytes: no room.")
            return console.back(request, "console/sandboxes", "forked")
        if action == "reset":
            sandboxes.reset(name)
            return console.back(request, "console/sandboxes", "reset")
        if action == "delete":
            sandboxes.delete(name)
            # A page of a sandbox that is gone would be none.
            here = "" if name == request.scope[SANDBOX] else request.scope[SANDBOX]
            base = base_of(here) if here else "/_mock/"
            return RedirectResponse(f"{base}console/sandboxes?done=deleted", 303)
        raise HTTPException(400, "The form does not say what to do.")

    return [console.route("sandboxes", show), console.route("sandboxes", act, posts=True)]


def _no_name(name: str) -> str:
    return f"“{name[:80]}” is no name: letters, digits, dot, dash and underscore, at most 64."


def _page(console: Console, request: Request, problem: str = "") -> Response:
    listed = [(sandbox, base_of(sandbox.name)) for sandbox in reversed(list(console.sandboxes))]
    return console.page(
        "sandboxes.html",
        request,
        here="sandboxes",
        status=400 if problem else 200,
        problem=problem,
        listed=listed,
        most=console.settings.max_sandboxes,
        base_url=console.settings.base_url,
    )
