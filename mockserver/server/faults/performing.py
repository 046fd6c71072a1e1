"""Sends an answer over ASGI, and does to it on its way what a fault wants.

Our own protocol puts into the scope what breaks a connection (`WIRE`). Under another server an answer that is to be
broken is begun and not ended, which servers answer by closing the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from starlette.types import Receive, Scope, Send

from mockserver.core.exchange import Answer
from mockserver.server.asgi import WIRE, send_answer, send_head
from mockserver.server.engine import Reply
from mockserver.server.faults.effects import Effect

# A body that drips comes in this many pieces, if it has as many bytes.
PIECES = 10
BROKEN = Answer(502, (), b"?")


class Wire(Protocol):
    """The connection under a request."""

    held: bool

    def reset(self) -> None: ...

    def close(self) -> None: ...


async def transmit(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    """Returns early if the client goes away."""
    head = scope["method"] == "HEAD"
    if reply.effect is None:
        await send_answer(reply.answer, send, head=head)
        return
    wire: Wire | None = scope.get(WIRE)
    gone = asyncio.ensure_future(_gone(receive))
    if wire is not None:
        wire.held = True
    try:
        await _carry_out(reply.effect, reply.answer, head, wire, gone, send)
    finally:
        if wire is not None:
            wire.held = False
        gone.cancel()


async def _carry_out(
    effect: Effect, answer: Answer, head: bool, wire: Wire | None, gone: asyncio.Future[None], send: Send
) -> None:
    if effect.delay and await passes(effect.delay, gone):
        return
    if effect.ending == "hang":
        await gone
    elif effect.ending == "reset":
        if wire is None:
            # Promises a body and never sends it; some servers wait for the first piece before they send anything.
            await send_head(replace(answer, status=BROKEN.status, body=BROKEN.body), send)
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            return
        wire.reset()
        await gone
    elif head or not (effect.drip or effect.ending == "truncate") or not answer.body:
        await send_answer(answer, send, head=head)
    else:
        await _in_pieces(effect, answer, wire, gone, send)


async def _in_pieces(
    effect: Effect, answer: Answer, wire: Wire | None, gone: asyncio.Future[None], send: Send
) -> None:
    await send_head(answer, send)
    truncated = effect.ending == "truncate"
    body = answer.body[: len(answer.body) // 2] if truncated else answer.body
    pieces = list(pieces_of(body)) if effect.drip else [body]
    for number, piece in enumerate(pieces):
        if number and await passes(effect.drip, gone):
            return
        more = truncated or number < len(pieces) - 1
        await send({"type": "http.response.body", "body": piece, "more_body": more})
    if truncated and wire is not None:
        wire.close()
        await gone


def pieces_of(body: bytes) -> Iterator[bytes]:
    """As they drip."""
    size = max(1, -(-len(body) // PIECES))
    for at in range(0, len(body), size):
        yield body[at : at + size]


async def passes(seconds: float, gone: asyncio.Future[None]) -> bool:
    """Lets time pass; true if the client went away meanwhile."""
    done, _ = await asyncio.wait({gone}, timeout=seconds)
    return bool(done)


async def _gone(receive: Receive) -> None:
    """Until the client goes away. What is left of a body that was too long to read is not kept."""
    while (await receive())["type"] != "http.disconnect":
        pass
