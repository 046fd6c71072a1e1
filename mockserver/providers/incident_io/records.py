"""What an incident.io organisation holds. The fixtures are written in these words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Mode = Literal["standard", "retrospective", "test", "tutorial", "stream"]
Visibility = Literal["public", "private"]
DocumentStatus = Literal["in_progress", "in_review", "completed"]
DocumentType = Literal["in_app", "external"]

# Among a key's scopes, whatever else a document may ask for.
EVERY_SCOPE = "*"


@dataclass(frozen=True, slots=True)
class Organisation:
    """`slug` is the part of dashboard addresses that names the organisation; `last_number` the highest number that
    an incident of theirs was given in turn, in a fixture that does not say so the highest of all."""

    id: str
    name: str
    slug: str
    slack_team_id: str = ""
    last_number: int | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Keys belong to the organisation, not to a user; `name` is what a rate-limit error calls them. What a key may do
    is in `scopes`, EVERY_SCOPE standing for all that any document names; `roles` is only what it says of itself, as the
    vendor does not publish which role has which."""

    id: str
    organisation: str
    name: str
    token: str
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    role: str
    user: str


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One value of a custom field; which member holds it depends on the field's type."""

    field: str
    option: str | None = None
    text: str | None = None
    link: str | None = None
    numeric: str | None = None


@dataclass(frozen=True, slots=True)
class TimestampValue:
    timestamp: str
    value: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """Ids of what is configured stand in `status`, `severity` and `incident_type`.

    `created_by` is a user, `created_with` an API key; one of them opened the incident. `main_document` is the id of
    the postmortem document that stands for the incident; `retrospective_document_url` where one was before the
    incident came to the vendor.
    """

    id: str
    organisation: str
    number: int
    name: str
    status: str
    created_at: datetime
    updated_at: datetime
    summary: str | None = None
    severity: str | None = None
    incident_type: str | None = None
    mode: Mode = "standard"
    visibility: Visibility = "public"
    created_by: str | None = None
    created_with: str | None = None
    call_url: str | None = None
    slack_channel_id: str = ""
    slack_channel_name: str | None = None
    slack_team_id: str = ""
    roles: tuple[RoleAssignment, ...] = ()
    field_values: tuple[FieldValue, ...] = ()
    timestamps: tuple[TimestampValue, ...] = ()
    main_document: str | None = None
    retrospective_document_url: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentUpdate:
    """`status` and `severity` are the incident's once the update was made."""

    id: str
    incident_id: str
    status: str
    created_at: datetime
    severity: str | None = None
    message: str | None = None
    created_by: str | None = None
    created_with: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class PostmortemDocument:
    """`markdown` is the source as it was imported; how the editor shows it is `markdown.canonical`.

    An external document has a `permalink` and no markdown. `editors` are ids of users.
    """

    id: str
    incident_id: str
    title: str
    created_at: datetime
    updated_at: datetime
    markdown: str = ""
    status: DocumentStatus = "in_progress"
    type: DocumentType = "in_app"
    exported_urls: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    permalink: str | None = None
