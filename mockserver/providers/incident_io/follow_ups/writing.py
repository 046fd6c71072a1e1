"""Follow-ups made, changed and taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.core.errors import Breach, Invalid, NotFound
from mockserver.core.events import Event
from mockserver.core.store import Table
from mockserver.providers.incident_io.follow_ups.records import FollowUp
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import ApiKey

Payload = Mapping[str, Any]
CLEARED_BY_NULL = ("assignee_id", "assignee_team_id")


def find(world: World, api_key: ApiKey, follow_up_id: str) -> FollowUp:
    """Raises NotFound, also for another organisation's follow-up."""
    follow_up = world.follow_ups.follow_ups.get(follow_up_id)
    if follow_up is None or world.follow_ups.incident_of(follow_up).organisation != api_key.organisation:
        raise NotFound
    return follow_up


def create(world: World, api_key: ApiKey, payload: Payload) -> FollowUp:
    """Raises Invalid for what names nothing, NotFound for an incident that is not there."""
    _hold(world, api_key, payload)
    incident = world.find_incident(api_key, payload["incident_id"])
    now = world.services.clock.now()
    follow_up = FollowUp(
        id=world.new_id(world.follow_ups.follow_ups),
        incident_id=incident.id,
        title=payload["title"],
        created_at=now,
        updated_at=now,
        created_with=api_key.id,
        **_optional(world, payload),
    )
    world.follow_ups.follow_ups.insert(follow_up)
    world.services.events.emit(Event("follow_up.created", after=follow_up))
    return follow_up


def update(world: World, api_key: ApiKey, before: FollowUp, payload: Payload) -> FollowUp:
    """What is not given stays, and null stands for what is not given, but for the two assignees, which it takes away.

    Raises Invalid for what names nothing, and for the status that only a deletion gives.
    """
    _hold(world, api_key, payload)
    status, now = payload["status"], world.services.clock.now()
    completed_at = (before.completed_at or now) if status == "completed" else None
    after = replace(
        before,
        title=payload["title"],
        status=status,
        completed_at=completed_at,
        updated_at=now,
        **_optional(world, payload),
    )
    _tell(world, before, after)
    return after


def delete(world: World, before: FollowUp) -> None:
    """A deleted follow-up is one in the status `deleted`."""
    if before.status != "deleted":
        _tell(world, before, replace(before, status="deleted", updated_at=world.services.clock.now()))


def _tell(world: World, before: FollowUp, after: FollowUp) -> None:
    world.follow_ups.follow_ups.replace(after)
    world.services.events.emit(Event("follow_up.updated", before=before, after=after))


def _named(world: World) -> dict[str, tuple[str, str, Table[Any]]]:
    """For each member that names something: the record's field, what a person calls it, and where it is."""
    tables = world.follow_ups
    return {
        "assignee_id": ("assignee", "user", world.people.users),
        "assignee_team_id": ("assignee_team", "team", tables.teams),
        "follow_up_priority_option_id": ("priority", "follow-up priority", tables.priorities),
        "follow_up_category_id": ("category", "follow-up category", tables.categories),
        "external_issue_reference_id": ("external_issue", "external issue", tables.external_issues),
    }


def _hold(world: World, api_key: ApiKey, payload: Payload) -> None:
    breaches = list(_breaches(world, api_key, payload))
    if breaches:
        raise Invalid(breaches)


def _breaches(world: World, api_key: ApiKey, payload: Payload) -> Iterator[Breach]:
    for member, (_, noun, table) in _named(world).items():
        named = payload.get(member)
        found = table.get(named) if named is not None else None
        if named is not None and (found is None or found.organisation != api_key.organisation):
            yield Breach((member,), "exists", named, noun)
    if payload.get("status") == "deleted":
        yield Breach(("status",), "not-by-update", "deleted")


def _optional(world: World, payload: Payload) -> dict[str, Any]:
    """The fields that a payload's optional members set."""
    fields: dict[str, Any] = {
        field: payload[member]
        for member, (field, _, _) in _named(world).items()
        if payload.get(member) is not None or (member in payload and member in CLEARED_BY_NULL)
    }
    if payload.get("description") is not None:
        fields["description"] = payload["description"]
    if payload.get("labels") is not None:
        fields["labels"] = tuple(payload["labels"])
    return fields
