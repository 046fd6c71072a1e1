"""Changing an incident: what is given changes, the rest stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mockserver.core.errors import Breach, Invalid
from mockserver.core.events import Event
from mockserver.providers.incident_io.catalog.records import IncidentStatus
from mockserver.providers.incident_io.incidents import properties, statuses
from mockserver.providers.incident_io.incidents.properties import Payload
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import ApiKey, Incident, IncidentUpdate

SCOPES = {
    "name": "incidents.update_name",
    "slack_channel_name_override": "incidents.update_name",
    "summary": "incidents.update_summary",
    "severity_id": "incidents.update_severity",
    "incident_status_id": "incidents.update_status",
    "custom_field_entries": "incidents.update_custom_fields",
    "incident_timestamp_values": "incidents.update_timestamps",
    "incident_role_assignments": "incidents.update_role_assignments",
}


def scopes_for(incident: Incident, payload: Payload) -> Iterator[str]:
    """One for each property that a payload changes."""
    for field, scope in SCOPES.items():
        if field in payload:
            yield scope
    if "call_url" in payload:
        yield "incident_calls.create"
        if incident.call_url is not None:
            yield "incident_calls.destroy"


def edit(world: World, api_key: ApiKey, incident: Incident, payload: Payload) -> Incident:
    """The incident as it is afterwards. Raises NotPermitted and Invalid.

    A change of status or severity is told among the incident's updates.
    """
    world.require_scopes(api_key, tuple(scopes_for(incident, payload)))
    organisation, path, found = incident.organisation, ("incident",), list[Breach]()
    catalog = world.catalog
    severity = properties.known(
        catalog.severities, "severity", organisation, payload, "severity_id", path, found
    )
    status = properties.known(
        catalog.statuses, "incident status", organisation, payload, "incident_status_id", path, found
    )
    values = properties.field_values(world, organisation, payload, path, found)
    roles = properties.assignments(world, organisation, payload, path, found)
    times = properties.timestamps(world, organisation, payload, path, found)
    found += movement(world, incident, status, (*path, "incident_status_id"))
    if found:
        raise Invalid(found)
    changed = replace(
        incident,
        name=payload.get("name", incident.name),
        summary=payload.get("summary", incident.summary),
        call_url=payload.get("call_url", incident.call_url),
        slack_channel_name=payload.get("slack_channel_name_override", incident.slack_channel_name),
        field_values=properties.merged_values(incident.field_values, values),
        roles=properties.merged_assignments(incident.roles, roles),
        timestamps=properties.merged_timestamps(incident.timestamps, times),
    )
    changed = moved(world, changed, status.id if status else None, severity.id if severity else None)
    if changed == incident:
        return incident
    if (changed.status, changed.severity) != (incident.status, incident.severity):
        world.updates.insert(update_of(world, api_key, changed))
    return store(world, incident, changed)


def movement(
    world: World, incident: Incident, status: IncidentStatus | None, pointer: tuple[str, ...]
) -> list[Breach]:
    """What is wrong with moving an incident to this status."""
    before = world.catalog.statuses.get(incident.status)
    if status is None or before is None or statuses.may_move(before, status):
        return []
    return [Breach(pointer, "transition", status.id, (before.category, status.category))]


def moved(world: World, incident: Incident, status_id: str | None, severity_id: str | None) -> Incident:
    """The incident with this status and severity, where there is one, and the timestamps that belong to the status."""
    changed = replace(incident, severity=severity_id or incident.severity)
    if status_id is None or status_id == incident.status:
        return changed
    return statuses.stamped(world.catalog, replace(changed, status=status_id), world.services.clock.now())


def update_of(
    world: World,
    api_key: ApiKey,
    incident: Incident,
    message: str | None = None,
    idempotency_key: str | None = None,
) -> IncidentUpdate:
    """An update that tells how the incident stands."""
    return IncidentUpdate(
        id=world.new_id(world.updates),
        incident_id=incident.id,
        status=incident.status,
        severity=incident.severity,
        message=message,
        created_at=world.services.clock.now(),
        created_with=api_key.id,
        idempotency_key=idempotency_key,
    )


def store(world: World, before: Incident, after: Incident) -> Incident:
    """Keeps the changed incident and tells of it."""
    after = replace(after, updated_at=world.services.clock.now())
    world.incidents.replace(after)
    world.services.events.emit(Event("incident.updated", before, after))
    if before.status != after.status:
        world.services.events.emit(Event("incident.status_updated", before, after))
    return after
