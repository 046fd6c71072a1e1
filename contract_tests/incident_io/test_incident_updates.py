from __future__ import annotations

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import UNKNOWN, IncidentIo, Workflow, refused
from contract_tests.laws import law
from contract_tests.shared import moment

LIST = "/v2/incident_updates"


@law("incident-io/updates.first")
def test_opening_an_incident_makes_its_first_update(workflow: Workflow, strict: bool) -> None:
    incident = workflow.opened()
    (update,) = workflow.updates(incident["id"])
    assert workflow.same(update["new_incident_status"], incident["incident_status"])
    assert workflow.same(update["new_severity"], incident["severity"])
    assert workflow.same(update["updater"], incident["creator"])
    assert update["created_at"] == incident["created_at"]
    assert "message" not in update
    if strict:
        assert update.keys() == {
            "id", "incident_id", "new_incident_status", "new_severity", "updater", "created_at"
        }  # fmt: skip


@law("incident-io/updates.list")
def test_updates_are_listed_in_pages_of_one_incident_or_of_all(workflow: Workflow, strict: bool) -> None:
    incident = workflow.opened()["id"]
    for number in range(4):
        assert workflow.share(incident, message=str(number)).status_code == 201
    own = workflow.updates(incident)
    assert [update.get("message") for update in own] == [None, "0", "1", "2", "3"]
    assert workflow.all(LIST, "incident_updates", ("incident_id", incident), size=2) == own
    if strict:  # of a real deployment that may be years of updates
        everything = workflow.all(LIST, "incident_updates")
        assert [update for update in everything if update["incident_id"] == incident] == own
        assert len({update["incident_id"] for update in everything}) > 1
    assert workflow.read(LIST)["pagination_meta"]["page_size"] == 25
    refused(workflow.get(LIST, {"page_size": "251"}), 422, "validation_error", "invalid_range")


@law("incident-io/updates.order")
def test_the_oldest_update_comes_first(workflow: Workflow) -> None:
    everything = not workflow.key.shared  # of a real deployment that may be years of updates
    first = workflow.read(LIST, {"page_size": "250"})["incident_updates"]
    shown = workflow.all(LIST, "incident_updates") if everything else first
    created = [moment(update) for update in shown]
    assert sorted(created) == created
    incident = workflow.opened()["id"]
    for number in range(3):
        workflow.share(incident, message=str(number))
    assert [update.get("message") for update in workflow.updates(incident)] == [None, "0", "1", "2"]


@law("incident-io/updates.unknown-incident")
def test_what_is_not_the_full_id_of_an_incident_lists_nothing(
    workflow: Workflow, stranger: IncidentIo
) -> None:
    for id_ in (UNKNOWN, "123", "INC-123", "", stranger.incident):
        assert workflow.read(LIST, {"incident_id": id_})["incident_updates"] == []


@law("incident-io/updates.create")
def test_an_update_tells_moves_and_rates_the_incident(workflow: Workflow) -> None:
    incident = workflow.opened()["id"]
    severity, status = workflow.severity("Critical"), workflow.status("Fixing")
    answer = workflow.share(
        incident, message="**Found** it", to_incident_status_id=status, to_severity_id=severity
    )
    assert answer.status_code == 201
    update = answer.json()["incident_update"]
    assert (update["incident_id"], update["message"]) == (incident, "**Found** it")
    assert (update["new_incident_status"]["id"], update["new_severity"]["id"]) == (status, severity)
    after = workflow.read(f"/v2/incidents/{incident}")["incident"]
    assert (after["incident_status"]["id"], after["severity"]["id"]) == (status, severity)
    assert workflow.same(workflow.updates(incident)[-1], update)


@law("incident-io/updates.something")
def test_an_update_of_nothing_is_refused(workflow: Workflow) -> None:
    incident = workflow.opened()["id"]
    for nothing in ({}, {"message": ""}, {"message": None}):
        refused(workflow.share(incident, **nothing), 422, "validation_error", "is_required")
    answer = workflow.key.send("POST", LIST, json={"message": "x"})
    refused(answer, 422, "validation_error", "missing_field", "missing_field")


@law("incident-io/updates.idempotent")
def test_the_same_key_shares_one_update(workflow: Workflow) -> None:
    incident = workflow.opened()
    key = {"idempotency_key": f"{incident['id']}-update"}
    first = workflow.share(incident["id"], message="first", **key).json()
    again = workflow.share(incident["id"], message="second", **key)
    assert (again.status_code, again.json()) == (201, first)
    assert len(workflow.updates(incident["id"])) == 2


@law("incident-io/updates.scopes")
def test_moving_status_or_severity_needs_a_scope_of_its_own(
    workflow: Workflow, reader: Workflow, deployment: Deployment
) -> None:
    messenger = Workflow(workflow.key.with_key(deployment.need("incident_message_key")))
    incident = workflow.opened()["id"]
    assert messenger.share(incident, message="x").status_code == 201
    for field, id_, scope in (
        ("to_incident_status_id", workflow.status("Fixing"), "incidents.update_status"),
        ("to_severity_id", workflow.severity("Major"), "incidents.update_severity"),
    ):
        answer = messenger.share(incident, message="x", **{field: id_})
        errors = refused(answer, 403, "resource_forbidden", "missing_required_scope")
        assert errors[0]["metadata"]["scope"] == scope
    errors = refused(reader.share(incident, message="x"), 403, "resource_forbidden", "missing_required_scope")
    assert errors[0]["metadata"]["scope"] == "incident_updates.create"
    assert len(workflow.updates(incident)) == 2


@law("incident-io/updates.refused")
def test_an_update_of_an_unknown_incident_or_to_what_is_not_there_is_refused(workflow: Workflow) -> None:
    refused(workflow.share(UNKNOWN, message="x"), 404, "not_found", "resource_not_found")
    incident = workflow.opened()["id"]
    for field in ("to_incident_status_id", "to_severity_id"):
        errors = refused(
            workflow.share(incident, **{field: UNKNOWN}), 422, "validation_error", "invalid_value"
        )
        assert errors[0]["source"] == {"field": field, "pointer": f"/{field}"}
    answer = workflow.share(incident, to_incident_status_id=workflow.status("Triage"))
    refused(answer, 422, "validation_error", "invalid_value")
    assert len(workflow.updates(incident)) == 1


@law("incident-io/updates.of-edits")
def test_an_edit_of_status_or_severity_is_told_among_the_updates(workflow: Workflow) -> None:
    incident = workflow.opened()["id"]
    workflow.edited(incident, name="no update")
    workflow.edited(incident, severity_id=workflow.severity("Major"))
    workflow.edited(incident, incident_status_id=workflow.status("Monitoring"))
    told = [
        (update["new_incident_status"]["name"], update["new_severity"]["name"])
        for update in workflow.updates(incident)
    ]
    assert told == [("Investigating", "Minor"), ("Investigating", "Major"), ("Monitoring", "Major")]
