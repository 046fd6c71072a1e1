"""The sandbox that a request to the control API is about."""

from __future__ import annotations

from starlette.requests import Request

from mockserver.server.asgi import SANDBOX
from mockserver.server.control.guard import SAFE_METHODS
from mockserver.server.sandboxes import Sandboxes, ServedSandbox


def chosen(sandboxes: Sandboxes, request: Request) -> ServedSandbox:
    """Who only looks makes none, and keeps none from being the one idle longest."""
    name = request.scope[SANDBOX]
    return sandboxes.look(name) if request.method in SAFE_METHODS else sandboxes.named(name)
