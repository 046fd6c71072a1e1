"""One function an operation on incidents and on their updates."""

from __future__ import annotations

from mockserver.core.exchange import Answer
from mockserver.core.provider import Handler
from mockserver.providers.incident_io.checks import IncidentVisit
from mockserver.providers.incident_io.incidents import creating, editing, listing, updating
from mockserver.providers.incident_io.incidents.properties import without_nulls
from mockserver.providers.incident_io.wire import many, one, page

LARGEST_PAGE = 250


def list_incidents(visit: IncidentVisit) -> Answer:
    """A page may be asked to hold more than it will (seen on the live API, October 2026)."""
    size = min(visit.query["page_size"], LARGEST_PAGE)
    found, total = listing.list_incidents(visit.world, visit.api_key, visit.query, size + 1)
    records, meta = page(found, size, total_record_count=total)
    return many(visit, "incidents", visit.world.views.incidents, records, meta)


def create_incident(visit: IncidentVisit) -> Answer:
    incident = creating.create(visit.world, visit.api_key, without_nulls(visit.payload))
    return one(visit, 200, "incident", visit.world.views.incidents, incident)


def show_incident(visit: IncidentVisit) -> Answer:
    incident = listing.find_incident(visit.world, visit.api_key, visit.path["id"])
    return one(visit, 200, "incident", visit.world.views.incidents, incident)


def edit_incident(visit: IncidentVisit) -> Answer:
    changes = without_nulls(visit.payload)["incident"]
    incident = editing.edit(visit.world, visit.api_key, visit.incident, changes)
    return one(visit, 200, "incident", visit.world.views.incidents, incident)


def list_updates(visit: IncidentVisit) -> Answer:
    query, size = visit.query, visit.query["page_size"]
    found = listing.list_updates(visit.world, visit.api_key, query["incident_id"], query["after"], size + 1)
    records, meta = page(found, size)
    return many(visit, "incident_updates", visit.world.views.updates, records, meta)


def create_update(visit: IncidentVisit) -> Answer:
    update = updating.share(visit.world, visit.api_key, without_nulls(visit.payload))
    return one(visit, 201, "incident_update", visit.world.views.updates, update)


FUNCTIONS: dict[str, Handler] = {
    "Incidents V2_List": list_incidents,
    "Incidents V2_Create": create_incident,
    "Incidents V2_Show": show_incident,
    "Incidents V2_Edit": edit_incident,
    "Incident Updates V2_List": list_updates,
    "Incident Updates V2_Create": create_update,
}
