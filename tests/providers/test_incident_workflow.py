"""Incidents opened, edited and told about, without HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.core.errors import Breach, Invalid, NotFound, NotPermitted
from mockserver.core.events import Event
from mockserver.providers.incident_io.incidents import creating, editing, listing, statuses, updating
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import Incident, IncidentUpdate, RoleAssignment
from tests.providers.incident_worlds import CATEGORIES, START, make_world

ONWARD = {
    ("triage", "learning"),
    ("triage", "closed"),
    ("live", "learning"),
    ("live", "closed"),
    ("learning", "closed"),
}


@pytest.fixture
def world() -> World:
    return make_world([Incident("I1", "O1", 41, "Sad", "live", START, START, severity="low")])


def listen(world: World) -> list[Event]:
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    return seen


def opened(world: World, key: str = "k", **more: Any) -> Incident:
    payload = {"idempotency_key": key, "visibility": "public", "severity_id": "low", **more}
    return creating.create(world, world.authenticate("token"), payload)


def edited(world: World, **changes: Any) -> Incident:
    incident = world.incidents.get("I1")
    assert incident is not None
    return editing.edit(world, world.authenticate("token"), incident, changes)


def shared(world: World, key: str = "k", incident: str = "I1", **more: Any) -> IncidentUpdate:
    return updating.share(
        world, world.authenticate("token"), {"idempotency_key": key, "incident_id": incident, **more}
    )


def test_opening_is_told_once_and_makes_one_update(world: World) -> None:
    seen = listen(world)
    incident = opened(world)
    assert opened(world, severity_id="nothing") is incident
    assert seen == [Event("incident.created", after=incident)]
    assert [update.incident_id for update in world.updates] == [incident.id]


def test_numbers_go_on_from_the_highest_and_step_over_those_that_are_taken(world: World) -> None:
    taken = opened(world, "a", mode="retrospective", retrospective_incident_options={"external_id": 43})
    assert taken.number == 43
    assert [opened(world, key).number for key in "bcd"] == [42, 44, 45]
    with pytest.raises(Invalid) as refused:
        opened(world, "e", retrospective_incident_options={"external_id": 41})
    assert [breach.rule for breach in refused.value.breaches] == ["taken"]


def test_another_organisation_may_use_the_same_key(world: World) -> None:
    mine = opened(world)
    with pytest.raises(Invalid):  # it has no statuses of its own
        creating.create(
            world, world.authenticate("foreign"), {"idempotency_key": "k", "visibility": "public"}
        )
    assert opened(world) is mine


def test_a_retrospective_incident_has_the_channel_and_document_that_it_is_given(world: World) -> None:
    options = {"slack_channel_id": "C1", "postmortem_document_url": "https://docs.example.com/1"}
    incident = opened(world, "a", mode="retrospective", retrospective_incident_options=options)
    assert (incident.slack_channel_id, incident.retrospective_document_url) == tuple(options.values())
    bare = opened(world, "b", mode="retrospective")
    assert (bare.slack_channel_id, bare.slack_channel_name) == ("", None)


def test_a_channel_is_named_after_day_and_name(world: World) -> None:
    assert (
        opened(world, "a", name="Die Datenbank & ich!").slack_channel_name
        == "inc-2026-01-01-die-datenbank-ich"
    )
    assert opened(world, "b", name="x" * 200).slack_channel_name == f"inc-2026-01-01-{'x' * 65}"
    assert opened(world, "c", name="火").slack_channel_name == "inc-2026-01-01"


def test_every_breach_of_a_create_is_told_and_nothing_is_kept(world: World) -> None:
    seen, before = listen(world), world.store.snapshot()
    with pytest.raises(Invalid) as refused:
        opened(
            world,
            severity_id="nothing",
            incident_type_id="nothing",
            incident_role_assignments=[{"incident_role_id": "lead", "assignee": {"id": "nobody"}}],
        )
    assert refused.value.breaches == (
        Breach(("severity_id",), "exists", "nothing", "severity"),
        Breach(("incident_type_id",), "exists", "nothing", "incident type"),
        Breach(("incident_role_assignments", "0", "assignee"), "exists", "nobody", "user"),
    )
    assert (seen, world.store.snapshot()) == ([], before)


def test_the_reporter_leads_unless_somebody_else_does(world: World) -> None:
    reporter = {"incident_role_id": "reporter", "assignee": {"id": "U1"}}
    lead = {"incident_role_id": "lead", "assignee": {"id": "U2"}}
    for given, leader in (([reporter], "U1"), ([reporter, lead], "U2"), ([lead, reporter], "U2")):
        roles = opened(world, leader + str(given), incident_role_assignments=given).roles
        assert set(roles) == {RoleAssignment("reporter", "U1"), RoleAssignment("lead", leader)}


@pytest.mark.parametrize("before", CATEGORIES)
@pytest.mark.parametrize("after", CATEGORIES)
def test_an_incident_moves_within_its_category_and_onward(world: World, before: str, after: str) -> None:
    start, end = world.catalog.statuses.get(before), world.catalog.statuses.get(after)
    assert start is not None
    assert end is not None
    assert statuses.may_move(start, end) is (before == after or (before, after) in ONWARD)


def test_an_edit_is_told_with_what_was_and_what_is(world: World) -> None:
    seen, before = listen(world), world.incidents.get("I1")
    renamed = edited(world, name="Sadder")
    closed = edited(world, incident_status_id="closed")
    assert seen == [
        Event("incident.updated", before, renamed),
        Event("incident.updated", renamed, closed),
        Event("incident.status_updated", renamed, closed),
    ]
    assert [(update.status, update.severity) for update in world.updates] == [("closed", "low")]


def test_an_edit_of_nothing_changes_and_tells_nothing(world: World) -> None:
    seen, before = listen(world), world.incidents.get("I1")
    assert edited(world) is before
    assert edited(world, name="Sad", severity_id="low", incident_status_id="live") is before
    assert seen == []


def test_replacing_a_call_needs_one_more_scope_than_setting_it(world: World) -> None:
    first = edited(world, call_url="https://meet.example.com/1")
    assert first.call_url == "https://meet.example.com/1"
    with pytest.raises(NotPermitted) as refused:
        edited(world, call_url="https://meet.example.com/2")
    assert refused.value.scope == "incident_calls.destroy"
    assert world.incidents.get("I1") is first


@pytest.mark.parametrize(
    "reference", [{"id": "U2"}, {"email": "U2@example.com"}, {"id": "", "email": "U2@example.com"}]
)
def test_a_user_is_meant_by_id_or_address(world: World, reference: dict[str, str]) -> None:
    role = {"incident_role_id": "lead", "assignee": reference}
    assert edited(world, incident_role_assignments=[role]).roles == (RoleAssignment("lead", "U2"),)


def test_a_changed_incident_is_listed_where_it_now_belongs(world: World) -> None:
    edited(world, incident_status_id="closed")
    assert [one.id for one in world.incidents.where("status", ("O1", True, "closed"))] == ["I1"]
    assert world.incidents.where("status", ("O1", True, "live")) == []


def test_an_update_is_told_as_a_change_of_the_incident(world: World) -> None:
    seen, before = listen(world), world.incidents.get("I1")
    update = shared(world, message="hello")
    after = world.incidents.get("I1")
    assert before is not None
    assert seen == [Event("incident.updated", before, after)]
    assert after == replace(before, updated_at=update.created_at)
    assert shared(world, message="again") is update
    assert len(seen) == 1


def test_nothing_is_shared_of_what_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        shared(world, incident="I2", message="x")
    with pytest.raises(Invalid):
        shared(world, to_incident_status_id="triage")
    assert list(world.updates) == []


def test_an_incident_is_found_by_number_within_its_organisation_only(world: World) -> None:
    assert listing.find_incident(world, world.authenticate("token"), "41").id == "I1"
    for token, id_ in (("foreign", "41"), ("token", "42"), ("token", "٤١"), ("token", "9" * 40)):
        with pytest.raises(NotFound):
            listing.find_incident(world, world.authenticate(token), id_)
