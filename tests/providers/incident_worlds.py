"""Worlds of incident.io for tests of the model: one organisation, its configuration, and any number of incidents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from mockserver.core.sandbox import services
from mockserver.providers.incident_io.catalog.records import (
    CustomField,
    CustomFieldOption,
    IncidentRole,
    IncidentStatus,
    IncidentTimestamp,
    IncidentType,
    Severity,
)
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.people.records import RbacRole, User
from mockserver.providers.incident_io.records import ApiKey, Incident, Organisation

START = datetime(2026, 1, 1, tzinfo=UTC)
CATEGORIES = ("triage", "declined", "merged", "canceled", "live", "learning", "closed", "paused")
SEVERITIES, TYPES, USERS = ("low", "middle", "high"), ("usual", "wary"), ("U1", "U2", "U3")
STAMPS = ("Reported at", "Accepted at", "Resolved at", "Closed at")
SCOPES = tuple(
    f"incidents.update_{name}"
    for name in ("name", "summary", "severity", "status", "custom_fields", "timestamps", "role_assignments")
)


def make_world(incidents: Sequence[Incident] = (), **more: Sequence[Any]) -> World:
    """A status for each category, with the category's name as its id; everything belongs to organisation O1."""
    collections: dict[str, Sequence[Any]] = {
        "organisations": [Organisation("O1", "One", "one"), Organisation("O2", "Two", "two")],
        "api_keys": [
            ApiKey("K1", "O1", "key", "token", (*SCOPES, "incident_calls.create")),
            ApiKey("K2", "O2", "foreign", "foreign"),
        ],
        "rbac_roles": [RbacRole("B1", "O1", "Responder", "user")],
        "users": [User(id_, "O1", id_, "B1", email=f"{id_}@example.com") for id_ in USERS],
        "severities": [Severity(id_, "O1", id_, rank, START, START) for rank, id_ in enumerate(SEVERITIES)],
        "incident_statuses": [
            IncidentStatus(name, "O1", name, name, rank, START, START)  # type: ignore[arg-type]
            for rank, name in enumerate(CATEGORIES)
        ],
        "incident_types": [
            IncidentType("usual", "O1", "usual", START, START, is_default=True),
            IncidentType("wary", "O1", "wary", START, START, create_in_triage="always"),
        ],
        "incident_roles": [
            IncidentRole("lead", "O1", "Incident Lead", "Leads", START, START, role_type="lead"),
            IncidentRole("reporter", "O1", "Reporter", "Reports", START, START, role_type="reporter"),
        ],
        "incident_timestamps": [
            IncidentTimestamp(name, "O1", name, rank) for rank, name in enumerate(STAMPS)
        ],
        "custom_fields": [
            CustomField("impact", "O1", "Impact", "multi_select", START, START),
            CustomField("trigger", "O1", "Trigger", "text", START, START),
        ],
        "custom_field_options": [
            CustomFieldOption(id_, "impact", id_, at) for at, id_ in enumerate(("loss", "delay", "outage"))
        ],
        "incidents": incidents,
        **more,
    }
    return World(collections, services(seed=1, name="test", base_url="http://mock", rate_factor=None))
