"""What is configured, as tables, and the choices that follow from it."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from mockserver.core.errors import NotFound
from mockserver.core.store import Table
from mockserver.providers.incident_io.catalog.records import (
    CustomField,
    CustomFieldOption,
    IncidentRole,
    IncidentStatus,
    IncidentTimestamp,
    IncidentType,
    Severity,
)

BY_ORGANISATION = "organisation"
BY_FIELD = "custom_field_id"
RECORDS: dict[str, type] = {
    "severities": Severity,
    "incident_statuses": IncidentStatus,
    "incident_types": IncidentType,
    "incident_roles": IncidentRole,
    "incident_timestamps": IncidentTimestamp,
    "custom_fields": CustomField,
    "custom_field_options": CustomFieldOption,
}
REFERENCES = {
    **{(name, "organisation"): "organisations" for name in RECORDS if name != "custom_field_options"},
    ("custom_field_options", "custom_field_id"): "custom_fields",
}
Item = TypeVar("Item")


def owned(order: Callable[[Any], Any] | None = None) -> Table[Any]:
    """A table of what organisations own."""
    return Table(order=order, indexes={BY_ORGANISATION: attrgetter("organisation")})


def of(table: Table[Item], organisation: str) -> list[Item]:
    """The organisation's records, in order."""
    return table.where(BY_ORGANISATION, organisation)


def find(table: Table[Item], organisation: str, id: str) -> Item:
    """Raises NotFound, also for what belongs to another organisation."""
    found: Any = table.get(id)
    if found is None or found.organisation != organisation:
        raise NotFound
    return found  # type: ignore[no-any-return]


class Catalog:
    """Lists are in the order in which the vendor shows them: by rank, custom field options by sort key."""

    def __init__(self) -> None:
        self.severities: Table[Severity] = owned(attrgetter("rank"))
        self.statuses: Table[IncidentStatus] = owned(attrgetter("rank"))
        self.types: Table[IncidentType] = owned()
        self.roles: Table[IncidentRole] = owned()
        self.timestamps: Table[IncidentTimestamp] = owned(attrgetter("rank"))
        self.custom_fields: Table[CustomField] = owned()
        self.options: Table[CustomFieldOption] = Table(
            order=attrgetter("sort_key"),
            indexes={BY_FIELD: attrgetter("custom_field_id")},
        )

    def tables(self) -> dict[str, Table[Any]]:
        return {
            "severities": self.severities,
            "incident_statuses": self.statuses,
            "incident_types": self.types,
            "incident_roles": self.roles,
            "incident_timestamps": self.timestamps,
            "custom_fields": self.custom_fields,
            "custom_field_options": self.options,
        }

    def default_type(self, organisation: str) -> IncidentType | None:
        """What an incident is when nobody says."""
        return next((type_ for type_ in of(self.types, organisation) if type_.is_default), None)

    def first_status(self, organisation: str, type_: IncidentType | None) -> IncidentStatus | None:
        """Where an incident begins: in triage if its type wants that always, else with the first active status."""
        category = "triage" if type_ is not None and type_.create_in_triage == "always" else "live"
        return next(
            (status for status in of(self.statuses, organisation) if status.category == category), None
        )

    def role(self, organisation: str, role_type: str) -> IncidentRole | None:
        return next((role for role in of(self.roles, organisation) if role.role_type == role_type), None)

    def category(self, status_id: str) -> str:
        """Empty for a status that is not there."""
        status = self.statuses.get(status_id)
        return status.category if status is not None else ""

    def severity_rank(self, severity_id: str | None) -> int | None:
        severity = self.severities.get(severity_id) if severity_id is not None else None
        return severity.rank if severity is not None else None
