"""What a payload says of an incident, held against what the organisation has configured.

Each function takes the payload and the path that leads to it, appends a breach for whatever does not fit, and returns
the records that the rest makes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mockserver.core.errors import Breach
from mockserver.core.store import Table
from mockserver.providers.incident_io.catalog.records import CustomField
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import FieldValue, RoleAssignment, TimestampValue

Payload = Mapping[str, Any]
Path = tuple[str, ...]
HOLDERS = {"text": "value_text", "link": "value_link", "numeric": "value_numeric"}
A_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
ONE_VALUE = ("single_select", "text", "link", "numeric")


def without_nulls(value: Any) -> Any:
    """A null member says no more than one that is absent."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def known(
    table: Table[Any],
    noun: str,
    organisation: str,
    payload: Payload,
    field: str,
    path: Path,
    found: list[Breach],
) -> Any:
    """The record that a field names; None if it names none."""
    id_ = payload.get(field)
    if not id_:
        return None
    record = table.get(id_)
    if record is None or record.organisation != organisation:
        found.append(Breach((*path, field), "exists", id_, noun))
        return None
    return record


def field_values(
    world: World, organisation: str, payload: Payload, path: Path, found: list[Breach]
) -> dict[str, tuple[FieldValue, ...]]:
    """The values given for each custom field; an empty tuple unsets a field."""
    given: dict[str, tuple[FieldValue, ...]] = {}
    for at, entry in enumerate(payload.get("custom_field_entries", ())):
        where = (*path, "custom_field_entries", str(at))
        fields = world.catalog.custom_fields
        field = known(fields, "custom field", organisation, entry, "custom_field_id", where, found)
        if field is None:
            if not entry["custom_field_id"]:
                found.append(Breach((*where, "custom_field_id"), "exists", "", "custom field"))
            continue
        values = [
            _value(world, field, value, (*where, "values", str(nth)), found)
            for nth, value in enumerate(entry["values"])
        ]
        if len(values) > 1 and field.field_type in ONE_VALUE:
            found.append(Breach((*where, "values"), "one-value", None, field.name))
        given[field.id] = tuple(value for value in values if value is not None)
    return given


def _value(
    world: World, field: CustomField, value: Payload, where: Path, found: list[Breach]
) -> FieldValue | None:
    if field.has_options:
        option = world.catalog.options.get(value.get("value_option_id", ""))
        if option is not None and option.custom_field_id == field.id:
            return FieldValue(field.id, option=option.id)
        id_ = value.get("value_option_id", "")
        found.append(Breach((*where, "value_option_id"), "exists", id_, "custom field option"))
        return None
    holder = HOLDERS[field.field_type]
    text = value.get(holder)
    if text is None or (field.field_type == "numeric" and not A_NUMBER.fullmatch(text)):
        found.append(Breach((*where, holder), "custom-field-value", text or "", field.name))
        return None
    return FieldValue(field.id, **{field.field_type: text})


def assignments(
    world: World, organisation: str, payload: Payload, path: Path, found: list[Breach]
) -> dict[str, str | None]:
    """The user that each role is given; None takes the role away."""
    given: dict[str, str | None] = {}
    for at, entry in enumerate(payload.get("incident_role_assignments", ())):
        where = (*path, "incident_role_assignments", str(at))
        roles = world.catalog.roles
        role = known(roles, "incident role", organisation, entry, "incident_role_id", where, found)
        if role is None:
            if not entry["incident_role_id"]:
                found.append(Breach((*where, "incident_role_id"), "exists", "", "incident role"))
            continue
        reference = {name: value for name, value in entry.get("assignee", {}).items() if value}
        user = world.people.refer(organisation, reference)
        if reference and user is None:
            found.append(Breach((*where, "assignee"), "exists", next(iter(reference.values())), "user"))
        given[role.id] = user.id if user is not None else None
    return given


def timestamps(
    world: World, organisation: str, payload: Payload, path: Path, found: list[Breach]
) -> dict[str, datetime | None]:
    """The time that each timestamp is given; None takes it away."""
    given: dict[str, datetime | None] = {}
    for at, entry in enumerate(payload.get("incident_timestamp_values", ())):
        where = (*path, "incident_timestamp_values", str(at))
        table, field = world.catalog.timestamps, "incident_timestamp_id"
        timestamp = known(table, "incident timestamp", organisation, entry, field, where, found)
        if timestamp is None:
            if not entry[field]:
                found.append(Breach((*where, field), "exists", "", "incident timestamp"))
            continue
        text = entry.get("value")
        given[timestamp.id] = _moment(text) if text is not None else None
        if text is not None and given[timestamp.id] is None:
            found.append(Breach((*where, "value"), "format", text))
    return given


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def merged_values(
    before: Sequence[FieldValue], given: Mapping[str, tuple[FieldValue, ...]]
) -> tuple[FieldValue, ...]:
    kept = tuple(value for value in before if value.field not in given)
    return kept + tuple(value for values in given.values() for value in values)


def merged_assignments(
    before: Sequence[RoleAssignment], given: Mapping[str, str | None]
) -> tuple[RoleAssignment, ...]:
    kept = tuple(assignment for assignment in before if assignment.role not in given)
    return kept + tuple(RoleAssignment(role, user) for role, user in given.items() if user is not None)


def merged_timestamps(
    before: Sequence[TimestampValue], given: Mapping[str, datetime | None]
) -> tuple[TimestampValue, ...]:
    kept = tuple(item for item in before if item.timestamp not in given)
    return kept + tuple(TimestampValue(id_, value) for id_, value in given.items() if value is not None)
