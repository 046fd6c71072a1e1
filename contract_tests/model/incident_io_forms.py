"""What records of incident.io look like: the members that the vendor's documents require, and of which type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract_tests.model.incident_io_records import NAMES, moment
from contract_tests.model.shadow import brief

Json = dict[str, Any]
Form = Mapping[str, type]


def _form(texts: str, **others: type) -> Form:
    return {**dict.fromkeys(texts.split(), str), **others}


FORMS: Mapping[str, Form] = {
    "documents": _form(
        "id incident_id title status created_at updated_at document_url type",
        exported_urls=list,
        editors=list,
    ),
    "incidents": _form(
        "id reference name visibility mode created_at updated_at last_activity_at slack_channel_id slack_team_id",
        custom_field_entries=list,
        incident_role_assignments=list,
        team_ids=list,
        creator=dict,
        incident_status=dict,
    ),
    "follow_ups": _form("id incident_id title status created_at updated_at", labels=list, creator=dict),
    "updates": _form("id incident_id created_at", new_incident_status=dict, updater=dict),
}
# The rule about the form of each kind.
SHAPE = {
    "documents": "import.shape",
    "incidents": "incidents.list-shape",
    "follow_ups": "follow-up.create",
    "updates": "updates.create",
}
_USER, _RANKED, _NAMED = _form("id name role"), _form("id name", rank=int), _form("id name")
_STATUS = _form("id name category", rank=int)
# The form of what stands in a record, by the member that it stands in.
INSIDE: Mapping[str, Form] = {
    "editors": _USER,
    "user": _USER,
    "assignee": _USER,
    "api_key": _NAMED,
    "assignee_team": _NAMED,
    "priority": _RANKED,
    "severity": _RANKED,
    "new_severity": _RANKED,
    "incident_status": _STATUS,
    "new_incident_status": _STATUS,
    "incident_type": _NAMED,
    "role": _form("id name role_type"),
    "incident_role_assignments": {"role": dict},
    "incident_timestamp": _RANKED,
    "incident_timestamp_values": {"incident_timestamp": dict},
    "custom_field": _form("id name field_type", options=list),
    "custom_field_entries": {"custom_field": dict, "values": list},
}
_IS_A_WORD = ("role",)  # of a user it is one, of an assignment an object


def form(kind: str, record: Any) -> Iterator[str]:
    """The first way in which it does not look like a record of its kind."""
    rule = SHAPE[kind]
    if not isinstance(record, dict):
        yield f"{rule}: {brief(record)} is no object"
        return
    wrong = next(_wrong(record, FORMS[kind], ""), None) or next(_inside(record), None)
    if wrong:
        yield f"{rule}: {wrong}"
        return
    for name in ("created_at", "updated_at", "completed_at", "last_activity_at"):
        if name in record and record[name] and moment(record[name]) is None:
            yield f"document.created-at: {name} {brief(record[name])} is no time of RFC 3339"


def _wrong(value: Json, wanted: Form, where: str) -> Iterator[str]:
    for name, type_ in wanted.items():
        found = value.get(name)
        if not isinstance(found, type_) or isinstance(found, bool):
            yield f"{where}{name} is {brief(found, 60)}"


def _inside(value: Json, where: str = "") -> Iterator[str]:
    for name, member in value.items():
        wanted = INSIDE.get(name)
        for item in member if isinstance(member, list) else [member]:
            if isinstance(item, dict):
                yield from _wrong(item, wanted or {}, f"{where}{name}.")
                yield from _inside(item, f"{where}{name}.")
            elif wanted and not (name in _IS_A_WORD and isinstance(item, str)):
                yield f"{where}{name} is {brief(item, 60)}"


def nulls(value: Any, path: str = "") -> Iterator[str]:
    """Members without a value are absent."""
    if isinstance(value, dict):
        for name, member in value.items():
            if member is None and name in NAMES:
                yield f"incidents.no-nulls: {path}/{name} is null"
            else:
                yield from nulls(member, f"{path}/{name}")
    elif isinstance(value, list):
        for item in value:
            yield from nulls(item, path)
