"""Postmortem documents, listed and shown."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.incident_io.client import FIELDS, UNKNOWN, IncidentIo, Json, refused
from contract_tests.laws import law

LIST = "/v1/postmortem_documents"


def own(incident: IncidentIo, **query: Any) -> Json:
    """A page of the documents of the laws' incident."""
    return incident.get(LIST, incident_id=incident.incident, **query)


def ids(page: Json) -> list[str]:
    return [document["id"] for document in page["postmortem_documents"]]


@law("incident-io/documents.list-shape")
def test_a_list_holds_documents_of_ten_fields_and_says_how_it_is_paged(
    incident: IncidentIo, strict: bool
) -> None:
    incident.document()
    page = incident.get(LIST)
    assert page["pagination_meta"]["page_size"] == 25
    for document in page["postmortem_documents"]:
        assert document.keys() >= FIELDS
        assert not strict or document.keys() == FIELDS
    assert not strict or page.keys() == {"postmortem_documents", "pagination_meta"}


@law("incident-io/documents.list-shape")
def test_a_document_is_listed_as_the_import_answered_it(incident: IncidentIo) -> None:
    document = incident.document()
    assert own(incident)["postmortem_documents"][0] == document


@law("incident-io/documents.list-order")
def test_the_newest_document_comes_first(incident: IncidentIo) -> None:
    made = [incident.document()["id"] for _ in range(3)]
    assert ids(own(incident))[:3] == made[::-1]
    assert ids(own(incident, sort_by="created_at_newest_first"))[:3] == made[::-1]
    times = [document["created_at"] for document in incident.get(LIST, page_size=250)["postmortem_documents"]]
    assert times == sorted(times, reverse=True)


@law("incident-io/documents.list-order")
def test_the_oldest_document_comes_first_if_asked_for(incident: IncidentIo) -> None:
    made = [incident.document()["id"] for _ in range(3)]
    oldest_first = walk(incident, sort_by="created_at_oldest_first", incident_id=incident.incident)
    assert oldest_first[-3:] == made
    assert oldest_first == walk(incident, incident_id=incident.incident)[::-1]


def walk(incident: IncidentIo, **query: Any) -> list[str]:
    """The ids of every page."""
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = incident.get(LIST, **query, **after)
        found += ids(page)
        if "after" not in page["pagination_meta"]:
            return found
        assert page["pagination_meta"]["after"] == found[-1]
        after = {"after": found[-1]}


@law("incident-io/documents.walk")
@pytest.mark.parametrize("sort_by", ["created_at_newest_first", "created_at_oldest_first"])
def test_every_document_is_on_one_page(incident: IncidentIo, sort_by: str) -> None:
    made = {incident.document()["id"] for _ in range(5)}
    found = walk(incident, sort_by=sort_by, page_size=2, incident_id=incident.incident)
    assert len(found) == len(set(found))
    assert made <= set(found)


@law("incident-io/documents.walk")
def test_a_page_that_says_after_is_followed_by_one_that_is_not_empty(incident: IncidentIo) -> None:
    incident.document()
    after = walk(incident, incident_id=incident.incident)[-2:-1]
    last = own(incident, page_size=1, **({"after": after[0]} if after else {}))
    assert len(ids(last)) == 1
    assert last["pagination_meta"] == {"page_size": 1}


@law("incident-io/documents.walk")
def test_the_last_page_has_no_after(incident: IncidentIo) -> None:
    incident.document()
    oldest = walk(incident, incident_id=incident.incident)[-1]
    page = own(incident, sort_by="created_at_oldest_first", page_size=1)
    assert ids(page) == [oldest]
    last = own(incident, after=oldest)
    assert last == {"postmortem_documents": [], "pagination_meta": {"page_size": 25}}


@law("incident-io/documents.page-size")
@pytest.mark.parametrize("size", [1, 2, 250])
def test_a_page_is_as_long_as_was_asked_for(incident: IncidentIo, size: int) -> None:
    incident.document()
    incident.document()
    page = own(incident, page_size=size)
    assert page["pagination_meta"]["page_size"] == size
    assert 0 < len(ids(page)) <= size


