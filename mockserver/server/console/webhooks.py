"""The page of webhooks: what was sent to whom, and how that went."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from mockserver.core.errors import ConfigurationError
from mockserver.core.webhook import DEFAULT_SECRET, WebhookTarget
from mockserver.server.console.console import Console, form_of

SHOWN = 100


def webhook_routes(console: Console) -> list[BaseRoute]:
    async def show(request: Request) -> Response:
        return _page(console, request)

    async def act(request: Request) -> Response:
        form = await form_of(request)
        box = console.sandbox(request).outbox
        match form.get("do", ""):
            case "send-again":
                try:
                    box.send_again(form.get("id", ""))
                except KeyError:
                    return _page(console, request, problem="This delivery is not kept any more.")
                return console.back(request, "console/webhooks", "sent-again")
            case "add":
                number = 1
                while f"target-{number}" in box.targets:
                    number += 1
                events = tuple(form.get("events", "").replace(",", " ").split())
                secret = form.get("secret", "").strip() or DEFAULT_SECRET
                try:
                    box.add_target(
                        WebhookTarget(f"target-{number}", form.get("url", "").strip(), secret, events)
                    )
                except ConfigurationError as error:
                    return _page(console, request, problem=f"{error}.")
                return console.back(request, "console/webhooks", "target-added")
            case "empty":
                box.inbox.clear()
                return console.back(request, "console/webhooks", "inbox-cleared")
            case "delete":
                if box.targets.pop(form.get("id", ""), None) is None:
                    return _page(console, request, problem="This address is not told any more.")
                return console.back(request, "console/webhooks", "target-deleted")
        raise HTTPException(400, "The form does not say what to do.")

    return [console.route("webhooks", show), console.route("webhooks", act, posts=True)]


def _page(console: Console, request: Request, problem: str = "") -> Response:
    box = console.sandbox(request).outbox
    deliveries = list(box.deliveries.values())
    return console.page(
        "webhooks.html",
        request,
        here="webhooks",
        status=400 if problem else 200,
        problem=problem,
        targets=list(box.targets.values()),
        deliveries=deliveries[: -SHOWN - 1 : -1],
        count=len(deliveries),
        inbox=list(box.inbox)[: -SHOWN - 1 : -1],
    )
