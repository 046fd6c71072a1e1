"""Everything below /_mock, never among the vendors' paths: one list of routes, and who may use them."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router

from mockserver import __version__
from mockserver.core.errors import Unavailable
from mockserver.server.console.app import console_of
from mockserver.server.console.login import Login, accepts_html
from mockserver.server.control import CONTROL, NOT_NOW
from mockserver.server.control.clock import clock_routes
from mockserver.server.control.documented import Documented, load_control_document
from mockserver.server.control.documents import Documents, document_routes
from mockserver.server.control.explain import explain_routes
from mockserver.server.control.faults import fault_routes
from mockserver.server.control.guard import ControlGuard
from mockserver.server.control.journal import journal_routes
from mockserver.server.control.sandboxes import sandbox_routes
from mockserver.server.control.snapshots import snapshot_routes
from mockserver.server.control.state import state_routes
from mockserver.server.control.webhooks import webhook_routes
from mockserver.server.engine import Engine
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.journal.explaining import Explanations
from mockserver.server.journal.reading import Reading
from mockserver.server.settings import Settings

# In characters: names that a client gave stand in it, and can be long.
LONGEST_PROBLEM = 500


def control_app(
    settings: Settings, documents: Documents, engine: Engine, catalogue: Catalogue
) -> ControlGuard:
    control_document = load_control_document()
    shown: Documents = {**documents, "control": control_document}
    login = None
    if settings.control_token is not None:
        # Cookies are shared by all ports of a host.
        port = urlsplit(settings.base_url).port or 80
        login = Login(settings.control_token, cookie=f"mock_session_{port}")
    reading = Reading(settings, documents, engine)
    explanations = Explanations(reading, documents, settings.specs)
    front, pages = console_of(settings, documents, engine, catalogue, reading, explanations, login)

    async def index(request: Request) -> Response:
        if accepts_html(request):
            return front(request)
        return JSONResponse(
            {
                "health": "/_mock/health",
                "reset": "POST /_mock/reset",
                "sandboxes": "/_mock/sandboxes",
                "state": "/_mock/state",
                "snapshots": "/_mock/snapshots",
                "clock": "/_mock/clock",
                "webhooks": "/_mock/webhooks",
                "inbox": "/_mock/inbox",
                "faults": "/_mock/faults",
                "profiles": "/_mock/profiles",
                "journal": "/_mock/journal",
                "explain": "/_mock/explain/{id}",
                "coverage": "/_mock/coverage",
                "rules": "/_mock/rules",
                "events": "/_mock/events",
                "documents": {name: f"/_mock/openapi/{name}" for name in shown},
                "pages": {name: f"/_mock/docs/{name}/" for name in shown},
            },
            headers={"Vary": "Accept"},
        )

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__, "providers": list(documents)})

    routes = [
        Route("/", index),
        Route("/health", health),
        *sandbox_routes(engine.sandboxes),
        *state_routes(engine.sandboxes),
        *snapshot_routes(engine.sandboxes),
        *clock_routes(engine.sandboxes),
        *webhook_routes(engine.sandboxes),
        *fault_routes(engine.sandboxes, catalogue),
        *journal_routes(settings, documents, engine, reading),
        *document_routes(shown),
        *explain_routes(engine, reading, explanations),
        *pages,
    ]
    app = Starlette(
        routes=[Route(CONTROL, index), Mount(CONTROL, Router(routes, redirect_slashes=False))],
        exception_handlers={HTTPException: _in_json, Unavailable: _not_now},
    )
    app.router.redirect_slashes = False
    host = urlsplit(settings.base_url).hostname
    return ControlGuard(
        Documented(app, control_document, prefix=CONTROL),
        token=settings.control_token,
        names=[host] if host else [],
        admits=login.admits if login else None,
        invites=login.invitation if login else None,
    )


async def _not_now(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": NOT_NOW}, status_code=503)


async def _in_json(request: Request, error: Exception) -> Response:
    status, detail, headers = 500, "", None
    if isinstance(error, HTTPException):
        status, detail, headers = error.status_code, error.detail, error.headers
    return JSONResponse({"error": detail[:LONGEST_PROBLEM]}, status_code=status, headers=headers)
