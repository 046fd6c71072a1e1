"""What an incident.io organisation holds. The fixtures are written in these words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DocumentStatus = Literal["in_progress", "in_review", "completed"]
DocumentType = Literal["in_app", "external"]
IncidentMode = Literal["standard", "retrospective", "test", "tutorial", "stream"]
UserRole = Literal["viewer", "responder", "administrator", "owner", "unset"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """`slug` is the part of dashboard addresses that names the organisation."""

    id: str
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Keys belong to the organisation, not to a user; `name` is what a rate-limit error calls them."""

    id: str
    organisation: str
    name: str
    token: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """`role` is one that the vendor stopped to keep up to date in 2023."""

    id: str
    organisation: str
    name: str
    email: str | None = None
    role: UserRole = "unset"
    slack_user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """`main_document` is the id of the postmortem document that stands for the incident."""

    id: str
    organisation: str
    number: int
    name: str
    main_document: str | None = None
    mode: IncidentMode = "standard"


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
