"""The routes of the console."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mockserver.providers import REGISTRY
from mockserver.server.console.clock import clock_routes
from mockserver.server.console.console import Console
from mockserver.server.console.events import event_routes
from mockserver.server.console.faults import fault_routes
from mockserver.server.console.login import Login
from mockserver.server.console.operations import described
from mockserver.server.console.reference import reference_routes
from mockserver.server.console.rendering import Assets, Renderer
from mockserver.server.console.requests import request_routes, show_list
from mockserver.server.console.sandboxes import sandbox_routes
from mockserver.server.console.state import state_routes
from mockserver.server.console.webhooks import webhook_routes
from mockserver.server.engine import Engine
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.journal.explaining import Explanations
from mockserver.server.journal.reading import Reading
from mockserver.server.settings import Settings

FrontPage = Callable[[Request], Response]


def console_of(
    settings: Settings,
    documents: Mapping[str, Mapping[str, Any]],
    engine: Engine,
    catalogue: Catalogue,
    reading: Reading,
    explanations: Explanations,
    login: Login | None,
) -> tuple[FrontPage, list[BaseRoute]]:
    """What answers a browser at /_mock/, and everything below it that is the console's."""
    renderer = Renderer(can_leave=login is not None)
    console = Console(
        settings,
        [REGISTRY[name] for name in settings.providers],
        described(documents),
        engine.sandboxes,
        reading,
        explanations,
        renderer,
    )

    def front(request: Request) -> Response:
        try:
            return show_list(console, request)
        except HTTPException as error:
            return console.problem(request, error)

    return front, [
        Route("/console/assets/{name}", Assets().serve),
        *(login.routes(renderer) if login is not None else []),
        *event_routes(engine.sandboxes.feed),
        *request_routes(console),
        *state_routes(console),
        *sandbox_routes(console),
        *fault_routes(console, catalogue),
        *webhook_routes(console),
        *clock_routes(console),
        *reference_routes(console),
    ]
