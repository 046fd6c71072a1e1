"""The text of a postmortem document, as the editor copies it out."""

from __future__ import annotations

import pytest

from contract_tests.incident_io.client import IncidentIo
from contract_tests.incident_io.test_documents import LIST
from contract_tests.incident_io.test_import import CONTENTS
from contract_tests.laws import law


def content(incident: IncidentIo, title: str, text: str) -> str:
    document = incident.document(title=title, content=text)
    markdown = incident.get(f"{LIST}/{document['id']}/content")["markdown"]
    assert isinstance(markdown, str)
    return markdown


@law("incident-io/content.shape")
def test_the_content_is_markdown_that_begins_with_the_title(incident: IncidentIo, strict: bool) -> None:
    document = incident.document(title="Database is sad", content="## Summary\n\nThe disk was full.")
    body = incident.get(f"{LIST}/{document['id']}/content")
    assert body["markdown"].startswith("# Database is sad\n")
    assert not strict or body.keys() == {"markdown"}


FORMS = {
    "section": ("## Summary\n\ntext", "## Summary\n\ntext\n"),
    "bullets": ("- one\n- two", "* one\n\n* two\n"),
    "bold": ("__bold__ and _italic_", "**bold** and *italic*\n"),
    "line ends": ("\n\n\ntext\r\n\r\n\r\n", "text\n"),
    "heading underlined": ("Summary\n-------\ntext", "## Summary\n\ntext\n"),
}


@law("incident-io/content.canonical")
@pytest.mark.parametrize("kind", FORMS)
def test_the_text_comes_in_one_form(incident: IncidentIo, kind: str) -> None:
    sent, read = FORMS[kind]
    assert content(incident, "Title", sent) == f"# Title\n\n{read}"


@law("incident-io/content.same-again")
@pytest.mark.parametrize("kind", [kind for kind in CONTENTS if not kind.startswith(("deep", "open", "one"))])
def test_the_content_imported_again_reads_the_same(incident: IncidentIo, kind: str) -> None:
    once = again = content(incident, "Title", CONTENTS[kind])
    if incident.shared:  # where the title bears a tag, which the heading that came back does not
        again = once.removeprefix("# Title\n").lstrip("\n")
    assert content(incident, "Title", again) == once


@law("incident-io/import.any-markdown")
@pytest.mark.parametrize("shift", range(4))
def test_no_letter_is_lost_wherever_it_stands_in_a_long_text(incident: IncidentIo, shift: int) -> None:
    # Letters of four bytes: one lies across the end of every block that a server might read, for one shift at least.
    text = "a" * shift + "🔥" * 20_000
    assert content(incident, "Title", text) == f"# Title\n\n{text}\n"
