"""What is done to postmortem documents."""

from __future__ import annotations

from mockserver.core.clues import argument, both, changed, created, has_equal_keys, no, sent, sent_others_than
from mockserver.core.explaining import Case, Cases, Clue, Facts, When, when

IMPORT = "Incidents V2_ImportPostmortemDocument"
LIST = "PostmortemDocuments V1_List"
SHOW = "PostmortemDocuments V1_Show"
CONTENT = "PostmortemDocuments V1_ShowContent"
STATUS = "PostmortemDocuments V1_UpdateStatus"
ATTACH = "PostmortemDocuments V1_Attach"


def is_empty(name: str) -> When:
    """The list that is answered under this name holds nothing."""
    return lambda facts: facts.answered.get(name) == []


def has_more(facts: Facts) -> bool:
    return "after" in facts.answered.get("pagination_meta", {})


def _not_plain_json(facts: Facts) -> bool:
    return facts.request.headers.first("content-type") != "application/json"


def _with_replacements(facts: Facts) -> bool:
    """What Go's decoder reads as U+FFFD."""
    try:
        facts.request.body.decode()
    except UnicodeDecodeError:
        return True
    return b"\\ud" in facts.request.body.lower()


def _external(facts: Facts) -> bool:
    return bool(facts.answered.get("postmortem_document", {}).get("type") == "external")


def written(*members: str) -> tuple[Clue, ...]:
    """What a body has a hand in, whatever it is written to; of the operation's members none is unknown."""
    return (
        when(has_equal_keys, "body.read-as-go-does"),
        when(sent_others_than(*members), "body.read-as-go-does"),
        when(_with_replacements, "body.read-as-go-does"),
        when(_not_plain_json, "content-type.accepted"),
    )


_NEW = (
    "document.at-first",
    "document.url",
    "document.created-at",
    "document.timestamp-form",
    "document.id-form",
)

DONE: dict[str, Cases] = {
    IMPORT: (
        Case(
            "done: a document was imported into the incident",
            (
                "import.shape",
                "import.what-was-sent",
                "import.any-markdown",
                "import.a-new-document-each-time",
                *written("title", "content"),
                "import.location-form",
                *_NEW,
                when(no(changed("incidents")), "attach.import-after"),
                when(changed("incidents"), "incidents.documents"),
            ),
        ),
    ),
    LIST: (
        Case(
            "done: incident_id is the full id of no incident that has documents, so the list is empty",
            ("documents.incident-filter", "documents.list-shape"),
            both(argument("incident_id"), is_empty("postmortem_documents")),
        ),
        Case(
            "done: nothing comes after what `after` names, so the list is empty",
            ("documents.after-unknown", "documents.walk", "documents.list-shape"),
            both(argument("after"), is_empty("postmortem_documents")),
        ),
        Case(
            lambda facts: (
                "done: a page of documents, those of one incident"
                if facts.request.argument("incident_id")
                else "done: a page of the organisation's documents"
            ),
            (
                when(argument("incident_id"), "documents.incident-filter"),
                when(argument("sort_by"), "documents.list-order"),
                when(argument("after"), "documents.walk"),
                "documents.list-shape",
                "documents.list-order",
                "documents.page-size",
                when(has_more, "documents.walk"),
            ),
        ),
    ),
    SHOW: (
        Case(
            "done: the document was shown",
            ("documents.show", when(_external, "attach.document"), when(no(_external), "document.url")),
        ),
    ),
    CONTENT: (
        Case(
            "done: the text of the document was shown, in canonical form",
            ("content.shape", "content.canonical", "content.same-again"),
        ),
    ),
    STATUS: (
        Case(
            "done: the document is in that status",
            (
                "status.update",
                "status.any-to-any",
                "status.updated-at",
                when(_external, "attach.status"),
                when(changed("postmortem_documents"), "webhook.document-status"),
                *written("status"),
            ),
            changed("postmortem_documents"),
        ),
        Case(
            "done: the document was in that status already, so nothing was changed",
            (
                "status.updated-at",
                "status.any-to-any",
                "status.update",
                when(_external, "attach.status"),
                *written("status"),
            ),
        ),
    ),
    ATTACH: (
        Case(
            "done: the incident has this external document",
            (
                when(no(created("postmortem_documents")), "attach.again"),
                "attach.shape",
                "attach.document",
                when(sent("document_provider"), "attach.provider"),
                *written("incident_id", "permalink", "document_provider"),
                "attach.provider",
            ),
        ),
    ),
}
