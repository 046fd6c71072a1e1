"""A postmortem document moved on."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contract_tests.incident_io.client import UNKNOWN, IncidentIo, Json, Workflow, refused
from contract_tests.incident_io.test_documents import LIST
from contract_tests.laws import law
from contract_tests.shared import moment

STATUSES = ["in_progress", "in_review", "completed"]
CHOICES = '"in_progress", "in_review", "completed"'


def put(incident: IncidentIo, document_id: str, body: Any) -> httpx.Response:
    return incident.send("PUT", f"{LIST}/{document_id}", json=body)


def move(incident: IncidentIo, document: Json, status: str) -> Json:
    answer = put(incident, document["id"], {"status": status})
    assert answer.status_code == 200, answer.text
    moved: Json = answer.json()["postmortem_document"]
    return moved


@law("incident-io/status.update")
@pytest.mark.parametrize("status", STATUSES)
def test_a_document_is_shown_and_listed_in_its_new_status(incident: IncidentIo, status: str) -> None:
    document = incident.document()
    moved = move(incident, document, status)
    assert moved["status"] == status
    shown = incident.get(f"{LIST}/{document['id']}")["postmortem_document"]
    assert incident.known(shown) == incident.known(moved)
    listed = incident.get(LIST, incident_id=incident.incident, page_size=250)["postmortem_documents"]
    assert incident.shared or listed[0]["id"] == document["id"]
    found = next(it for it in listed if it["id"] == document["id"])
    assert incident.known(found) == incident.known(moved)


@law("incident-io/status.any-to-any")
@pytest.mark.parametrize("start", STATUSES)
@pytest.mark.parametrize("end", STATUSES)
def test_every_status_can_follow_every_other(incident: IncidentIo, start: str, end: str) -> None:
    document = move(incident, incident.document(), start)
    assert move(incident, document, end)["status"] == end


@law("incident-io/status.update")
def test_another_key_of_the_organisation_sees_the_new_status(incident: IncidentIo, reader: Workflow) -> None:
    document = incident.document()
    move(incident, document, "completed")
    shown = reader.read(f"{LIST}/{document['id']}")["postmortem_document"]
    listed = reader.all(LIST, "postmortem_documents", ("incident_id", incident.incident))
    assert shown["status"] == "completed"
    assert [it["status"] for it in listed if it["id"] == document["id"]] == ["completed"]


@law("incident-io/status.updated-at")
def test_a_new_status_moves_updated_at_and_nothing_else(incident: IncidentIo) -> None:
    document = incident.document()
    moved = move(incident, document, "in_review")
    assert moment(moved, "updated_at") > moment(document, "updated_at")
    before = incident.known(document)
    assert incident.known(moved) | {name: before[name] for name in ("status", "updated_at")} == before


@law("incident-io/status.updated-at")
def test_the_status_that_a_document_has_already_changes_nothing(incident: IncidentIo) -> None:
    document = incident.document()
    assert incident.known(move(incident, document, document["status"])) == incident.known(document)


@law("incident-io/status.refused")
@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            {"status": "done"},
            "invalid_enum_value",
            f'value of body.status must be one of {CHOICES} but got value "done"',
        ),
        ({}, "missing_field", '"status" is missing from body'),
        ({"status": None}, "missing_field", '"status" is missing from body'),
    ],
    ids=str,
)
def test_another_status_answers_422_and_leaves_the_document_alone(
    incident: IncidentIo, body: Json, code: str, message: str
) -> None:
    document = incident.document()
    for document_id in (document["id"], UNKNOWN):
        errors = refused(put(incident, document_id, body), 422, "validation_error", code)
        source = {"field": "status", "pointer": "/status"}
        assert errors == [{"code": code, "message": message, "source": source}]
    shown = incident.get(f"{LIST}/{document['id']}")["postmortem_document"]
    assert incident.known(shown) == incident.known(document)
