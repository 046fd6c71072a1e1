"""The served documents, and a page of each for a person."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from string import Template
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from swagger_ui_bundle import swagger_ui_path

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


def document_routes(documents: Documents) -> list[BaseRoute]:
    served = {name: orjson.dumps(document) for name, document in documents.items()}

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

    return [
        Route("/openapi/{provider}", openapi),
        Mount("/docs/assets", StaticFiles(directory=str(swagger_ui_path))),
        Route("/docs/{provider}/", page),
        Route("/docs/{provider}", page_without_slash),
    ]


def _known(request: Request, served: Mapping[str, bytes]) -> bytes:
    name = request.path_params["provider"]
    if name not in served:
        raise HTTPException(404, f"{name!r} is not served here; served are {', '.join(served)}")
    return served[name]
