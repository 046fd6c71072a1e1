"""Ids and combinations that a valid request to incident.io needs, and that no schema can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Of the fixtures.
TO_CLOSE, TO_DISCUSS = "01GBA8J19SMXQWPJMX3P2ESCVG", "01GBA8J19SMXQWPJMX3P2ESCVH"
SEVERITY = "01FC31EQM04W15VJSB8MKJV5NT"
INVESTIGATING = "01FC31EQM0D9D7WDBK5X1MS8SZ"
CLOSED = "01FC31EQM08KR627TGNJCKA458"
TYPE = "01FC31EQM07HBY2W8AT1BMPAZD"
LEAD = "01FC31EQM099S84YA1YTX8K2ED"
TIMESTAMP = "01FC31EQM0B9VGQEWZ9GX6D69E"
FIELD, OPTION = "01FC31EQM0MH6M9000G202PY7B", "01FC31EQM0QPTT2FVPB56GTV8J"

NO_EMPTY = ("[gte]", "[lte]", "[date_range]", "[is_blank]", "[is_set]")

Body = dict[str, Any]


def make_true(case: Any) -> None:
    """Bodies that are meant to be accepted name what exists; members that are null stay null."""
    operation = case.operation.definition.raw.get("operationId")
    repair = REPAIRS.get(operation)
    if repair is not None and isinstance(case.body, dict):
        repair(case.body)
        if operation == "Incidents V2_Edit" and case.body["incident"].get("incident_status_id"):
            case.path_parameters["id"] = TO_CLOSE  # not every incident may be closed
    if operation == "Incidents V2_List" and case.query:
        _ask_one_bound(case.query)


def _create(body: Body) -> None:
    _name(body, incident_status_id=INVESTIGATING, incident_type_id=TYPE)
    body["severity_id"] = SEVERITY
    _properties(body)
    options = body.get("retrospective_incident_options")
    if isinstance(options, dict):
        options.pop("external_id", None)  # one that is taken is refused


def _edit(body: Body) -> None:
    _name(body["incident"], incident_status_id=CLOSED, severity_id=SEVERITY)
    _properties(body["incident"])


def _share(body: Body) -> None:
    body["incident_id"] = TO_DISCUSS
    _name(body, to_incident_status_id=INVESTIGATING, to_severity_id=SEVERITY)
    if not any(body.get(name) for name in ("message", "to_incident_status_id", "to_severity_id")):
        body["message"] = "An update"


REPAIRS: dict[str, Callable[[Body], None]] = {
    "Incidents V2_Create": _create,
    "Incidents V2_Edit": _edit,
    "Incident Updates V2_Create": _share,
}


def _name(body: Body, **ids: str) -> None:
    body.update({name: id_ for name, id_ in ids.items() if body.get(name) is not None})


def _properties(body: Body) -> None:
    for entry in body.get("custom_field_entries") or ():
        _name(entry, custom_field_id=FIELD)
        for value in entry["values"]:
            value["value_option_id"] = OPTION
    for entry in body.get("incident_role_assignments") or ():
        _name(entry, incident_role_id=LEAD)
        entry.pop("assignee", None)
    for entry in body.get("incident_timestamp_values") or ():
        _name(entry, incident_timestamp_id=TIMESTAMP)


def _ask_one_bound(query: dict[str, Any]) -> None:
    """gte and lte of one field exclude each other; an empty list arrives as an empty value, which is no date."""
    for name in list(query):
        lonely = query[name] in ("", [], [""]) and name.endswith(NO_EMPTY)
        if lonely or (name.endswith("[lte]") and name.replace("[lte]", "[gte]") in query):
            del query[name]
