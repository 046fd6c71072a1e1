"""The operations of follow-ups."""

from __future__ import annotations

from mockserver.core.exchange import Answer
from mockserver.core.provider import Handler
from mockserver.providers.incident_io.checks import IncidentVisit
from mockserver.providers.incident_io.follow_ups import listing, writing
from mockserver.providers.incident_io.follow_ups.records import FollowUp
from mockserver.providers.incident_io.wire import empty, many, one, page


def list_follow_ups(visit: IncidentVisit) -> Answer:
    size = visit.query["page_size"]
    records, meta = page(listing.list_follow_ups(visit.world, visit.api_key, visit.query, size + 1), size)
    return many(visit, "follow_ups", visit.world.views.follow_ups, records, meta)


def create_follow_up(visit: IncidentVisit) -> Answer:
    return _one(visit, 201, writing.create(visit.world, visit.api_key, visit.payload))


def show_follow_up(visit: IncidentVisit) -> Answer:
    return _one(visit, 200, _found(visit))


def update_follow_up(visit: IncidentVisit) -> Answer:
    return _one(visit, 200, writing.update(visit.world, visit.api_key, _found(visit), visit.payload))


def delete_follow_up(visit: IncidentVisit) -> Answer:
    writing.delete(visit.world, _found(visit))
    return empty(visit, 204)


def _found(visit: IncidentVisit) -> FollowUp:
    return writing.find(visit.world, visit.api_key, visit.path["id"])


def _one(visit: IncidentVisit, status: int, follow_up: FollowUp) -> Answer:
    return one(visit, status, "follow_up", visit.world.views.follow_ups, follow_up)


FUNCTIONS: dict[str, Handler] = {
    "Follow-ups V3_List": list_follow_ups,
    "Follow-ups V3_Create": create_follow_up,
    "Follow-ups V3_Show": show_follow_up,
    "Follow-ups V3_Update": update_follow_up,
    "Follow-ups V3_Delete": delete_follow_up,
}
