"""A postmortem document moved on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest

from contract_tests.incident_io.client import UNKNOWN, IncidentIo, Json, refused
from contract_tests.incident_io.test_documents import LIST
from contract_tests.laws import law

STATUSES = ["in_progress", "in_review", "completed"]
CHOICES = '"in_progress", "in_review", "completed"'


def put(incident: IncidentIo, document_id: str, body: Any) -> httpx.Response:
    return incident.send("PUT", f"{LIST}/{document_id}", json=body)


def move(incident: IncidentIo, document: Json, status: str) -> Json:
    answer = put(incident, document["id"], {"status": status})
    assert answer.status_code == 200, answer.text
    moved: Json = answer.json()["postmortem_document"]
    return moved


def time(document: Json) -> datetime:
    return datetime.fromisoformat(document["updated_at"])


@law("incident-io/status.update")
@pytest.mark.parametrize("status", STATUSES)
def test_a_document_is_shown_and_listed_in_its_new_status(incident: IncidentIo, status: str) -> None:
    document = incident.document()
    moved = move(incident, document, status)
    assert moved["status"] == status
    assert incident.get(f"{LIST}/{document['id']}")["postmortem_document"] == moved
    assert incident.get(LIST, incident_id=incident.incident)["postmortem_documents"][0] == moved


@law("incident-io/status.any-to-any")
@pytest.mark.parametrize("start", STATUSES)
@pytest.mark.parametrize("end", STATUSES)
def test_every_status_can_follow_every_other(incident: IncidentIo, start: str, end: str) -> None:
    document = move(incident, incident.document(), start)
    assert move(incident, document, end)["status"] == end


@law("incident-io/status.updated-at")
def test_a_new_status_moves_updated_at_and_nothing_else(incident: IncidentIo) -> None:
    document = incident.document()
    moved = move(incident, document, "in_review")
    assert time(moved) > time(document)
    assert moved | {"status": document["status"], "updated_at": document["updated_at"]} == document


@law("incident-io/status.updated-at")
def test_the_status_that_a_document_has_already_changes_nothing(incident: IncidentIo) -> None:
    document = incident.document()
    assert move(incident, document, document["status"]) == document


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
    assert incident.get(f"{LIST}/{document['id']}")["postmortem_document"] == document
