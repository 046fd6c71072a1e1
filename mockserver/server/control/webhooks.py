"""The control API of webhooks: who is told, what was sent, sending it again, and what the sandbox itself received."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mockserver.core.errors import ConfigurationError
from mockserver.core.webhook import DEFAULT_SECRET, WebhookTarget
from mockserver.server.control.bodies import read_object
from mockserver.server.control.choosing import chosen
from mockserver.server.sandboxes import Sandboxes
from mockserver.server.webhooks import Outbox

KEYS = {"url": str, "secret": str, "events": list}
MOST_TARGETS = 100
LONGEST_SECRET = 1_000
MOST_EVENTS, LONGEST_EVENT = 100, 200


def webhook_routes(sandboxes: Sandboxes) -> list[BaseRoute]:
    def outbox(request: Request) -> Outbox:
        return chosen(sandboxes, request).outbox

    async def show(request: Request) -> Response:
        box = outbox(request)
        return JSONResponse(
            {
                "targets": [_target(target) for target in box.targets.values()],
                "deliveries": [delivery.as_json() for delivery in box.deliveries.values()],
            }
        )

    async def register(request: Request) -> Response:
        wanted = await _wanted(request)
        box = outbox(request)
        if len(box.targets) >= MOST_TARGETS:
            raise HTTPException(409, f"there are {MOST_TARGETS} targets, and no more are kept")
        number = 1
        while f"target-{number}" in box.targets:
            number += 1
        target = WebhookTarget(
            f"target-{number}",
            wanted["url"],
            wanted.get("secret", DEFAULT_SECRET),
            tuple(wanted.get("events", ())),
        )
        try:
            box.add_target(target)
        except ConfigurationError as error:
            raise HTTPException(400, str(error)) from None
        return JSONResponse(_target(target), status_code=201)

    async def forget(request: Request) -> Response:
        name = request.path_params["target"]
        if outbox(request).targets.pop(name, None) is None:
            raise HTTPException(404, f"there is no target {name!r}")
        return Response(status_code=204)

    async def send_again(request: Request) -> Response:
        name = request.path_params["delivery"]
        try:
            delivery = outbox(request).send_again(name)
        except KeyError:
            raise HTTPException(404, f"there is no delivery {name!r}") from None
        return JSONResponse(delivery.as_json(), status_code=202)

    async def show_inbox(request: Request) -> Response:
        return JSONResponse({"messages": [received.as_json() for received in tuple(outbox(request).inbox)]})

    async def empty_inbox(request: Request) -> Response:
        outbox(request).inbox.clear()
        return Response(status_code=204)

    return [
        Route("/inbox", show_inbox),
        Route("/inbox", empty_inbox, methods=["DELETE"]),
        Route("/webhooks", show),
        Route("/webhooks/targets", register, methods=["POST"]),
        Route("/webhooks/targets/{target}", forget, methods=["DELETE"]),
        Route("/webhooks/{delivery}/send-again", send_again, methods=["POST"]),
    ]


def _target(target: WebhookTarget) -> dict[str, Any]:
    """Without its secret, which whoever registered it knows."""
    return {"id": target.id, "url": target.url, "events": list(target.events)}


async def _wanted(request: Request) -> dict[str, Any]:
    wanted = await read_object(request)
    for key, value in wanted.items():
        if key not in KEYS or not isinstance(value, KEYS[key]):
            raise HTTPException(
                400, f"{key[:100]!r} is unknown, or of the wrong type; known are {', '.join(KEYS)}"
            )
    if "url" not in wanted:
        raise HTTPException(400, "the body must be an object with a url, and perhaps a secret and events")
    if len(wanted.get("secret", "")) > LONGEST_SECRET:
        raise HTTPException(400, f"the secret is longer than {LONGEST_SECRET} characters")
    events = wanted.get("events", [])
    if len(events) > MOST_EVENTS or not all(
        isinstance(event, str) and len(event) <= LONGEST_EVENT for event in events
    ):
        raise HTTPException(400, f"events must be names of events, {MOST_EVENTS} at most")
    return wanted