@law("incident-io/documents.incident-filter")
def test_a_filter_shows_the_documents_of_one_incident(incident: IncidentIo) -> None:
    incident.document()
    documents = own(incident, page_size=250)["postmortem_documents"]
    assert {document["incident_id"] for document in documents} == {incident.incident}


@law("incident-io/documents.incident-filter")
@pytest.mark.parametrize("name", ["123", "INC-123", UNKNOWN, "nonsense", "0"])
def test_anything_but_the_id_of_an_incident_finds_nothing(incident: IncidentIo, name: str) -> None:
    assert ids(incident.get(LIST, incident_id=name)) == []


@law("incident-io/documents.incident-filter")
def test_another_organisations_incident_finds_nothing(incident: IncidentIo, stranger: IncidentIo) -> None:
    theirs = stranger.document()["id"]
    assert ids(incident.get(LIST, incident_id=stranger.incident)) == []
    assert theirs not in ids(incident.get(LIST, page_size=250))


@law("incident-io/documents.after-unknown")
def test_nothing_comes_after_a_document_that_is_not_there(incident: IncidentIo, stranger: IncidentIo) -> None:
    incident.document()
    for after in (UNKNOWN, "nonsense", stranger.document()["id"]):
        assert incident.get(LIST, after=after) == {
            "postmortem_documents": [],
            "pagination_meta": {"page_size": 25},
        }


WRONG = {
    "page_size=0": ("invalid_range", "page_size must be greater or equal than 1 but got value 0"),
    "page_size=251": ("invalid_range", "page_size must be lesser or equal than 250 but got value 251"),
    "page_size=many": ("invalid_field_type", 'invalid value "many" for "page_size", must be a integer'),
    "sort_by=title": (
        "invalid_enum_value",
        'value of sort_by must be one of "created_at_newest_first", "created_at_oldest_first" but got value "title"',
    ),
}


@law("incident-io/documents.query-refused")
@pytest.mark.parametrize("query", WRONG)
def test_a_parameter_outside_its_limits_answers_422(incident: IncidentIo, query: str) -> None:
    code, message = WRONG[query]
    errors = refused(incident.send("GET", f"{LIST}?{query}"), 422, "validation_error", code)
    assert errors == [{"code": code, "message": message}]


@law("incident-io/documents.show")
def test_a_document_is_shown_as_the_import_answered_it(incident: IncidentIo, strict: bool) -> None:
    document = incident.document()
    shown = incident.get(f"{LIST}/{document['id']}")
    assert shown["postmortem_document"] == document
    assert not strict or shown.keys() == {"postmortem_document"}


@law("incident-io/documents.show")
def test_the_location_of_an_import_shows_the_document(incident: IncidentIo) -> None:
    answer = incident.post()
    assert incident.get(answer.headers["Location"]) == answer.json()


PATHS = [("GET", ""), ("GET", "/content"), ("PUT", "")]


@law("incident-io/documents.unknown")
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_document_that_is_not_there_answers_404(
    incident: IncidentIo, stranger: IncidentIo, method: str, path: str
) -> None:
    for document in (UNKNOWN, "nonsense", stranger.document()["id"]):
        answer = incident.send(method, f"{LIST}/{document}{path}", json={"status": "completed"})
        refused(answer, 404, "not_found", "resource_not_found")


SCOPES = {
    ("GET", ""): "incidents.view",
    ("GET", "/{id}"): "incidents.view",
    ("GET", "/{id}/content"): "in_app_postmortems.copy_as_markdown",
    ("PUT", "/{id}"): "in_app_postmortems.update_status",
    ("POST", "/actions/attach"): "external_postmortems.create",
}


@law("incident-io/documents.scopes")
@pytest.mark.parametrize(("method", "path"), SCOPES)
def test_a_key_without_the_scope_of_an_operation_answers_403(
    incident: IncidentIo, without_scope: IncidentIo, method: str, path: str
) -> None:
    document = incident.document()
    answer = without_scope.send(method, LIST + path.format(id=document["id"]), json={"status": "completed"})
    errors = refused(answer, 403, "resource_forbidden", "missing_required_scope")
    assert errors[0]["metadata"] == {"scope": SCOPES[method, path]}
    assert incident.get(f"{LIST}/{document['id']}")["postmortem_document"] == document
