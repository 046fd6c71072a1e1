"""From a template and values to a page. Everything is escaped, and what would not be seen is made visible.

Templates are ours, values are anybody's: autoescaping holds for each of them, undefined names are errors, and no
template may mark anything as safe (a test looks). No page loads or runs anything that is not in `assets`.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response

from mockserver import __version__
from mockserver.server.asgi import SANDBOX
from mockserver.server.console import wording
from mockserver.server.console.visible import visible
from mockserver.server.sandboxes import DEFAULT

PREFIX = "/_mock/console"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it, browsers hide the origin of a form, and the guard would refuse it.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NAVIGATION = (
    ("requests", "", "Requests"),
    ("state", "console/state", "State"),
    ("faults", "console/faults", "Faults"),
    ("webhooks", "console/webhooks", "Webhooks"),
    ("clock", "console/clock", "Clock"),
    ("coverage", "console/coverage", "Coverage"),
    ("rules", "console/rules", "Rules"),
    ("sandboxes", "console/sandboxes", "Sandboxes"),
)


def _finalize(value: Any) -> Any:
    """What every expression of every template goes through, before it is escaped."""
    if isinstance(value, Markup):
        return value
    return visible(str(value))


class Renderer:
    """The templates, ready to use. `can_leave` says whether there is a login to log out of."""

    def __init__(self, *, can_leave: bool) -> None:
        self._environment = Environment(
            loader=PackageLoader("mockserver.server.console"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(navigation=NAVIGATION, version=__version__, can_leave=can_leave)
        self._environment.filters.update(wording.FILTERS)

    def text(self, template: str, values: Mapping[str, Any]) -> str:
        return self._environment.get_template(template).render(values)

    def page(
        self,
        template: str,
        request: Request,
        *,
        here: str,
        status: int = 200,
        problem: str = "",
        **values: Any,
    ) -> Response:
        """`here` is the place in the navigation; `problem` is what went wrong with what was asked."""
        sandbox = request.scope[SANDBOX]
        text = self.text(
            template,
            {
                "here": here,
                "sandbox": sandbox,
                "base": base_of(sandbox),
                "problem": problem,
                "done": wording.DONE.get(request.query_params.get("done", ""), ""),
                **values,
            },
        )
        return HTMLResponse(text, status, {**HEADERS, "Cache-Control": "no-store", "Vary": "Accept"})


def base_of(sandbox: str) -> str:
    """What every link of this sandbox's pages begins with."""
    return "/_mock/" if sandbox == DEFAULT else f"/_mock/sandboxes/{sandbox}/_mock/"


class Assets:
    """The files that pages load, read once."""

    def __init__(self) -> None:
        folder = resources.files("mockserver.server.console") / "assets"
        self._files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}

    async def serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        content = self._files.get(name)
        if content is None:
            raise HTTPException(404, f"there is no {name!r} here")
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {**HEADERS, "ETag": tag, "Cache-Control": "no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=mimetypes.guess_type(name)[0])


def wanted_part(connection: HTTPConnection) -> str:
    """Which part of a page alone is asked for: the script renews parts."""
    return connection.query_params.get("part", "")
