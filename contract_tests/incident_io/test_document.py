from __future__ import annotations

import re
from datetime import datetime

import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import IncidentIo
from contract_tests.laws import law
from contract_tests.shared import age


@law("incident-io/document.at-first")
def test_a_new_document_is_in_progress_and_in_app(incident: IncidentIo) -> None:
    document = incident.document()
    assert (document["status"], document["type"]) == ("in_progress", "in_app")


@law("incident-io/document.at-first")
def test_a_new_document_was_neither_exported_nor_edited(incident: IncidentIo) -> None:
    document = incident.document()
    assert (document["exported_urls"], document["editors"]) == ([], [])


@law("incident-io/document.at-first")
def test_later_documents_of_an_incident_start_alike(incident: IncidentIo) -> None:
    first, second = incident.document(), incident.document()
    for name in ("status", "type", "exported_urls", "editors"):
        assert first[name] == second[name]


@law("incident-io/document.url")
def test_document_url_names_organisation_incident_and_document(
    incident: IncidentIo, deployment: Deployment
) -> None:
    document = incident.document()
    assert document["document_url"] == f"{deployment.need('incident_url')}/post-mortems/{document['id']}"


@law("incident-io/document.url")
def test_document_url_is_that_of_the_documents_own_incident(
    stranger: IncidentIo, deployment: Deployment
) -> None:
    document = stranger.document()
    page = deployment.need("incident_other_organisation_url")
    assert document["document_url"] == f"{page}/post-mortems/{document['id']}"


@law("incident-io/document.created-at")
def test_created_at_is_the_time_of_the_import(incident: IncidentIo) -> None:
    answer = incident.post()
    created_at = answer.json()["postmortem_document"]["created_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", created_at)
    assert abs(age(created_at, answer)) < 120, "or the clocks differ"


@law("incident-io/document.created-at")
def test_later_imports_have_later_times(incident: IncidentIo) -> None:
    times = [datetime.fromisoformat(incident.document()["created_at"]) for _ in range(10)]
    assert times == sorted(times)
    assert times[0] < times[-1]


@law("incident-io/document.timestamp-form")
def test_a_new_document_was_updated_when_it_was_created(incident: IncidentIo) -> None:
    document = incident.document()
    assert document["updated_at"] == document["created_at"]


@law("incident-io/document.timestamp-form")
def test_times_are_in_utc_and_their_fractions_do_not_end_in_zero(incident: IncidentIo) -> None:
    for _ in range(40):
        form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z"
        assert re.fullmatch(form, incident.document()["created_at"])


@law("incident-io/document.id-form")
def test_an_id_is_a_ulid(incident: IncidentIo, strict: bool) -> None:
    if not strict:
        pytest.skip("not judged: the vendor may change the form of ids (Compatibility)")
    for _ in range(20):
        assert re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", incident.document()["id"])


@law("incident-io/document.id-form")
def test_an_id_begins_with_the_time(incident: IncidentIo, strict: bool) -> None:
    if not strict:
        pytest.skip("not judged: the vendor may change the form of ids (Compatibility)")
    document = incident.document()
    milliseconds = 0
    for character in document["id"][:10]:
        milliseconds = milliseconds * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)
    off = milliseconds / 1000 - datetime.fromisoformat(document["created_at"]).timestamp()
    assert abs(off) < 2
