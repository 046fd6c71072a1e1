from __future__ import annotations

from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import UNKNOWN, Workflow, refused
from contract_tests.incident_io.test_incident_create import people, timestamps
from contract_tests.laws import law

TIMES = {"updated_at", "last_activity_at"}


def differences(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def values(incident: dict[str, Any], field: str) -> list[dict[str, Any]]:
    entries = incident["custom_field_entries"]
    found: list[dict[str, Any]] = next(e["values"] for e in entries if e["custom_field"]["id"] == field)
    return found


@law("incident-io/edit.only-given")
@pytest.mark.parametrize("name", ["name", "summary", "call_url", "severity_id", "nothing"])
def test_an_edit_changes_what_is_given_and_nothing_else(workflow: Workflow, name: str) -> None:
    before = workflow.opened(summary="before")
    value = workflow.severity("Critical") if name == "severity_id" else "https://meet.example.com/1"
    after = workflow.edited(before["id"], **{name: value})
    if name == "nothing":
        assert after == before
        return
    changed = name.removesuffix("_id")
    assert differences(before, after) - TIMES == {changed}
    assert (after[changed]["id"] if name == "severity_id" else after[name]) == value
    assert workflow.same(workflow.read(f"/v2/incidents/{before['id']}")["incident"], after)


@law("incident-io/edit.required")
def test_both_members_of_the_body_are_required(workflow: Workflow) -> None:
    path = f"/v2/incidents/{workflow.key.incident}/actions/edit"
    bodies: tuple[dict[str, Any], ...] = ({"incident": {}}, {"notify_incident_channel": True})
    for body in bodies:
        answer = workflow.key.send("POST", path, json=body)
        errors = refused(answer, 422, "validation_error", "missing_field")
        assert errors[0]["source"]["field"] not in body
    refused(workflow.edit(UNKNOWN, name="x"), 404, "not_found", "resource_not_found")


@law("incident-io/edit.unset")
def test_a_custom_field_is_set_replaced_and_unset(workflow: Workflow) -> None:
    incident, field = workflow.opened(), workflow.field("Impact")
    entry = next(e for e in incident["custom_field_entries"] if e["custom_field"]["id"] == field)
    options = entry["custom_field"]["options"]
    if len(options) < 3:
        pytest.skip("not judged: the custom field Impact of the target has fewer than three options")

    def entries(*chosen: dict[str, Any]) -> dict[str, Any]:
        held = [{"value_option_id": option["id"]} for option in chosen]
        return {"custom_field_entries": [{"custom_field_id": field, "values": held}]}

    after = workflow.edited(incident["id"], **entries(*options[:2]))
    assert values(after, field) == [{"value_option": option} for option in options[:2]]
    after = workflow.edited(incident["id"], **entries(options[2]))
    assert values(after, field) == [{"value_option": options[2]}]
    assert values(workflow.edited(incident["id"], name="x"), field) == [{"value_option": options[2]}]
    assert values(workflow.edited(incident["id"], **entries()), field) == []


@law("incident-io/edit.unset")
def test_plain_custom_fields_hold_one_value_of_their_type(workflow: Workflow) -> None:
    incident, field = workflow.opened(), workflow.field("Customers affected")

    def entries(*numbers: str) -> dict[str, Any]:
        held = [{"value_numeric": number} for number in numbers]
        return {"custom_field_entries": [{"custom_field_id": field, "values": held}]}

    assert values(workflow.edited(incident["id"], **entries("4.5")), field) == [{"value_numeric": "4.5"}]
    refused(workflow.edit(incident["id"], **entries("many")), 422, "validation_error", "invalid_value")
    refused(workflow.edit(incident["id"], **entries("1", "2")), 422, "validation_error", "invalid_value")
    assert values(workflow.edited(incident["id"], **entries()), field) == []


@law("incident-io/edit.unassign")
def test_a_role_and_a_timestamp_are_given_and_taken_away(workflow: Workflow) -> None:
    incident, lead, at = workflow.opened(), workflow.role("Incident Lead"), workflow.timestamp("Fixed at")
    user = workflow.all("/v2/users", "users")[0]["id"]
    role, time = {"incident_role_id": lead}, {"incident_timestamp_id": at}
    after = workflow.edited(
        incident["id"],
        incident_role_assignments=[{**role, "assignee": {"id": user}}],
        incident_timestamp_values=[{**time, "value": "2026-01-02T03:04:05.120Z"}],
    )
    assert people(after) == {"lead": user}
    assert timestamps(after)["Fixed at"] == "2026-01-02T03:04:05.12Z"
    after = workflow.edited(
        incident["id"], incident_role_assignments=[role], incident_timestamp_values=[time]
    )
    assert people(after) == {}
    assert "Fixed at" not in timestamps(after)


CHANGES: dict[str, dict[str, Any]] = {
    "incidents.update_summary": {"summary": "x"},
    "incidents.update_severity": {"severity_id": UNKNOWN},
    "incidents.update_status": {"incident_status_id": UNKNOWN},
    "incidents.update_custom_fields": {"custom_field_entries": []},
    "incidents.update_timestamps": {"incident_timestamp_values": []},
    "incidents.update_role_assignments": {"incident_role_assignments": []},
    "incident_calls.create": {"call_url": "https://meet.example.com/2"},
}


@law("incident-io/edit.scopes")
@pytest.mark.parametrize("scope", CHANGES)
def test_each_property_needs_its_scope(workflow: Workflow, deployment: Deployment, scope: str) -> None:
    renamer = Workflow(workflow.key.with_key(deployment.need("incident_rename_key")))
    incident = workflow.opened()
    answer = renamer.edit(incident["id"], name="renamed", **CHANGES[scope])
    errors = refused(answer, 403, "resource_forbidden", "missing_required_scope")
    assert errors[0]["metadata"]["scope"] == scope
    assert workflow.same(workflow.read(f"/v2/incidents/{incident['id']}")["incident"], incident)
    assert renamer.edited(incident["id"], name="renamed")["name"] == "renamed"


@law("incident-io/edit.scopes")
def test_a_reader_may_not_rename(workflow: Workflow, reader: Workflow) -> None:
    answer = reader.edit(workflow.opened()["id"], name="x", slack_channel_name_override="y")
    errors = refused(answer, 403, "resource_forbidden", "missing_required_scope")
    assert errors[0]["metadata"]["scope"] == "incidents.update_name"


@law("incident-io/edit.moves")
@pytest.mark.parametrize(
    "moves",
    [
        (
            "Investigating",
            "Monitoring",
            "Fixing",
            "Documenting",
            "Reviewing",
            "Documenting",
            "Closed",
            "Closed",
        ),
        ("Investigating", "Closed"),
        ("Triage", "Documenting"),
        ("Triage", "Triage", "Closed"),
    ],
)
def test_an_incident_moves_onward(workflow: Workflow, moves: tuple[str, ...]) -> None:
    incident = workflow.opened(incident_status_id=workflow.status(moves[0]))
    for name in moves[1:]:
        after = workflow.edited(incident["id"], incident_status_id=workflow.status(name))
        assert after["incident_status"]["name"] == name


@law("incident-io/edit.no-move")
@pytest.mark.parametrize(
    "moves",
    [
        ("Closed", "Investigating"),
        ("Closed", "Reviewing"),
        ("Reviewing", "Fixing"),
        ("Investigating", "Triage"),
        ("Triage", "Investigating"),
        ("Fixing", "Declined"),
        ("Paused", "Closed"),
    ],
)
def test_no_other_move_is_made(workflow: Workflow, moves: tuple[str, str]) -> None:
    incident = workflow.opened(incident_status_id=workflow.status(moves[0]))
    answer = workflow.edit(incident["id"], name="x", incident_status_id=workflow.status(moves[1]))
    errors = refused(answer, 422, "validation_error", "invalid_value")
    assert errors[0]["source"]["pointer"] == "/incident/incident_status_id"
    assert workflow.same(workflow.read(f"/v2/incidents/{incident['id']}")["incident"], incident)


@law("incident-io/edit.resolved-at")
def test_moving_on_sets_the_timestamps_of_resolving_and_closing(workflow: Workflow) -> None:
    id_ = workflow.opened()["id"]
    resolved = timestamps(workflow.edited(id_, incident_status_id=workflow.status("Documenting")))
    assert resolved.keys() == {"Reported at", "Accepted at", "Resolved at"}
    closed = timestamps(workflow.edited(id_, incident_status_id=workflow.status("Closed")))
    assert closed.keys() - resolved.keys() == {"Closed at"}
    assert closed["Resolved at"] == resolved["Resolved at"]
