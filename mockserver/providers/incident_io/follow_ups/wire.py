"""Follow-ups as the vendor's JSON."""

from __future__ import annotations

from typing import Any

from mockserver.providers.incident_io.follow_ups.records import Category, FollowUp, Priority
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.wire import moment, present, user


def follow_up(world: World, record: FollowUp) -> dict[str, Any]:
    tables = world.follow_ups
    assignee = world.people.users.get(record.assignee or "")
    team = tables.teams.get(record.assignee_team or "")
    issue = tables.external_issues.get(record.external_issue or "")
    return present(
        id=record.id,
        incident_id=record.incident_id,
        title=record.title,
        description=record.description,
        status=record.status,
        labels=list(record.labels),
        assignee=user(assignee) if assignee else None,
        assignee_team={"id": team.id, "name": team.name} if team else None,
        priority=_ranked(tables.priorities.get(record.priority or "")),
        category=_ranked(tables.categories.get(record.category or "")),
        external_issue_reference={
            "provider": issue.provider,
            "issue_name": issue.issue_name,
            "issue_permalink": issue.issue_permalink,
        }
        if issue
        else None,
        creator=_creator(world, record),
        completed_at=moment(record.completed_at) if record.completed_at else None,
        created_at=moment(record.created_at),
        updated_at=moment(record.updated_at),
    )


def _creator(world: World, record: FollowUp) -> dict[str, Any]:
    by, key = world.people.users.get(record.created_by or ""), world.api_keys.get(record.created_with or "")
    return present(user=user(by) if by else None, api_key={"id": key.id, "name": key.name} if key else None)


def _ranked(option: Priority | Category | None) -> dict[str, Any] | None:
    if option is None:
        return None
    return present(id=option.id, name=option.name, description=option.description, rank=option.rank)
