"""The control API of journals: what was asked and answered, what nothing owned, who broke the contract."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mockserver.server.control.choosing import chosen
from mockserver.server.control.documents import Documents
from mockserver.server.engine import Engine
from mockserver.server.journal.breaches import By
from mockserver.server.journal.filters import USUAL, BadFilter, Filter
from mockserver.server.journal.reading import Reading
from mockserver.server.rules import Rule, load_rules
from mockserver.server.sandboxes import ServedSandbox
from mockserver.server.settings import Settings

# Breaches and archives are of the whole journal, unless told otherwise.
EVERY = sys.maxsize
BY: Mapping[str, By] = {"client": "client", "mock": "mock"}


def journal_routes(
    settings: Settings, documents: Documents, engine: Engine, reading: Reading
) -> list[BaseRoute]:
    def sandbox_of(request: Request) -> ServedSandbox:
        return chosen(engine.sandboxes, request)

    async def find(request: Request) -> Response:
        wanted = _filter(request.query_params.multi_items())
        sandbox = sandbox_of(request)
        return _json(
            {
                "entries": [shown.as_json() for shown in reading.find(sandbox, wanted)],
                "total": len(sandbox.journal),
                "dropped": sandbox.journal.dropped,
            }
        )

    async def count(request: Request) -> Response:
        wanted = _filter(request.query_params.multi_items())
        return _json({"count": reading.count(sandbox_of(request), wanted)})

    async def unmatched(request: Request) -> Response:
        wanted = _filter(request.query_params.multi_items())
        sandbox = sandbox_of(request)
        return _json(
            {
                "entries": reading.unmatched(sandbox, wanted),
                "total": len(sandbox.journal),
                "dropped": sandbox.journal.dropped,
            }
        )

    async def breaches(request: Request) -> Response:
        pairs = request.query_params.multi_items()
        by = _by([value for key, value in pairs if key == "by"])
        wanted = _filter([pair for pair in pairs if pair[0] != "by"], EVERY)
        found = reading.breaches(sandbox_of(request), wanted, by)
        return _json({"breaches": [breach.as_json() for breach in found]})

    async def har(request: Request) -> Response:
        wanted = _filter(request.query_params.multi_items(), EVERY)
        sandbox = sandbox_of(request)
        found = reading.har(sandbox, wanted)
        name = f'attachment; filename="{sandbox.name}.har"'
        return Response(
            orjson.dumps(found), media_type="application/json", headers={"Content-Disposition": name}
        )

    async def one(request: Request) -> Response:
        sandbox, name = sandbox_of(request), request.path_params["entry"]
        digits = name.removeprefix("r")
        known = name != digits and digits.isascii() and digits.isdigit() and len(digits) < 16
        entry = sandbox.journal.get(int(digits)) if known else None
        if entry is None:
            raise HTTPException(404, f"the journal of sandbox {sandbox.name!r} has no entry {name[:80]!r}")
        return _json(reading.showing(sandbox).shown(entry).as_json())

    async def clear(request: Request) -> Response:
        sandbox_of(request).journal.clear()
        return Response(status_code=204)

    async def coverage(request: Request) -> Response:
        return _json(reading.coverage(sandbox_of(request)))

    @cache
    def rules_of(name: str) -> list[Rule]:
        return load_rules(name, settings.specs)

    async def rules(request: Request) -> Response:
        given = request.query_params.get("provider")
        if given is not None and given not in documents:
            raise HTTPException(400, f"'provider' must be one of {', '.join(documents)}")
        names = list(documents) if given is None else [given]
        found = [rule.as_json() for name in names for rule in rules_of(name)]
        return _json({"rules": found})

    return [
        Route("/journal", find),
        Route("/journal", clear, methods=["DELETE"]),
        Route("/journal/count", count),
        Route("/journal/unmatched", unmatched),
        Route("/journal/breaches", breaches),
        Route("/journal/har", har),
        Route("/journal/{entry}", one),
        Route("/coverage", coverage),
        Route("/rules", rules),
    ]


def _filter(pairs: Iterable[tuple[str, str]], usual: int = USUAL) -> Filter:
    try:
        return Filter.read(pairs, usual)
    except BadFilter as error:
        raise HTTPException(400, str(error)) from None


def _by(values: list[str]) -> By | None:
    if not values:
        return None
    if len(values) > 1 or values[0] not in BY:
        raise HTTPException(400, "'by' must be client or mock")
    return BY[values[0]]


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
