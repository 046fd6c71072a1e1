"""The checks a request passes before an operation runs, in the order in which the vendor makes them.

Accept, then whose token, then what its role may do, then how often, then the object, and the body last: an update of
something that is not there is a 404 however broken its body (observed on a running engine, January 2026).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mockserver.core.errors import (
    MethodNotAllowed,
    NotAcceptable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
)
from mockserver.core.provider import Check, Operation, Visit
from mockserver.providers.grafana_oncall import quirks
from mockserver.providers.grafana_oncall.filters import read_group_filter, refuse_row_number
from mockserver.providers.grafana_oncall.groups import GroupFilter
from mockserver.providers.grafana_oncall.model import World
from mockserver.providers.grafana_oncall.records import (
    AlertGroup,
    Caller,
    Note,
    Postmortem,
    ServiceAccount,
    User,
)

READING = frozenset({"GET", "HEAD", "OPTIONS"})
WRITERS = frozenset({"admin", "editor"})
READERS = WRITERS | {"viewer"}


@dataclass(slots=True)
class OnCallVisit(Visit):
    """Each field after `world` is there once its check has passed."""

    world: World
    caller: Caller = field(init=False)
    postmortem: Postmortem = field(init=False)
    note: Note = field(init=False)
    group: AlertGroup = field(init=False)
    wanted: GroupFilter = field(init=False)
    person: User = field(init=False)
    payload: dict[str, Any] = field(init=False)
    delay: int = field(init=False)
    mode: str = field(init=False)

    @property
    def quirky(self) -> bool:
        return self.world.services.quirks


def negotiate(visit: OnCallVisit) -> None:
    """JSON is all there is: another `?format=` is not found, another Accept cannot be satisfied."""
    wanted = visit.request.argument("format") if visit.request.query else None
    if wanted and wanted != "json":
        raise NotFound
    accept = visit.request.headers.joined("accept")
    if accept is None or accept == "*/*":
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
    if visit.world.services.quirks:
        quirks.stumble_over_token(token)
    visit.caller = visit.world.authenticate(token)


def authorize(visit: OnCallVisit) -> None:
    allowed = READERS if visit.request.method in READING else WRITERS
    if visit.caller.role not in allowed:
        raise NotPermitted


def throttle(visit: OnCallVisit) -> None:
    if visit.world.budgets is not None:
        visit.world.throttle(visit.caller)


class ServiceAccountRefused(NotPermitted):
    """`scope` is what service accounts may not do to alert groups."""


def refuse_service_accounts(visit: OnCallVisit) -> None:
    if isinstance(visit.caller, ServiceAccount):
        raise ServiceAccountRefused(verb_of(visit.operation))


def verb_of(operation: Operation) -> str:
    """What an action of an alert group is called: the last word of its path."""
    return operation.path.rstrip("/").rpartition("/")[2]


def find_postmortem(visit: OnCallVisit) -> None:
    visit.postmortem = visit.world.find_postmortem(
        visit.caller, visit.path["id"], visit.request.argument("alert_group_id")
    )


def find_note(visit: OnCallVisit) -> None:
    visit.note = visit.world.notes.find(
        visit.caller, visit.path["id"], visit.request.argument("alert_group_id")
    )


def find_group(visit: OnCallVisit) -> None:
    visit.group = visit.world.groups.find(visit.caller, visit.path["id"])


def find_person(visit: OnCallVisit) -> None:
    visit.person = visit.world.people.find(visit.caller, visit.path["id"])


def find_caller(visit: OnCallVisit) -> None:
    visit.person = visit.world.people.current(visit.caller)


def read_note_filter(visit: OnCallVisit) -> None:
    refuse_row_number(visit.request)


def read_filter(visit: OnCallVisit) -> None:
    visit.wanted = read_group_filter(visit.request, visit.world, visit.caller)


def lose_the_method(visit: OnCallVisit) -> None:
    if visit.quirky:
        raise quirks.Defect


def refuse_method(visit: OnCallVisit) -> None:
    raise MethodNotAllowed(visit.request.method)


ENTRANCE: tuple[Check, ...] = (negotiate, authenticate, authorize, throttle)
ENTRANCE_OF_NO_OPERATION: tuple[Check, ...] = (negotiate, authenticate, lose_the_method, authorize, throttle)
