"""Sends an answer over ASGI, and does to it on its way what a fault wants."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from mockserver.server.asgi import send_answer
from mockserver.server.engine import Reply


async def transmit(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    await send_answer(reply.answer, send, head=scope["method"] == "HEAD")
