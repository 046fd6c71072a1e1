"""Sharing an update about an incident."""

from __future__ import annotations

from mockserver.core.errors import Breach, Invalid
from mockserver.providers.incident_io.incidents import editing, properties
from mockserver.providers.incident_io.incidents.properties import Payload
from mockserver.providers.incident_io.incidents.tables import BY_KEY
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import ApiKey, IncidentUpdate

SCOPES = {"to_incident_status_id": "incidents.update_status", "to_severity_id": "incidents.update_severity"}


def share(world: World, api_key: ApiKey, payload: Payload) -> IncidentUpdate:
    """A new update, or the one that the same idempotency key made before. Raises Invalid, NotPermitted, NotFound."""
    organisation, key = api_key.organisation, payload["idempotency_key"]
    world.require_scopes(api_key, tuple(scope for field, scope in SCOPES.items() if payload.get(field)))
    before = world.updates.where(BY_KEY, (organisation, key))
    if before:
        return before[0]
    if not any(payload.get(field) for field in ("message", *SCOPES)):
        raise Invalid([Breach(("message",), "nothing-to-share")])
    incident, catalog, found = (
        world.find_incident(api_key, payload["incident_id"]),
        world.catalog,
        list[Breach](),
    )
    status = properties.known(
        catalog.statuses, "incident status", organisation, payload, "to_incident_status_id", (), found
    )
    severity = properties.known(
        catalog.severities, "severity", organisation, payload, "to_severity_id", (), found
    )
    found += editing.movement(world, incident, status, ("to_incident_status_id",))
    if found:
        raise Invalid(found)
    changed = editing.moved(world, incident, status.id if status else None, severity.id if severity else None)
    update = editing.update_of(world, api_key, changed, payload.get("message") or None, key)
    world.updates.insert(update)
    editing.store(world, incident, changed)
    return update
