"""The control API of sandboxes."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mockserver.server.asgi import SANDBOX
from mockserver.server.control.bodies import read_object, refuse_others
from mockserver.server.sandboxes import DEFAULT, NAME, NoRoom, Sandboxes


def sandbox_routes(sandboxes: Sandboxes) -> list[BaseRoute]:
    async def reset(request: Request) -> Response:
        sandboxes.reset(request.scope[SANDBOX])
        return Response(status_code=204)

    async def list_sandboxes(request: Request) -> Response:
        return JSONResponse([{"name": sandbox.name, "bytes": sandbox.size} for sandbox in sandboxes])

    async def fork(request: Request) -> Response:
        wanted = await read_object(request)
        refuse_others(wanted, ("name", "from"))
        name, source = wanted.get("name"), wanted.get("from", DEFAULT)
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise HTTPException(400, "name must be one that a sandbox can have")
        if not isinstance(source, str) or not NAME.fullmatch(source):
            raise HTTPException(400, "from must be the name of a sandbox")
        # One that nobody has used yet is as a fresh one.
        original = sandboxes.look(source)
        try:
            forked = sandboxes.fork(original, name)
        except KeyError:
            raise HTTPException(409, f"there is a sandbox {name!r} already") from None
        except NoRoom as full:
            raise HTTPException(507, f"there is no room: all sandboxes have {full.limit} bytes") from None
        return JSONResponse({"name": forked.name, "bytes": forked.size}, status_code=201)

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
        Route("/sandboxes", fork, methods=["POST"]),
        Route("/sandboxes/{name}", delete_sandbox, methods=["DELETE"]),
        Route("/sandboxes/{name}/reset", reset_sandbox, methods=["POST"]),
    ]
