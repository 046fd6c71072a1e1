from __future__ import annotations

import pytest

from contract_tests.incident_io.client import FIELDS, IncidentIo
from contract_tests.laws import law


@law("incident-io/import.shape")
def test_a_valid_import_answers_201_with_a_document_alone(incident: IncidentIo, strict: bool) -> None:
    answer = incident.post()
    assert answer.status_code == 201
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    if strict:
        assert set(answer.json()) == {"postmortem_document"}
    assert isinstance(answer.json()["postmortem_document"], dict)


@law("incident-io/import.shape")
def test_a_document_has_ten_fields(incident: IncidentIo, strict: bool) -> None:
    document = incident.document()
    if strict:
        assert set(document) == FIELDS
    for name in FIELDS - {"exported_urls", "editors"}:
        assert isinstance(document[name], str), name
    assert isinstance(document["exported_urls"], list)
    assert isinstance(document["editors"], list)


@law("incident-io/import.shape")
def test_an_import_answers_with_a_location(incident: IncidentIo) -> None:
    assert incident.post().headers.get("Location")


TITLES = {
    "the page's": "INC-123: Post-incident review",
    "one character": "x",
    "empty": "",
    "white space": "  padded\t",
    "markup": "<b>&amp;</b> *x* \"quoted\" 'x' \\ /",
    "any script": "Crème brûlée, кириллица, 磁盘已满, עברית, 🔥👩\u200d🚒",
    "composed and decomposed": "\u00e9 and e\u0301",
    "line ends": "a\r\nb\nc",
    "control characters": "a\x01\x1b[31m\x7fb",
    "long": "x" * 10_000,
}


@law("incident-io/import.what-was-sent")
@pytest.mark.parametrize("kind", TITLES)
def test_the_document_has_the_title_that_was_sent(incident: IncidentIo, kind: str) -> None:
    assert incident.document(title=TITLES[kind])["title"] == TITLES[kind]


@law("incident-io/import.what-was-sent")
def test_the_title_is_not_taken_from_the_content(incident: IncidentIo) -> None:
    document = incident.document(title="the title", content="# A heading\n\ntext")
    assert document["title"] == "the title"


@law("incident-io/import.what-was-sent")
def test_the_document_has_the_incident_id_of_the_path(incident: IncidentIo, stranger: IncidentIo) -> None:
    assert incident.document()["incident_id"] == incident.incident
    assert stranger.document()["incident_id"] == stranger.incident


@law("incident-io/import.a-new-document-each-time")
def test_every_import_makes_a_document_with_an_id_of_its_own(incident: IncidentIo) -> None:
    different = [incident.document(title=f"number {number}")["id"] for number in range(5)]
    the_same = [incident.document()["id"] for _ in range(5)]
    assert len({*different, *the_same}) == 10


@law("incident-io/import.a-new-document-each-time")
def test_a_repeated_import_is_answered_as_the_first_one_was(incident: IncidentIo) -> None:
    first, second = incident.post(), incident.post()
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.headers["Location"] != second.headers["Location"]


CONTENTS = {
    "the page's": "## Summary\n\nA database migration caused increased latency...",
    "empty": "",
    "white space": " \n\t\n",
    "100,000 characters": "The disk was full. " * 5300,
    "one line of 100,000": "x" * 100_000,
    "table": "| a | b |\n|---|:-:|\n| 1 | 2 |\n\n| open\n|--",
    "task list": "- [ ] do\n- [x] done\n  1. nested\n",
    "HTML": "<details><summary>x</summary>\n\n**b**\n\n</details>\n<script>alert(1)</script><!-- open",
    "code": "```python\nprint('x')\n```\n\n    indented\n\n``` open",
    "links": "[a](b 'c') <https://example.org> ![x][y] [^1] www.example.org\n\n[y]: <z>\n",
    "any script": "# Crème brûlée\n\n* кириллица\n* 磁盘已满\n* עברית\n* 🔥\n",
    "line ends": "a\r\nb\rc\n\n\n\nd",
    "control characters": "a\0b\x1b[31m\x7f\ufeff\ufffe",
    "front matter": "---\ntitle: x\n---\n\n---\n***\n",
    "not markdown": "[[[[((((****____````~~~~<<<<>>>>|||||#####",
    "deep quotes": "> " * 2000 + "x",
    "deep lists": "- " * 2000 + "x",
    "open brackets": "[" * 50_000,
    "open emphasis": "*a **a " * 10_000,
    "open images": "![[" * 10_000,
}


@law("incident-io/import.any-markdown")
@pytest.mark.parametrize("kind", CONTENTS)
def test_any_string_is_accepted_as_content(incident: IncidentIo, kind: str) -> None:
    answer = incident.post({"title": kind, "content": CONTENTS[kind]})
    assert answer.status_code == 201
    assert answer.json()["postmortem_document"]["title"] == kind


@law("incident-io/import.location-form")
def test_location_is_an_absolute_address_of_the_document(
    incident: IncidentIo, origin: str, strict: bool
) -> None:
    answer = incident.post()
    location, document = answer.headers["Location"], answer.json()["postmortem_document"]
    assert location.startswith(("http://", "https://"))
    assert location.endswith(f"/v1/postmortem_documents/{document['id']}")
    assert not strict or location == f"{origin}/v1/postmortem_documents/{document['id']}"
