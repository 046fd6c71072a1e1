"""How an incident moves from status to status, and which of its timestamps that sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mockserver.providers.incident_io.catalog.records import IncidentStatus
from mockserver.providers.incident_io.catalog.tables import Catalog, of
from mockserver.providers.incident_io.records import Incident, TimestampValue

ONWARD = {
    "triage": ("learning", "closed"),
    "live": ("learning", "closed"),
    "learning": ("closed",),
}
REACHED = {
    "live": ("Accepted at",),
    "learning": ("Resolved at",),
    "closed": ("Resolved at", "Closed at"),
    "declined": ("Declined at",),
    "merged": ("Merged at",),
    "canceled": ("Canceled at",),
}


def may_move(before: IncidentStatus, after: IncidentStatus) -> bool:
    return before.category == after.category or after.category in ONWARD.get(before.category, ())


def stamped(catalog: Catalog, incident: Incident, now: datetime, *also: str) -> Incident:
    """The incident with the timestamps set that its status stands for; those that have a value keep it."""
    names = {*also, *REACHED.get(catalog.category(incident.status), ())}
    set_already = {item.timestamp for item in incident.timestamps}
    new = tuple(
        TimestampValue(timestamp.id, now)
        for timestamp in of(catalog.timestamps, incident.organisation)
        if timestamp.name in names and timestamp.id not in set_already
    )
    return replace(incident, timestamps=incident.timestamps + new) if new else incident
