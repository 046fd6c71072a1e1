"""The control API of snapshots: a sandbox as it was, by name."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mockserver.server.control.choosing import chosen
from mockserver.server.sandboxes import NAME, Sandboxes, ServedSandbox
from mockserver.server.state import shelf
from mockserver.server.state.keeping import keep
from mockserver.server.state.shelf import ShelfFull, Snapshot


def snapshot_routes(sandboxes: Sandboxes) -> list[BaseRoute]:
    def sandbox_of(request: Request) -> ServedSandbox:
        return chosen(sandboxes, request)

    async def show(request: Request) -> Response:
        return JSONResponse({"snapshots": [_shown(snapshot) for snapshot in sandbox_of(request).shelf]})

    async def take(request: Request) -> Response:
        sandbox, name = sandbox_of(request), request.path_params["name"]
        if not NAME.fullmatch(name):
            raise HTTPException(400, f"{name[:100]!r} is no name for a snapshot")
        snapshot = Snapshot(name, sandbox.services.clock.now(), keep(sandbox))
        try:
            replaced = sandbox.shelf.put(snapshot)
        except ShelfFull:
            raise HTTPException(409, f"a sandbox has {shelf.MOST} snapshots at most; delete one") from None
        return JSONResponse(_shown(snapshot), status_code=200 if replaced else 201)

    async def restore(request: Request) -> Response:
        sandbox, name = sandbox_of(request), request.path_params["name"]
        snapshot = sandbox.shelf.get(name)
        if snapshot is None:
            raise _none(name)
        sandboxes.bring_back(sandbox, snapshot.state)
        return Response(status_code=204)

    async def drop(request: Request) -> Response:
        name = request.path_params["name"]
        if not sandbox_of(request).shelf.drop(name):
            raise _none(name)
        return Response(status_code=204)

    return [
        Route("/snapshots", show),
        Route("/snapshots/{name}", take, methods=["PUT"]),
        Route("/snapshots/{name}", drop, methods=["DELETE"]),
        Route("/snapshots/{name}/restore", restore, methods=["POST"]),
    ]


def _shown(snapshot: Snapshot) -> dict[str, str]:
    return {"name": snapshot.name, "at": snapshot.at.isoformat()}


def _none(name: str) -> HTTPException:
    return HTTPException(404, f"there is no snapshot {name[:100]!r}")
