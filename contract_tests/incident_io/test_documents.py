"""Postmortem documents, listed and shown."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import FIELDS, UNKNOWN, IncidentIo, Json, refused
from contract_tests.laws import law
from contract_tests.shared import moment

LIST = "/v1/postmortem_documents"


def own(incident: IncidentIo, **query: Any) -> Json:
    """A page of the documents of the laws' incident."""
    return incident.get(LIST, incident_id=incident.incident, **query)


def ids(page: Json) -> list[str]:
    return [document["id"] for document in page["postmortem_documents"]]


def meta(incident: IncidentIo, page: Json) -> Json:
    """How a page says it is paged; of a real deployment what is published of that."""
    said: Json = page["pagination_meta"]
    return {name: said[name] for name in said if name in ("page_size", "after")} if incident.shared else said


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
    listed = own(incident, page_size=250)["postmortem_documents"]
    if not incident.shared:
        assert listed[0] == document
    assert incident.known(document) in [incident.known(it) for it in listed]


@law("incident-io/documents.list-order")
def test_the_newest_document_comes_first(incident: IncidentIo) -> None:
    made = [incident.document()["id"] for _ in range(3)]
    for query in ({}, {"sort_by": "created_at_newest_first"}):
        newest = ids(own(incident, page_size=250, **query))
        assert [it for it in newest if it in made] == made[::-1]
        assert incident.shared or newest[:3] == made[::-1]
    times = [moment(document) for document in incident.get(LIST, page_size=250)["postmortem_documents"]]
    assert times == sorted(times, reverse=True)


@law("incident-io/documents.list-order")
def test_the_oldest_document_comes_first_if_asked_for(incident: IncidentIo) -> None:
    made = [incident.document()["id"] for _ in range(3)]
    oldest_first = walk(incident, sort_by="created_at_oldest_first", incident_id=incident.incident)
    assert [it for it in oldest_first if it in made] == made
    newest_first = walk(incident, incident_id=incident.incident)
    if incident.shared:  # what came between the two
        newest_first = [it for it in newest_first if it in oldest_first]
    else:
        assert oldest_first[-3:] == made
    assert oldest_first == newest_first[::-1]


def walk(incident: IncidentIo, **query: Any) -> list[str]:
    """The ids of every page. Nobody can remove a document, so that a page is never torn."""
    found: list[str] = []
    after: dict[str, str] = {}
    query = ({"page_size": 250} if incident.shared else {}) | query
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
    size = 2
    if incident.shared:  # and full of what was imported into it over the years
        size = max(2, len(walk(incident, incident_id=incident.incident)) // 10)
    found = walk(incident, sort_by=sort_by, page_size=min(size, 250), incident_id=incident.incident)
    assert len(found) == len(set(found))
    assert made <= set(found)


@law("incident-io/documents.walk")
def test_a_page_that_says_after_is_followed_by_one_that_is_not_empty(incident: IncidentIo) -> None:
    incident.document()
    after = walk(incident, incident_id=incident.incident)[-2:-1]
    last = own(incident, page_size=1, **({"after": after[0]} if after else {}))
    assert len(ids(last)) == 1
    assert meta(incident, last) == {"page_size": 1}


@law("incident-io/documents.walk")
def test_the_last_page_has_no_after(incident: IncidentIo) -> None:
    incident.document()
    oldest = walk(incident, incident_id=incident.incident)[-1]
    page = own(incident, sort_by="created_at_oldest_first", page_size=1)
    assert ids(page) == [oldest]
    last = own(incident, after=oldest)
    assert (ids(last), meta(incident, last)) == ([], {"page_size": 25})


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
@pytest.mark.parametrize("name", ["{number}", "INC-{number}", UNKNOWN, "nonsense", "0"])
def test_anything_but_the_id_of_an_incident_finds_nothing(
    incident: IncidentIo, deployment: Deployment, name: str
) -> None:
    incident.document()
    number = deployment.need("incident_url").rpartition("/")[2]
    assert ids(incident.get(LIST, incident_id=name.format(number=number))) == []


@law("incident-io/documents.incident-filter")
def test_another_organisations_incident_finds_nothing(incident: IncidentIo, stranger: IncidentIo) -> None:
    theirs = stranger.document()["id"]
    assert ids(incident.get(LIST, incident_id=stranger.incident)) == []
    assert theirs not in ids(incident.get(LIST, page_size=250))


@law("incident-io/documents.after-unknown")
def test_nothing_comes_after_a_document_that_is_not_there(incident: IncidentIo, stranger: IncidentIo) -> None:
    incident.document()
    for after in (UNKNOWN, "nonsense", stranger.document()["id"]):
        page = incident.get(LIST, after=after)
        assert (ids(page), meta(incident, page)) == ([], {"page_size": 25})


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
    assert incident.known(shown["postmortem_document"]) == incident.known(document)
    assert not strict or shown.keys() == {"postmortem_document"}


@law("incident-io/documents.show")
def test_the_location_of_an_import_shows_the_document(incident: IncidentIo) -> None:
    """Asked of the target, wherever Location leads: the key is for nobody else."""
    answer = incident.post()
    shown = incident.get(LIST + answer.headers["Location"].partition(LIST)[2])["postmortem_document"]
    assert incident.known(shown) == incident.known(answer.json()["postmortem_document"])


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
    assert errors[0]["metadata"]["scope"] == SCOPES[method, path]
    shown = incident.get(f"{LIST}/{document['id']}")["postmortem_document"]
    assert incident.known(shown) == incident.known(document)
