"""The control API of faults: the rules of a sandbox, and the profiles that can be added to them."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mockserver.server.control.bodies import LARGEST, read_object
from mockserver.server.control.choosing import chosen
from mockserver.server.faults import values
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.faults.deciding import Faults, TakenId, TooMany
from mockserver.server.faults.files import load_profile, profile_names, shown
from mockserver.server.faults.reading import read_rule, read_rules
from mockserver.server.faults.rules import Rule
from mockserver.server.faults.values import Wrong
from mockserver.server.sandboxes import Sandboxes

# In bytes: of a whole set of rules.
LARGEST_SET = 16 * LARGEST


def fault_routes(sandboxes: Sandboxes, catalogue: Catalogue) -> list[BaseRoute]:
    def faults(request: Request) -> Faults:
        return chosen(sandboxes, request).faults

    def rule(request: Request) -> Rule:
        name = request.path_params["id"]
        found = faults(request).get(name)
        if found is None:
            raise HTTPException(404, f"there is no fault {name!r}")
        return found

    async def show(request: Request) -> Response:
        return _rules(list(faults(request)))

    async def add(request: Request) -> Response:
        body = await read_object(request)
        try:
            (added,) = faults(request).add([read_rule(body, catalogue)])
        except (Wrong, TakenId, TooMany) as error:
            raise _refusal(error) from None
        return JSONResponse(added.as_json(), status_code=201)

    async def replace(request: Request) -> Response:
        body = await read_object(request, LARGEST_SET)
        try:
            given = values.mapping(body, (), ("rules",))
            specs = read_rules(given.get("rules"), catalogue)
            return _rules(faults(request).replace(specs))
        except (Wrong, TakenId, TooMany) as error:
            raise _refusal(error) from None

    async def clear(request: Request) -> Response:
        faults(request).clear()
        return Response(status_code=204)

    async def show_one(request: Request) -> Response:
        return JSONResponse(rule(request).as_json())

    async def remove(request: Request) -> Response:
        faults(request).remove(rule(request).id)
        return Response(status_code=204)

    async def switch(request: Request) -> Response:
        body = await read_object(request)
        try:
            given = values.mapping(body, (), ("enabled",))
            enabled = values.flag(given.get("enabled"), ("enabled",))
        except Wrong as error:
            raise _refusal(error) from None
        found = rule(request)
        faults(request).enable(found, enabled)
        return JSONResponse(found.as_json())

    async def show_profiles(request: Request) -> Response:
        return JSONResponse({"profiles": [shown(load_profile(name, catalogue)) for name in profile_names()]})

    async def add_profile(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in profile_names():
            raise HTTPException(404, f"there is no profile {name!r}; there are {', '.join(profile_names())}")
        try:
            added = faults(request).add(load_profile(name, catalogue).rules)
        except (TakenId, TooMany) as error:
            raise _refusal(error) from None
        return _rules(added, 201)

    return [
        Route("/faults", show),
        Route("/faults", add, methods=["POST"]),
        Route("/faults", replace, methods=["PUT"]),
        Route("/faults", clear, methods=["DELETE"]),
        Route("/faults/{id}", show_one),
        Route("/faults/{id}", remove, methods=["DELETE"]),
        Route("/faults/{id}", switch, methods=["PATCH"]),
        Route("/profiles", show_profiles),
        Route("/profiles/{name}", add_profile, methods=["POST"]),
    ]


def _rules(rules: list[Rule], status: int = 200) -> Response:
    content: dict[str, Any] = {"rules": [rule.as_json() for rule in rules]}
    return JSONResponse(content, status_code=status)


def _refusal(error: Wrong | TakenId | TooMany) -> HTTPException:
    return HTTPException(400 if isinstance(error, Wrong) else 409, str(error))
