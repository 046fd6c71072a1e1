"""The requests of a sandbox while they come in, and each of them in full."""

from __future__ import annotations

import shlex
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from mockserver.server.console.console import Console, form_of
from mockserver.server.console.exchange import exchange
from mockserver.server.console.listing import SIGNS, Wanted, number_of, window
from mockserver.server.console.rendering import base_of, wanted_part
from mockserver.server.sandboxes import ServedSandbox

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
STATUSES = ("2xx", "3xx", "4xx", "5xx")


def request_routes(console: Console) -> list[BaseRoute]:
    async def one(request: Request) -> Response:
        return show_one(console, request)

    async def clear(request: Request) -> Response:
        await form_of(request)
        console.sandbox(request).journal.clear()
        return console.back(request, "", "cleared")

    return [
        console.route("requests/{id}", one),
        console.route("requests", clear, posts=True),
    ]


def show_list(console: Console, request: Request) -> Response:
    """The page at /_mock/; `part=rows` asks for its list alone, `after` and `before` for a window of it."""
    query = request.query_params
    wanted = Wanted.of(query)
    sandbox = console.sandbox(request)
    before, after = number_of(query.get("before", "")), number_of(query.get("after", ""))
    show = console.reading.showing(sandbox).shown
    seen = window(sandbox.journal, wanted, show, before=before, after=after)
    plain = {name: value for name, value in wanted.given.items() if value}
    older = f"?{urlencode({**plain, 'before': seen.shown[-1].entry.id})}" if seen.older else ""
    values: dict[str, Any] = {
        "window": seen,
        "wanted": wanted.given,
        "narrows": wanted.narrows,
        "problem": wanted.problem,
        "older": older,
        "before": before,
        "total": len(sandbox.journal),
        "dropped": sandbox.journal.dropped,
        "newest": _newest(sandbox),
    }
    if wanted_part(request) == "rows":
        return console.page("rows_part.html", request, here="requests", **values)
    return console.page(
        "requests.html",
        request,
        here="requests",
        methods=METHODS,
        statuses=STATUSES,
        signs=SIGNS,
        operations=console.operations,
        examples=_examples(console, sandbox),
        **values,
    )


def show_one(console: Console, request: Request) -> Response:
    sandbox = console.sandbox(request)
    number = number_of(request.path_params["id"])
    entry = sandbox.journal.get(number) if number is not None else None
    if entry is None:
        raise HTTPException(404, "This request is not in the journal of this sandbox, or not any more.")
    shown = console.reading.showing(sandbox).shown(entry)
    template = "panel.html" if wanted_part(request) == "panel" else "exchange.html"
    return console.page(
        template,
        request,
        here="requests",
        x=exchange(shown, console.settings.base_url, console.explanations.explain(shown)),
    )


def _newest(sandbox: ServedSandbox) -> str:
    numbers = [entry.id for entry in sandbox.journal]
    return numbers[-1] if numbers else "r0"


def _examples(console: Console, sandbox: ServedSandbox) -> list[tuple[str, str]]:
    """A first request to each vendor, with the published credential, for a page that has nothing to show yet."""
    if len(sandbox.journal):
        return []
    base = console.settings.base_url + base_of(sandbox.name).removesuffix("/_mock/")
    return [
        (
            provider.title,
            " ".join(
                [
                    f"curl {shlex.quote(base + provider.example[0])}",
                    f"-H {shlex.quote(f'Authorization: {provider.credential}')}",
                    *provider.example[1:],
                ]
            ),
        )
        for provider in console.providers
    ]
