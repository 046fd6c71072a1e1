"""The pages of what a sandbox holds, and of how it was."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from mockserver.server.console.console import Console, form_of
from mockserver.server.console.records import PAGE, Collections
from mockserver.server.sandboxes import NAME
from mockserver.server.state.keeping import keep
from mockserver.server.state.shelf import ShelfFull, Snapshot


def state_routes(console: Console) -> list[BaseRoute]:
    def collections(request: Request) -> Collections:
        vendor = request.path_params["vendor"]
        world = console.sandbox(request).worlds.get(vendor)
        if world is None:
            raise HTTPException(404, "This vendor is not served here.")
        return Collections.of(vendor, world)

    def collection(request: Request) -> tuple[Collections, str]:
        held, name = collections(request), request.path_params["collection"]
        if name not in held.records:
            raise HTTPException(404, "There is no such collection.")
        return held, name

    async def overview(request: Request) -> Response:
        return _overview(console, request)

    async def act(request: Request) -> Response:
        form = await form_of(request)
        sandbox, name = console.sandbox(request), form.get("name", "").strip()
        match form.get("do", ""):
            case "keep":
                if not NAME.fullmatch(name):
                    return _overview(console, request, f"“{name[:80]}” is no name for a snapshot.")
                try:
                    sandbox.shelf.put(Snapshot(name, sandbox.services.clock.now(), keep(sandbox)))
                except ShelfFull:
                    return _overview(console, request, "There are too many snapshots; delete one.")
                return console.back(request, "console/state", "kept")
            case "restore":
                snapshot = sandbox.shelf.get(name)
                if snapshot is None:
                    return _overview(console, request, "This snapshot is gone.")
                console.sandboxes.bring_back(sandbox, snapshot.state)
                return console.back(request, "console/state", "restored")
            case "drop":
                sandbox.shelf.drop(name)
                return console.back(request, "console/state", "dropped")
        raise HTTPException(400, "The form does not say what to do.")

    async def table(request: Request) -> Response:
        held, name = collection(request)
        text = request.query_params.get("text", "").strip()[:200]
        asked = request.query_params.get("page", "1")
        page = int(asked) if asked.isdecimal() and len(asked) < 7 else 1
        columns = held.columns(name)
        rows, count = held.rows(name, columns, text, max(1, page))
        return console.page(
            "collection.html",
            request,
            here="state",
            held=held,
            name=name,
            columns=columns,
            rows=rows,
            count=count,
            text=text,
            page=max(1, page),
            pages=max(1, -(-count // PAGE)),
        )

    async def record(request: Request) -> Response:
        held, name = collection(request)
        key = request.path_params["key"]
        found = held.records[name].get(key)
        if found is None:
            raise HTTPException(404, "There is no such record, or not any more.")
        return console.page(
            "record.html", request, here="state", held=held, name=name, key=key, fields=held.fields(found)
        )

    return [
        console.route("state", overview),
        console.route("state", act, posts=True),
        console.route("state/{vendor}/{collection}", table),
        console.route("state/{vendor}/{collection}/{key:path}", record),
    ]


def _overview(console: Console, request: Request, problem: str = "") -> Response:
    sandbox = console.sandbox(request)
    held = [Collections.of(vendor, world) for vendor, world in sandbox.worlds.items()]
    return console.page(
        "state.html",
        request,
        here="state",
        status=400 if problem else 200,
        problem=problem,
        held=held,
        snapshots=list(sandbox.shelf),
    )
