"""The words of the fixtures for follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Status = Literal["outstanding", "completed", "deleted", "not_doing"]
Tracker = Literal[
    "asana",
    "azure_devops",
    "click_up",
    "freshservice",
    "linear",
    "jira",
    "salesforce",
    "jira_server",
    "github",
    "gitlab",
    "service_now",
    "shortcut",
    "notion",
]


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    organisation: str
    name: str


@dataclass(frozen=True, slots=True)
class Priority:
    """`rank` says which comes first."""

    id: str
    organisation: str
    name: str
    rank: int
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    organisation: str
    name: str
    rank: int
    description: str | None = None


@dataclass(frozen=True, slots=True)
class ExternalIssue:
    """An issue in a tracker that the organisation has connected."""

    id: str
    organisation: str
    provider: Tracker
    issue_name: str
    issue_permalink: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`created_by` is a user, `created_with` an API key; one of them made the follow-up. What else it names are ids."""

    id: str
    incident_id: str
    title: str
    created_at: datetime
    updated_at: datetime
    status: Status = "outstanding"
    description: str | None = None
    created_by: str | None = None
    created_with: str | None = None
    assignee: str | None = None
    assignee_team: str | None = None
    priority: str | None = None
    category: str | None = None
    labels: tuple[str, ...] = ()
    external_issue: str | None = None
    completed_at: datetime | None = None
