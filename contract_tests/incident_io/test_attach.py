"""Postmortem documents that are elsewhere, attached as links."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import FIELDS, UNKNOWN, IncidentIo, Json, refused
from contract_tests.incident_io.test_documents import LIST
from contract_tests.laws import law

ATTACH = f"{LIST}/actions/attach"
LINK = "https://www.notion.so/INC-131-certificate-ran-out"
PROVIDERS = [
    "",
    "confluence",
    "google_docs",
    "notion",
    "sharepoint",
    "incident_io",
    "copy_paste_basecamp",
    "copy_paste_confluence",
    "copy_paste_github_wiki",
    "copy_paste_google_docs",
    "copy_paste_notion",
    "copy_paste_quip",
]


@pytest.fixture
def linked(incident: IncidentIo, deployment: Deployment) -> IncidentIo:
    """A key, and an incident whose postmortem is elsewhere."""
    return incident.with_key(incident.key, deployment.need("incident_with_link_id"))


def post(incident: IncidentIo, **fields: Any) -> httpx.Response:
    body = {"incident_id": incident.incident, "permalink": LINK, **fields}
    return incident.send("POST", ATTACH, json=body)


def attach(incident: IncidentIo, **fields: Any) -> Json:
    answer = post(incident, **fields)
    assert answer.status_code == 201, answer.text
    document: Json = answer.json()["postmortem_document"]
    return document


@law("incident-io/attach.shape")
def test_attaching_answers_with_an_external_document(linked: IncidentIo, strict: bool) -> None:
    answer = post(linked)
    assert answer.status_code == 201
    document = answer.json()["postmortem_document"]
    assert (document["type"], document["incident_id"]) == ("external", linked.incident)
    assert not strict or (answer.json().keys(), document.keys()) == ({"postmortem_document"}, FIELDS)
    shown = linked.get(f"{LIST}/{document['id']}")["postmortem_document"]
    assert linked.known(shown) == linked.known(document)


@law("incident-io/attach.document")
def test_an_attached_document_is_a_link_named_after_its_incident(
    linked: IncidentIo, deployment: Deployment
) -> None:
    document = attach(linked)
    number = deployment.need("incident_with_link_url").rpartition("/")[2]
    assert document["document_url"] == LINK
    assert document["title"].startswith(f"INC-{number}: ")
    assert (document["exported_urls"], document["editors"]) == ([], [])


@law("incident-io/attach.again")
def test_attaching_again_moves_the_link(linked: IncidentIo) -> None:
    first, second = attach(linked, permalink=f"{LINK}-1"), attach(linked, permalink=f"{LINK}-2")
    assert second["id"] == first["id"]
    assert second["document_url"] == f"{LINK}-2"
    listed = linked.get(LIST, incident_id=linked.incident, page_size=250)["postmortem_documents"]
    external = [linked.known(document) for document in listed if document["type"] == "external"]
    assert external == [linked.known(second)]


@law("incident-io/attach.beside-in-app")
def test_nothing_is_attached_beside_an_in_app_document(incident: IncidentIo) -> None:
    incident.document()
    assert 400 <= post(incident).status_code < 500
    listed = incident.get(LIST, incident_id=incident.incident, page_size=250)["postmortem_documents"]
    types = {document["type"] for document in listed}
    assert "external" not in types if incident.shared else types == {"in_app"}


@law("incident-io/attach.beside-in-app-answer")
def test_attaching_beside_an_in_app_document_is_a_conflict(incident: IncidentIo) -> None:
    incident.document()
    refused(post(incident), 409, "conflict", "conflict")


@law("incident-io/attach.import-after")
def test_an_import_after_an_attachment_makes_a_document_beside_it(linked: IncidentIo) -> None:
    external = attach(linked)
    document = linked.document()
    assert document["type"] == "in_app"
    assert attach(linked, permalink=f"{LINK}-moved")["id"] == external["id"]


@law("incident-io/attach.provider")
@pytest.mark.parametrize("provider", [*PROVIDERS, None])
def test_the_provider_makes_no_difference(linked: IncidentIo, provider: str | None) -> None:
    assert linked.known(attach(linked, document_provider=provider)) == linked.known(attach(linked))


WRONG: dict[str, tuple[Json, str]] = {
    "no incident": ({"permalink": LINK}, "missing_field"),
    "no permalink": ({"incident_id": UNKNOWN}, "missing_field"),
    "permalink is null": ({"incident_id": UNKNOWN, "permalink": None}, "missing_field"),
    "permalink is a number": ({"incident_id": UNKNOWN, "permalink": 5}, "invalid_field_type"),
    "provider": (
        {"incident_id": UNKNOWN, "permalink": LINK, "document_provider": "fax"},
        "invalid_enum_value",
    ),
}


@law("incident-io/attach.refused")
@pytest.mark.parametrize("kind", WRONG)
def test_a_body_that_breaks_the_document_answers_422(incident: IncidentIo, kind: str) -> None:
    body, code = WRONG[kind]
    errors = refused(incident.send("POST", ATTACH, json=body), 422, "validation_error", code)
    if kind == "provider":
        choices = ", ".join(f'"{provider}"' for provider in PROVIDERS)
        words = f'value of body.document_provider must be one of {choices} but got value "fax"'
        assert errors[0]["message"] == words


@law("incident-io/attach.refused")
def test_an_incident_that_is_not_there_answers_404(incident: IncidentIo, stranger: IncidentIo) -> None:
    for name in (UNKNOWN, "131", "INC-131", stranger.incident, ""):
        answer = post(incident, incident_id=name)
        refused(answer, 404, "not_found", "resource_not_found")


@law("incident-io/attach.no-content")
def test_the_content_of_an_external_document_is_not_here(linked: IncidentIo) -> None:
    answer = linked.send("GET", f"{LIST}/{attach(linked)['id']}/content")
    refused(answer, 404, "not_found", "resource_not_found")


@law("incident-io/attach.status")
def test_the_status_of_an_external_document_can_be_moved(linked: IncidentIo) -> None:
    document = attach(linked)
    for status in ("completed", "in_progress"):
        answer = linked.send("PUT", f"{LIST}/{document['id']}", json={"status": status})
        assert answer.status_code == 200
        assert answer.json()["postmortem_document"]["status"] == status
