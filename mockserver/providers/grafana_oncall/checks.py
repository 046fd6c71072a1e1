"""The checks a request passes before an operation runs, in the order in which the vendor makes them.

Accept, then whose token, then what its role may do, then how often, then the object, and the body last: an update of
something that is not there is a 404 however broken its body (observed on a running engine, January 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.core.errors import (
    Breach,
    Invalid,
    MethodNotAllowed,
    NotAcceptable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooLarge,
)
from mockserver.core.exchange import LARGEST_BODY, Request
from mockserver.core.jsontext import without_surrogates
from mockserver.core.provider import Check, Operation, Visit
from mockserver.providers.grafana_oncall.bodies import read_body
from mockserver.providers.grafana_oncall.model import TEXT, World
from mockserver.providers.grafana_oncall.records import Postmortem, User

READING = frozenset({"GET", "HEAD", "OPTIONS"})
WRITERS = frozenset({"admin", "editor"})
READERS = WRITERS | {"viewer"}


@dataclass(slots=True)
class OnCallVisit(Visit):
    """Each field after `world` is there once its check has passed."""

    world: World
    user: User = field(init=False)
    postmortem: Postmortem = field(init=False)
    payload: dict[str, Any] = field(init=False)


def visit(operation: Operation, request: Request, path: Mapping[str, str], world: World) -> OnCallVisit:
    return OnCallVisit(operation, request, path, world)


def negotiate(visit: OnCallVisit) -> None:
    """JSON is all there is: another `?format=` is not found, another Accept cannot be satisfied."""
    wanted = visit.request.argument("format")
    if wanted and wanted != "json":
        raise NotFound
    accept = visit.request.headers.joined("accept")
    if accept is None:
        return
    for item in accept.split(","):
        main, _, sub = item.partition(";")[0].strip().lower().partition("/")
        if main in ("*", "application") and sub in ("*", "json"):
            return
    raise NotAcceptable


def authenticate(visit: OnCallVisit) -> None:
    """The whole header value is the token; there is no scheme."""
    token = visit.request.headers.joined("authorization")
    if not token:
        raise NotAuthenticated("missing")
    visit.user = visit.world.authenticate(token)


def authorize(visit: OnCallVisit) -> None:
    allowed = READERS if visit.request.method in READING else WRITERS
    if visit.user.role not in allowed:
        raise NotPermitted


def throttle(visit: OnCallVisit) -> None:
    visit.world.throttle(visit.user)


def find_postmortem(visit: OnCallVisit) -> None:
    visit.postmortem = visit.world.find_postmortem(
        visit.user, visit.path["id"], visit.request.argument("alert_group_id")
    )


def read_payload(visit: OnCallVisit) -> None:
    """A number is as good as a text: it becomes one before anything looks at it."""
    request = visit.request
    if request.oversized:
        raise TooLarge(LARGEST_BODY)
    payload = read_body(request.headers.joined("content-type"), request.body)
    if not isinstance(payload, dict):
        raise Invalid([Breach((), "type", payload, expected="object")])
    text = payload.get("text")
    if isinstance(text, int | float) and not isinstance(text, bool):
        payload["text"] = str(text)
    visit.payload = payload


def validate_new(visit: OnCallVisit) -> None:
    """Holds a new object against the document. What the model has to say of the other fields is said with it."""
    broken = _document_breaches(visit)
    if broken:
        group = visit.payload.get("alert_group_id")
        raise Invalid(_together(broken, visit.world.breaches_of_new(visit.user, group, _text(visit))))


def validate_change(visit: OnCallVisit) -> None:
    broken = _document_breaches(visit)
    if broken:
        raise Invalid(_together(broken, visit.world.breaches_of_text(_text(visit))))


def _together(broken: list[Breach], model: list[Breach]) -> list[Breach]:
    """The document's breaches and the model's, one voice a field; of a text that is one the model knows more."""
    kept = [breach for breach in broken if breach.pointer != TEXT or not isinstance(breach.value, str)]
    spoken_for = {breach.pointer for breach in kept}
    return kept + [breach for breach in model if breach.pointer not in spoken_for]


def _text(visit: OnCallVisit) -> str:
    text = visit.payload.get("text")
    return text if isinstance(text, str) else ""


def refuse_method(visit: OnCallVisit) -> None:
    raise MethodNotAllowed(visit.request.method)


def _document_breaches(visit: OnCallVisit) -> list[Breach]:
    judge = visit.operation.judge
    return judge.breaches(without_surrogates(visit.payload)) if judge else []


ENTRANCE: tuple[Check, ...] = (negotiate, authenticate, authorize, throttle)
