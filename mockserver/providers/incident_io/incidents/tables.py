"""Incidents and their updates as tables, with an index for each filter that a list may have alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import attrgetter

from mockserver.core.fixtures import FixtureError, Fixtures
from mockserver.core.store import Table
from mockserver.providers.incident_io.catalog.tables import Catalog
from mockserver.providers.incident_io.people.tables import People
from mockserver.providers.incident_io.records import Incident, IncidentUpdate

DEFAULT_MODES = ("standard", "retrospective")
HIDDEN_CATEGORIES = ("declined", "canceled", "merged")
BY_ORGANISATION, BY_NUMBER, BY_KEY = "organisation", "number", "idempotency_key"
BY_LISTED, BY_INCIDENT = "listed", "incident_id"
REFERENCES = {
    ("incidents", "organisation"): "organisations",
    ("incidents", "status"): "incident_statuses",
    ("incidents", "severity"): "severities",
    ("incidents", "incident_type"): "incident_types",
    ("incidents", "created_by"): "users",
    ("incidents", "created_with"): "api_keys",
    ("incident_updates", "incident_id"): "incidents",
    ("incident_updates", "status"): "incident_statuses",
    ("incident_updates", "severity"): "severities",
    ("incident_updates", "created_by"): "users",
    ("incident_updates", "created_with"): "api_keys",
}


def table(catalog: Catalog) -> Table[Incident]:
    """Incidents in the order in which they were opened.

    A filter's index holds, beside the organisation and the value, whether a list that filters on nothing else shows
    the incident: a list without a filter on mode shows DEFAULT_MODES only, one without a filter on the status
    category none of HIDDEN_CATEGORIES.
    """

    def usual_mode(incident: Incident) -> bool:
        return incident.mode in DEFAULT_MODES

    def usual_category(incident: Incident) -> bool:
        return catalog.category(incident.status) not in HIDDEN_CATEGORIES

    def listed(incident: Incident) -> bool:
        return usual_mode(incident) and usual_category(incident)

    indexes: dict[str, Callable[[Incident], Hashable]] = {
        BY_ORGANISATION: attrgetter("organisation"),
        BY_NUMBER: attrgetter("organisation", "number"),
        BY_KEY: attrgetter("organisation", "idempotency_key"),
        BY_LISTED: lambda incident: (incident.organisation, listed(incident)),
        "status": lambda incident: (incident.organisation, listed(incident), incident.status),
        "severity": lambda incident: (incident.organisation, listed(incident), incident.severity),
        "incident_type": lambda incident: (incident.organisation, listed(incident), incident.incident_type),
        "status_category": lambda incident: (
            incident.organisation,
            usual_mode(incident),
            catalog.category(incident.status),
        ),
        "mode": lambda incident: (incident.organisation, usual_category(incident), incident.mode),
    }
    return Table(order=attrgetter("created_at"), indexes=indexes)


def updates_table(incidents: Table[Incident]) -> Table[IncidentUpdate]:
    """Updates, the oldest first."""

    def organisation(update: IncidentUpdate) -> str:
        incident = incidents.get(update.incident_id)
        return incident.organisation if incident is not None else ""

    return Table(
        order=attrgetter("created_at"),
        indexes={
            BY_ORGANISATION: organisation,
            BY_INCIDENT: attrgetter("incident_id"),
            BY_KEY: lambda update: (organisation(update), update.idempotency_key),
        },
    )


def check_fixtures(fixtures: Fixtures, catalog: Catalog, people: People) -> None:
    """Raises FixtureError for an assignment, value or timestamp of an incident that names nothing, and for a main
    document that is another incident's."""
    owners = {document.id: document.incident_id for document in fixtures.get("postmortem_documents", ())}
    for position, incident in enumerate(fixtures.get("incidents", ())):
        if incident.main_document is not None and owners.get(incident.main_document) != incident.id:
            raise FixtureError("incidents", position, "main_document", "is not a document of this incident")
        named = (
            *(("roles", "incident_roles", catalog.roles.get(item.role)) for item in incident.roles),
            *(("roles", "users", people.users.get(item.user)) for item in incident.roles),
            *(
                ("field_values", "custom_fields", catalog.custom_fields.get(item.field))
                for item in incident.field_values
            ),
            *(
                ("field_values", "custom_field_options", catalog.options.get(item.option))
                for item in incident.field_values
                if item.option is not None
            ),
            *(
                ("timestamps", "incident_timestamps", catalog.timestamps.get(item.timestamp))
                for item in incident.timestamps
            ),
        )
        for key, target, found in named:
            if found is None:
                raise FixtureError("incidents", position, key, f"names what is not in {target}")
