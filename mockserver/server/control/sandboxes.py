"""The control API of sandboxes."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mockserver.server.asgi import SANDBOX
from mockserver.server.sandboxes import NAME, Sandboxes


def sandbox_routes(sandboxes: Sandboxes) -> list[BaseRoute]:
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

    return [
        Route("/reset", reset, methods=["POST"]),
        Route("/sandboxes", list_sandboxes),
        Route("/sandboxes/{name}", delete_sandbox, methods=["DELETE"]),
        Route("/sandboxes/{name}/reset", reset_sandbox, methods=["POST"]),
    ]
