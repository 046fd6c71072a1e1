"""The control API's answer to "why did it answer that?"."""

from __future__ import annotations

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mockserver.server.asgi import SANDBOX
from mockserver.server.engine import Engine
from mockserver.server.journal.explaining import Explanations, find_entry
from mockserver.server.journal.reading import Reading


def explain_routes(engine: Engine, reading: Reading, explanations: Explanations) -> list[BaseRoute]:
    async def explain(request: Request) -> Response:
        """The chosen sandbox first, then all others; none is made by looking for it."""
        chosen, id_ = request.scope[SANDBOX], request.path_params["id"]
        found = find_entry(sorted(engine.sandboxes, key=lambda sandbox: sandbox.name != chosen), id_)
        if found is None:
            raise HTTPException(404, f"no journal has a request {id_[:80]!r}, or not any more")
        sandbox, entry = found
        explanation = explanations.explain(reading.showing(sandbox).shown(entry))
        return Response(orjson.dumps(explanation), media_type="application/json")

    return [Route("/explain/{id}", explain)]
