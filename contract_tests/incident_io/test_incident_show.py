from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import UNKNOWN, VALID, IncidentIo, Workflow, refused
from contract_tests.incident_io.others import incidents
from contract_tests.laws import law
from contract_tests.shared import while_nobody_else_writes


def shown(workflow: Workflow, id_or_number: str) -> dict[str, Any]:
    incident: dict[str, Any] = workflow.read(f"/v2/incidents/{id_or_number}")["incident"]
    return incident


def ids(configured: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(one["id"] for one in configured)


def nulls(value: Any) -> bool:
    if isinstance(value, dict):
        return any(nulls(item) for item in value.values())
    return any(nulls(item) for item in value) if isinstance(value, list) else value is None


@while_nobody_else_writes(incidents)
@law("incident-io/incidents.show")
def test_an_incident_is_shown_by_id_and_by_number(workflow: Workflow) -> None:
    for listed in workflow.listed()[:5]:
        number = listed["reference"].removeprefix("INC-")
        assert shown(workflow, listed["id"]) == shown(workflow, number) == listed


@law("incident-io/incidents.show-unknown")
@pytest.mark.parametrize("id_", [UNKNOWN, "0", "99999999", "9" * 30, "INC-123", "nothing"])
def test_an_unknown_incident_is_not_found(workflow: Workflow, id_: str) -> None:
    refused(workflow.get(f"/v2/incidents/{id_}"), 404, "not_found", "resource_not_found")


@law("incident-io/incidents.show-unknown")
def test_another_organisations_incident_is_not_found(workflow: Workflow, stranger: IncidentIo) -> None:
    refused(workflow.get(f"/v2/incidents/{stranger.incident}"), 404, "not_found", "resource_not_found")


@law("incident-io/incidents.links")
def test_an_incident_knows_its_reference_and_its_page(workflow: Workflow, deployment: Deployment) -> None:
    incident = shown(workflow, workflow.key.incident)
    assert incident["permalink"] == deployment.need("incident_url")
    assert incident["reference"] == f"INC-{incident['permalink'].rpartition('/')[2]}"


@law("incident-io/incidents.no-nulls")
def test_nothing_is_null_anywhere(workflow: Workflow, strict: bool) -> None:
    incidents = workflow.listed(("status_category[not_in]", "nothing"))
    assert not nulls(incidents)
    assert not strict or any("severity" not in incident for incident in incidents)
    for incident in incidents:
        assert isinstance(incident["slack_channel_id"], str)
        assert isinstance(incident["team_ids"], list)


@law("incident-io/incidents.everything-configured")
def test_every_timestamp_and_custom_field_is_there(workflow: Workflow, strict: bool) -> None:
    timestamps = workflow.read("/v2/incident_timestamps")["incident_timestamps"]
    fields = [field["id"] for field in workflow.read("/v2/custom_fields")["custom_fields"]]
    incident = shown(workflow, workflow.key.incident)
    held, entries = incident["incident_timestamp_values"], incident["custom_field_entries"]
    assert ids(value["incident_timestamp"] for value in held) == ids(timestamps)
    assert ids(entry["custom_field"] for entry in entries) == sorted(fields)
    if strict:  # whose order is ours, and where some have a value and some have none
        assert [value["incident_timestamp"] for value in held] == timestamps
        assert [entry["custom_field"]["id"] for entry in entries] == fields
        assert {"value" in value for value in held} == {True, False}
        assert {bool(entry["values"]) for entry in entries} == {True, False}


@law("incident-io/incidents.every-role")
def test_every_role_is_there_with_or_without_an_assignee(workflow: Workflow, strict: bool) -> None:
    roles = [role["id"] for role in workflow.read("/v2/incident_roles")["incident_roles"]]
    assignments = workflow.opened()["incident_role_assignments"]
    assert ids(assignment["role"] for assignment in assignments) == sorted(roles)
    assert not strict or [assignment["role"]["id"] for assignment in assignments] == roles
    assert not any("assignee" in assignment for assignment in assignments)


@law("incident-io/incidents.documents")
def test_an_incident_names_its_documents_and_where_the_main_one_is(workflow: Workflow, strict: bool) -> None:
    incident = workflow.opened()
    assert incident["postmortem_document_ids"] == []
    assert "postmortem_document_url" not in incident
    imported = [workflow.key.post(VALID, incident["id"]).json()["postmortem_document"] for _ in range(2)]
    after = shown(workflow, incident["id"])
    assert sorted(after["postmortem_document_ids"]) == ids(imported)
    assert not strict or after["postmortem_document_ids"] == [document["id"] for document in imported]
    assert after["postmortem_document_url"] == imported[0]["document_url"]
