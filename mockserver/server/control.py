"""The control API and the documentation pages, below /_mock and never among the vendors' paths."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from string import Template
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from swagger_ui_bundle import swagger_ui_path

from mockserver import __version__
from mockserver.server.asgi import SANDBOX
from mockserver.server.guard import ControlGuard
from mockserver.server.sandboxes import NAME, Sandboxes
from mockserver.server.settings import Settings
from mockserver.server.webhook_control import webhook_routes

Documents = Mapping[str, Mapping[str, Any]]

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>$title</title>
<link rel="stylesheet" href="../assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="../assets/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "$document", dom_id: "#swagger-ui", validatorUrl: null, deepLinking: true})</script>
</body>
</html>
""")
PAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def control_app(settings: Settings, documents: Documents, sandboxes: Sandboxes) -> ASGIApp:
    served = {name: orjson.dumps(document) for name, document in documents.items()}

    async def index(request: Request) -> Response:
        return JSONResponse(
            {
                "health": "/_mock/health",
                "reset": "POST /_mock/reset",
                "sandboxes": "/_mock/sandboxes",
                "webhooks": "/_mock/webhooks",
                "documents": {name: f"/_mock/openapi/{name}" for name in served},
                "pages": {name: f"/_mock/docs/{name}/" for name in served},
            }
        )

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__, "providers": list(served)})

    async def reset(request: Request) -> Response:
        sandboxes.reset(request.scope[SANDBOX])
        return Response(status_code=204)

    async def list_sandboxes(request: Request) -> Response:
        return JSONResponse([{"name": sandbox.name, "bytes": sandbox.size} for sandbox in sandboxes])

    async def delete_sandbox(request: Request) -> Response:
        name = request.path_params["name"]
        if not sandboxes.delete(name):
            raise HTTPException(404, f"there is no sandbox {name!r}")
        return Response(status_code=204)

    async def reset_sandbox(request: Request) -> Response:
        name = request.path_params["name"]
        if not NAME.fullmatch(name):
            raise HTTPException(400, f"{name!r} is no name of a sandbox")
        sandboxes.reset(name)
        return Response(status_code=204)

    async def openapi(request: Request) -> Response:
        return Response(_known(request, served), media_type="application/json")

    async def page(request: Request) -> Response:
        name = request.path_params["provider"]
        _known(request, served)
        title = escape(str(documents[name]["info"]["title"]))
        text = PAGE.substitute(title=title, document=f"../../openapi/{name}")
        return HTMLResponse(text, headers={"Content-Security-Policy": PAGE_POLICY})

    async def page_without_slash(request: Request) -> Response:
        _known(request, served)
        return RedirectResponse(f"{request.url.path}/")

    routes = [
        Route("/", index),
        Route("/health", health),
        Route("/reset", reset, methods=["POST"]),
        Route("/sandboxes", list_sandboxes),
        Route("/sandboxes/{name}", delete_sandbox, methods=["DELETE"]),
        Route("/sandboxes/{name}/reset", reset_sandbox, methods=["POST"]),
        *webhook_routes(sandboxes),
        Route("/openapi/{provider}", openapi),
        Mount("/docs/assets", StaticFiles(directory=str(swagger_ui_path))),
        Route("/docs/{provider}/", page),
        Route("/docs/{provider}", page_without_slash),
    ]
    app = Starlette(routes=[Mount("/_mock", routes=routes)], exception_handlers={HTTPException: _in_json})
    host = urlsplit(settings.base_url).hostname
    return ControlGuard(app, token=settings.control_token, names=[host] if host else [])


def _known(request: Request, served: Mapping[str, bytes]) -> bytes:
    name = request.path_params["provider"]
    if name not in served:
        raise HTTPException(404, f"{name!r} is not served here; served are {', '.join(served)}")
    return served[name]


async def _in_json(request: Request, error: Exception) -> Response:
    status, detail, headers = 500, "", None
    if isinstance(error, HTTPException):
        status, detail, headers = error.status_code, error.detail, error.headers
    return JSONResponse({"error": detail}, status_code=status, headers=headers)
