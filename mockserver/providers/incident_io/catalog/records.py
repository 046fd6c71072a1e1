"""The words of the fixtures for what an organisation has configured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Category = Literal["triage", "declined", "merged", "canceled", "live", "learning", "closed", "paused"]
FieldType = Literal["single_select", "multi_select", "text", "link", "numeric"]


@dataclass(frozen=True, slots=True)
class Severity:
    """A higher `rank` is worse."""

    id: str
    organisation: str
    name: str
    rank: int
    created_at: datetime
    updated_at: datetime
    description: str = ""


@dataclass(frozen=True, slots=True)
class IncidentStatus:
    """The dashboard calls the category `live` Active, and `learning` Post-incident."""

    id: str
    organisation: str
    name: str
    category: Category
    rank: int
    created_at: datetime
    updated_at: datetime
    description: str = ""


@dataclass(frozen=True, slots=True)
class IncidentType:
    id: str
    organisation: str
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    is_default: bool = False
    private_incidents_only: bool = False
    create_in_triage: Literal["always", "optional"] = "optional"


@dataclass(frozen=True, slots=True)
class IncidentRole:
    """`instructions` are for whoever is nominated."""

    id: str
    organisation: str
    name: str
    description: str
    created_at: datetime
    updated_at: datetime
    shortform: str = ""
    instructions: str = ""
    role_type: Literal["lead", "reporter", "custom"] = "custom"


@dataclass(frozen=True, slots=True)
class IncidentTimestamp:
    id: str
    organisation: str
    name: str
    rank: int


@dataclass(frozen=True, slots=True)
class CustomField:
    id: str
    organisation: str
    name: str
    field_type: FieldType
    created_at: datetime
    updated_at: datetime
    description: str = ""

    @property
    def has_options(self) -> bool:
        return self.field_type in ("single_select", "multi_select")


@dataclass(frozen=True, slots=True)
class CustomFieldOption:
    id: str
    custom_field_id: str
    value: str
    sort_key: int
