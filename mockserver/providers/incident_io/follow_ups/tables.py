"""Follow-ups as tables."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from mockserver.core.store import Table
from mockserver.providers.incident_io.follow_ups.records import (
    Category,
    ExternalIssue,
    FollowUp,
    Priority,
    Team,
)
from mockserver.providers.incident_io.records import Incident

BY_INCIDENT, BY_MODE, BY_TEAM = "incident_id", "organisation, mode", "organisation, mode, team"
RECORDS: dict[str, type] = {
    "teams": Team,
    "follow_up_priorities": Priority,
    "follow_up_categories": Category,
    "external_issues": ExternalIssue,
    "follow_ups": FollowUp,
}
REFERENCES = {
    ("teams", "organisation"): "organisations",
    ("follow_up_priorities", "organisation"): "organisations",
    ("follow_up_categories", "organisation"): "organisations",
    ("external_issues", "organisation"): "organisations",
    ("follow_ups", "incident_id"): "incidents",
    ("follow_ups", "created_by"): "users",
    ("follow_ups", "created_with"): "api_keys",
    ("follow_ups", "assignee"): "users",
    ("follow_ups", "assignee_team"): "teams",
    ("follow_ups", "priority"): "follow_up_priorities",
    ("follow_ups", "category"): "follow_up_categories",
    ("follow_ups", "external_issue"): "external_issues",
}


class FollowUps:
    """Follow-ups are listed by id. The organisation and the mode of an incident never change."""

    def __init__(self, incidents: Table[Incident]) -> None:
        self._incidents = incidents
        self.teams: Table[Team] = Table()
        self.priorities: Table[Priority] = Table()
        self.categories: Table[Category] = Table()
        self.external_issues: Table[ExternalIssue] = Table()
        self.follow_ups: Table[FollowUp] = Table(
            order=attrgetter("id"),
            indexes={
                BY_INCIDENT: attrgetter("incident_id"),
                BY_MODE: self._mode,
                BY_TEAM: lambda follow_up: (*self._mode(follow_up), follow_up.assignee_team),
            },
        )

    def tables(self) -> dict[str, Table[Any]]:
        return {
            "teams": self.teams,
            "follow_up_priorities": self.priorities,
            "follow_up_categories": self.categories,
            "external_issues": self.external_issues,
            "follow_ups": self.follow_ups,
        }

    def incident_of(self, follow_up: FollowUp) -> Incident:
        incident = self._incidents.get(follow_up.incident_id)
        if incident is None:
            raise KeyError(follow_up.incident_id)
        return incident

    def _mode(self, follow_up: FollowUp) -> tuple[str, str]:
        incident = self.incident_of(follow_up)
        return incident.organisation, incident.mode
