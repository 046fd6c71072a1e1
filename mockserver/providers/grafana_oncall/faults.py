"""Failures that no request has earned, in Grafana OnCall's words.

Client errors are the framework's. Its only page for a server's error is that of a 500; for what a gateway answers in
the engine's place it stands in, with the number changed. A status that the framework never says comes without a body.
"""

from __future__ import annotations

from dataclasses import replace

from mockserver.core.errors import (
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    NotPermitted,
    Refusal,
    Throttled,
    TooLarge,
    UnsupportedMedia,
)
from mockserver.core.exchange import LARGEST_BODY, Answer, Request
from mockserver.core.provider import Operation
from mockserver.providers.grafana_oncall import checks, wire
from mockserver.providers.grafana_oncall.model import World


def fault(
    operation: Operation, request: Request, status: int, retry_after: int | None, world: World
) -> Answer:
    visit = checks.OnCallVisit(operation, request, {}, world)
    if status == 429:
        return wire.refuse(visit, Throttled(1 if retry_after is None else retry_after))
    refusal = _refusal(request, status)
    if refusal is not None:
        answer = wire.refuse(visit, refusal)
    elif status == 400:
        answer = wire.answer(visit, 400, {"detail": "Malformed request."})
    elif status >= 500:
        answer = wire.html_page(status, f"Server Error ({status})", "")
    else:
        answer = Answer(status)
    if retry_after is None:
        return answer
    return replace(answer, headers=(*answer.headers, ("Retry-After", str(retry_after))))


def _refusal(request: Request, status: int) -> Refusal | None:
    match status:
        case 403:
            return NotPermitted()
        case 404:
            return NotFound()
        case 405:
            return MethodNotAllowed(request.method)
        case 406:
            return NotAcceptable()
        case 413:
            return TooLarge(LARGEST_BODY)
        case 415:
            return UnsupportedMedia(request.headers.first("content-type") or "")
    return None
