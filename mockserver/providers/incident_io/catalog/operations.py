"""List and show what is configured: the same two operations for every kind of thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.core.exchange import Answer
from mockserver.core.provider import Handler
from mockserver.core.store import Table
from mockserver.providers.incident_io.catalog.tables import Catalog, find, of
from mockserver.providers.incident_io.checks import IncidentVisit
from mockserver.providers.incident_io.wire import many, one

KINDS: tuple[tuple[str, str, str, Callable[[Catalog], Table[Any]]], ...] = (
    ("Severities V1", "severity", "severities", lambda catalog: catalog.severities),
    ("Incident Statuses V1", "incident_status", "incident_statuses", lambda catalog: catalog.statuses),
    ("Incident Types V1", "incident_type", "incident_types", lambda catalog: catalog.types),
    ("Incident Roles V2", "incident_role", "incident_roles", lambda catalog: catalog.roles),
    (
        "Incident Timestamps V2",
        "incident_timestamp",
        "incident_timestamps",
        lambda catalog: catalog.timestamps,
    ),
    ("Custom Fields V2", "custom_field", "custom_fields", lambda catalog: catalog.custom_fields),
)


def _list(_: str, plural: str, table: Callable[[Catalog], Table[Any]]) -> Handler:
    def list_them(visit: IncidentVisit) -> Answer:
        records = of(table(visit.world.catalog), visit.api_key.organisation)
        return many(visit, plural, visit.world.views.configured[plural], records)

    return list_them


def _show(singular: str, plural: str, table: Callable[[Catalog], Table[Any]]) -> Handler:
    def show_one(visit: IncidentVisit) -> Answer:
        record = find(table(visit.world.catalog), visit.api_key.organisation, visit.path["id"])
        return one(visit, 200, singular, visit.world.views.configured[plural], record)

    return show_one


FUNCTIONS: dict[str, Handler] = {
    f"{tag}_{verb}": make(singular, plural, table)
    for tag, singular, plural, table in KINDS
    for verb, make in (("List", _list), ("Show", _show))
}
