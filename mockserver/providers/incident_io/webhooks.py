"""What incident.io tells its subscribers, and of private incidents nothing but an id.

Names and shapes are those of the OpenAPI document in the vendor's Python SDK 2.29.0 (Webhooks…ResponseBody).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.core.events import Event
from mockserver.core.webhook import Message
from mockserver.providers.incident_io import wire
from mockserver.providers.incident_io.catalog import wire as catalog_wire
from mockserver.providers.incident_io.follow_ups import wire as follow_ups
from mockserver.providers.incident_io.incidents import wire as incidents
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import Incident

# The webhook has words of its own for the status of a document.
DOCUMENT_STATUS = {"in_progress": "created", "in_review": "review", "completed": "complete"}


def messages(event: Event, world: World) -> Sequence[Message]:
    """The messages for an event of the model; none for what the vendor tells nobody."""
    known = TOLD.get(event.name)
    if known is None:
        return ()
    name, payload, public_only = known
    record: Any = event.after
    incident = record if isinstance(record, Incident) else world.incident_of(record)
    if incident.visibility == "public":
        return (Message(f"public_incident.{name}", payload(world, event)),)
    return () if public_only else (Message(f"private_incident.{name}", {"id": record.id}),)


def _incident(world: World, event: Event) -> dict[str, Any]:
    record: Any = event.after
    updates = [update.message for update in world.updates.where("incident_id", record.id) if update.message]
    return wire.present(
        **incidents.incident(world, record),
        related_incidents=[],
        most_recent_update_message=updates[-1] if updates else None,
    )


def _incident_status(world: World, event: Event) -> dict[str, Any]:
    before: Any = event.before
    after: Any = event.after
    return {
        "incident": incidents.incident(world, after),
        "previous_status": _status(world, before),
        "new_status": _status(world, after),
    }


def _status(world: World, incident: Incident) -> dict[str, Any]:
    status = world.catalog.statuses.get(incident.status)
    if status is None:
        raise KeyError(incident.status)
    return catalog_wire.item(status)


def _document_status(world: World, event: Event) -> dict[str, Any]:
    before: Any = event.before
    after: Any = event.after
    return {
        "postmortem_document": wire.postmortem_document(world, after),
        "previous_status": DOCUMENT_STATUS[before.status],
        "new_status": DOCUMENT_STATUS[after.status],
    }


def _follow_up(world: World, event: Event) -> dict[str, Any]:
    """As version 2 has it: without the category that came with version 3."""
    record: Any = event.after
    shown = follow_ups.follow_up(world, record)
    shown.pop("category", None)
    return shown


Payload = Callable[[World, Event], dict[str, Any]]
# Event of the model: name without its prefix, payload, and whether only public incidents have it.
TOLD: Mapping[str, tuple[str, Payload, bool]] = {
    "incident.created": ("incident_created_v2", _incident, False),
    "incident.updated": ("incident_updated_v2", _incident, False),
    "incident.status_updated": ("incident_status_updated_v2", _incident_status, True),
    "postmortem_document.status_updated": ("postmortem_document_status_updated_v1", _document_status, False),
    "follow_up.created": ("follow_up_created_v2", _follow_up, False),
    "follow_up.updated": ("follow_up_updated_v2", _follow_up, False),
}
