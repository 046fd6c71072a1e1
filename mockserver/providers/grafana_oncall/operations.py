"""Every operationId of the document, and what the other methods of its path answer.

A function runs after all of its operation's checks and relies on what they have found.
"""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.core.exchange import Answer
from mockserver.core.provider import Check, Operation, Resource
from mockserver.providers.grafana_oncall import (
    body_checks,
    checks,
    group_operations,
    note_operations,
    user_operations,
    wire,
)
from mockserver.providers.grafana_oncall import postmortem_operations as postmortems
from mockserver.providers.grafana_oncall.checks import OnCallVisit

FUNCTIONS = {
    **postmortems.FUNCTIONS,
    **note_operations.FUNCTIONS,
    **group_operations.FUNCTIONS,
    **user_operations.FUNCTIONS,
}
LOOK_UPS: dict[str, Check] = {
    "/api/v1/postmortems/{id}/": checks.find_postmortem,
    "/api/v1/postmortem_messages/{id}/": checks.find_note,
    "/api/v1/resolution_notes/{id}/": checks.find_note,
    "/api/v1/alert_groups/{id}/": checks.find_group,
    "/api/v1/users/{id}/": checks.find_person,
    "/api/v1/users/current/": checks.find_caller,
}
ACTIONS = "/api/v1/alert_groups/{id}/"
NOTES = ("/api/v1/postmortem_messages/", "/api/v1/resolution_notes/")
READ_FILTERS: dict[str, Check] = {
    "/api/v1/alert_groups/": checks.read_filter,
    "/api/v1/resolution_notes/": checks.read_note_filter,
}


def describe_view(visit: OnCallVisit) -> Answer:
    """OPTIONS, which no document mentions and every view answers."""
    return wire.answer(visit, 200, wire.view_description(_view_name(visit.operation)))


def _view_name(operation: Operation) -> str:
    """Postmortem List, Postmortem Instance; an action goes by its own name."""
    if is_action(operation):
        return checks.verb_of(operation).capitalize()
    one = "/".join(operation.path.split("/")[3:4]).removesuffix("s").replace("_", " ").title()
    return f"{one} Instance" if operation.path in LOOK_UPS else f"{one} List"


def is_action(operation: Operation) -> bool:
    return operation.path.startswith(ACTIONS) and operation.path != ACTIONS


def resource(declared: Sequence[Operation]) -> Resource:
    """The declared operations with their checks, HEAD and OPTIONS beside them, and a 405 for every other method."""
    by_method = {operation.method: operation for operation in declared}
    order = [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if method in by_method]
    allow = ", ".join([*order, *(["HEAD"] if "GET" in by_method else []), "OPTIONS"])
    any_operation = declared[0].using(allow=allow, judge=None, modelled=True)
    operations = {
        method: operation.using(allow=allow, checks=_checks_before(operation))
        for method, operation in by_method.items()
    }
    if "GET" in operations:
        operations["HEAD"] = operations["GET"].using(method="HEAD")
    entrance = checks.ENTRANCE_OF_NO_OPERATION
    operations["OPTIONS"] = any_operation.using(
        id="options", method="OPTIONS", handler=describe_view, checks=entrance
    )
    refused = any_operation.using(
        id="method_not_allowed", method="*", handler=describe_view, checks=(*entrance, checks.refuse_method)
    )
    return Resource(operations, otherwise=refused)


def _checks_before(operation: Operation) -> tuple[Check, ...]:
    before = list(checks.ENTRANCE) if operation.secured else []
    if not operation.modelled:
        body = [body_checks.read_object, body_checks.validate] if operation.judge is not None else []
        return (*before, *body)
    if is_action(operation):
        before += [checks.refuse_service_accounts, checks.find_group]
        return (
            (*before, body_checks.read_silence) if checks.verb_of(operation) == "silence" else tuple(before)
        )
    if operation.path in LOOK_UPS:
        before.append(LOOK_UPS[operation.path])
    if operation.method == "GET" and operation.path in READ_FILTERS:
        before.append(READ_FILTERS[operation.path])
    if operation.id == "delete_alert_group":
        before.append(body_checks.read_mode)
    elif operation.judge is not None:
        before += _checks_of_body(operation)
    return tuple(before)


def _checks_of_body(operation: Operation) -> list[Check]:
    if operation.method == "POST":
        return [body_checks.read_payload, body_checks.validate_new]
    lost = (
        [body_checks.lose_the_text]
        if operation.method == "PATCH" and operation.path.startswith(NOTES)
        else []
    )
    return [body_checks.read_payload, body_checks.validate_change, *lost]
