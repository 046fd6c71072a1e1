"""One function an operation of the document; what each is allowed to rely on, the checks before it have found."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.core.exchange import Answer
from mockserver.core.provider import Check, Operation, Resource
from mockserver.providers.grafana_oncall import checks, wire
from mockserver.providers.grafana_oncall.checks import OnCallVisit

PAGE_SIZE = 50


def list_postmortems(visit: OnCallVisit) -> Answer:
    found = visit.world.list_postmortems(
        visit.user,
        visit.request.argument("alert_group_id"),
        page=_positive(visit.request.argument("page"), 1),
        per_page=_positive(visit.request.argument("perpage"), PAGE_SIZE),
    )
    results = [
        wire.postmortem_with_messages(postmortem, visit.world.messages_of(postmortem))
        for postmortem in found.postmortems
    ]
    return wire.answer(visit, 200, wire.page(visit, found, results))


def create_postmortem(visit: OnCallVisit) -> Answer:
    created = visit.world.create_postmortem(
        visit.user, visit.payload["alert_group_id"], visit.payload["text"]
    )
    return wire.answer(visit, 201, wire.postmortem(created))


def get_postmortem(visit: OnCallVisit) -> Answer:
    messages = visit.world.messages_of(visit.postmortem)
    return wire.answer(visit, 200, wire.postmortem_with_messages(visit.postmortem, messages))


def update_postmortem(visit: OnCallVisit) -> Answer:
    updated = visit.world.update_postmortem(visit.postmortem, visit.payload["text"])
    return wire.answer(visit, 200, wire.postmortem(updated))


def partial_update_postmortem(visit: OnCallVisit) -> Answer:
    if "text" not in visit.payload:
        return wire.answer(visit, 200, wire.postmortem(visit.postmortem))
    return update_postmortem(visit)


def delete_postmortem(visit: OnCallVisit) -> Answer:
    visit.world.delete_postmortem(visit.postmortem)
    return wire.no_content(visit)


def describe_view(visit: OnCallVisit) -> Answer:
    """OPTIONS, which no document mentions and every view answers."""
    name = "Postmortem Instance" if visit.operation.path_parameters else "Postmortem List"
    return wire.answer(visit, 200, wire.view_description(name))


def _positive(text: str | None, default: int) -> int:
    """A whole number of at least 1, else the default: the engine never complains about a page number."""
    try:
        number = int(text) if text is not None else default
    except ValueError:
        return default
    return number if number > 0 else default


FUNCTIONS = {
    function.__name__: function
    for function in (
        list_postmortems,
        create_postmortem,
        get_postmortem,
        update_postmortem,
        partial_update_postmortem,
        delete_postmortem,
    )
}


def resource(declared: Sequence[Operation]) -> Resource:
    """The declared operations with their checks, HEAD and OPTIONS beside them, and a 405 for every other method."""
    by_method = {operation.method: operation for operation in declared}
    order = [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if method in by_method]
    allow = ", ".join([*order, *(["HEAD"] if "GET" in by_method else []), "OPTIONS"])
    any_operation = declared[0].using(allow=allow, judge=None)
    operations = {
        method: operation.using(allow=allow, checks=_checks_before(operation))
        for method, operation in by_method.items()
    }
    if "GET" in operations:
        operations["HEAD"] = operations["GET"].using(method="HEAD")
    operations["OPTIONS"] = any_operation.using(
        id="options", method="OPTIONS", handler=describe_view, checks=checks.ENTRANCE
    )
    refused = any_operation.using(
        id="method_not_allowed",
        method="*",
        handler=describe_view,
        checks=(*checks.ENTRANCE, checks.refuse_method),
    )
    return Resource(operations, otherwise=refused)


def _checks_before(operation: Operation) -> tuple[Check, ...]:
    before = list(checks.ENTRANCE) if operation.secured else []
    if operation.path_parameters:
        before.append(checks.find_postmortem)
    if operation.judge is not None:
        before.append(checks.read_payload)
        before.append(checks.validate_new if operation.method == "POST" else checks.validate_change)
    return tuple(before)
