"""Failures that no request has earned, in incident.io's envelope.

A status for which its document names no type (a 503 of whatever stands before it, say) comes without a body: nobody
has published what that looks like.
"""

from __future__ import annotations

from dataclasses import replace
from math import floor

import orjson

from mockserver.core.errors import (
    Breach,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    Refusal,
    Throttled,
    TooLarge,
)
from mockserver.core.exchange import LARGEST_BODY, Answer, Request
from mockserver.core.provider import Operation
from mockserver.core.rate import Allowance
from mockserver.providers.incident_io import checks, wire
from mockserver.providers.incident_io.budgets import REQUESTS_PER_MINUTE, WINDOW
from mockserver.providers.incident_io.model import World

# The descriptions that the vendor's document gives of the types.
DESCRIBED = {
    400: "There was a problem with the request, like a missing header or querying a resource that doesn't exist.",
    409: "Request conflicted with current state of the resource, likely a concurrent update.",
}


def fault(
    operation: Operation, request: Request, status: int, retry_after: int | None, world: World
) -> Answer:
    if status == 429:
        return _throttled(operation, request, 1 if retry_after is None else retry_after, world)
    refusal = _refusal(operation, status)
    if refusal is not None:
        answer = wire.refuse(checks.IncidentVisit(operation, request, {}, world), refusal)
    elif status in DESCRIBED:
        errors = [wire.error(wire.TYPES[status], DESCRIBED[status])]
        answer = Answer(status, (wire.JSON,), orjson.dumps(wire.envelope(status, world.services, errors)))
    elif status == 500:
        answer = wire.crashed(world.services)
    else:
        answer = Answer(status)
    if retry_after is None:
        return answer
    return replace(answer, headers=(*answer.headers, ("Retry-After", str(retry_after))))


def _refusal(operation: Operation, status: int) -> Refusal | None:
    match status:
        case 401:
            return NotAuthenticated("unknown")
        case 403 if operation.scopes:
            return NotPermitted(operation.scopes[0])
        case 404:
            return NotFound()
        case 413:
            return TooLarge(LARGEST_BODY)
        case 422:
            return Invalid([Breach((), "payload")])
    return None


def _throttled(operation: Operation, request: Request, wait: int, world: World) -> Answer:
    """As the vendor throttles the key of the request; without one there is no limit to tell of."""
    visit = checks.IncidentVisit(operation, request, {}, world)
    try:
        checks.authenticate(visit)
    except NotAuthenticated:
        errors = [wire.error(wire.TYPES[429], wire.TOO_MANY)]
        body = wire.envelope(429, world.services, errors)
        return Answer(429, (wire.JSON, ("Retry-After", str(wait))), orjson.dumps(body))
    factor = 1.0 if world.services.rate_factor is None else world.services.rate_factor
    limits = [REQUESTS_PER_MINUTE, *([operation.rate_limit] if operation.rate_limit else [])]
    visit.limits = tuple(max(1, round(limit * factor)) for limit in limits)
    full_at = floor(world.services.clock.seconds()) + WINDOW
    visit.allowance = Allowance(visit.limits[-1], 0, full_at, wait)
    return wire.refuse(visit, Throttled(wait))
