"""Input that is taken, or refused, against the rules: incident.io."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    answer,
    ask,
    rebody,
    requery,
    said,
    with_header,
)
from contract_tests.mutants.fields import coerced, filled, nulls
from contract_tests.mutants.mutant import INCIDENT, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches

MUTANTS = defect = Chapter("input")


async def another_sort_is_default(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A sort_by that is none is ignored."""
    if matches(asked, "documents.list"):
        asked = requery(
            lambda pairs: [p for p in pairs if p[0] != "sort_by" or p[1].startswith("created_at_")]
        )(asked)
    return await forward(asked)


async def dates_may_be_times(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "incidents.list"):
        asked = requery(
            lambda pairs: [
                (n, v[:10]) if n.startswith(("created_at[", "updated_at[")) and v[10:11] == "T" else (n, v)
                for n, v in pairs
            ]
        )(asked)
    return await forward(asked)


async def both_bounds(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """gte beside lte is accepted; the lower bound is forgotten."""
    if matches(asked, "incidents.list follow-ups.list"):
        names = {name for name, _ in asked.query}
        asked = requery(
            lambda pairs: [
                p for p in pairs if not (p[0].endswith("[gte]") and p[0].replace("[gte]", "[lte]") in names)
            ]
        )(asked)
    return await forward(asked)


defect(
    "title-missing-accepted",
    INCIDENT,
    "An import needs no title.",
    ask("documents.import", filled(title="Untitled")),
)


defect(
    "content-null-accepted",
    INCIDENT,
    "The content of an import may be null.",
    ask("documents.import", nulls("content", "")),
)


defect(
    "title-coerced",
    INCIDENT,
    "A title of another type is turned into a string.",
    ask("documents.import", coerced("title")),
)


defect(
    "content-empty-refused",
    INCIDENT,
    "An empty content is refused.",
    ask(
        "documents.import", rebody(lambda body: {k: v for k, v in body.items() if k != "content" or v != ""})
    ),
)


defect("sort-unknown-accepted", INCIDENT, "A sort_by that there is not is ignored.", another_sort_is_default)


defect("dates-with-times", INCIDENT, "Filters for incidents take times for dates.", dates_may_be_times)


defect("both-bounds", INCIDENT, "gte and lte of one field are taken together.", both_bounds)


defect(
    "severity-not-needed",
    INCIDENT,
    "An incident needs no severity.",
    ask(
        "incidents.create",
        rebody(
            lambda body: (
                {**body, "incident_type_id": body.get("incident_type_id") or "01FC31EQM0J0Z0C5M0QZ3D026K"}
                if not body.get("severity_id")
                else body
            )
        ),
    ),
)


defect(
    "visibility-not-needed",
    INCIDENT,
    "An incident is public unless it is said otherwise.",
    ask("incidents.create", filled(visibility="public")),
)


defect(
    "update-of-nothing",
    INCIDENT,
    "An update that says nothing is accepted.",
    ask(
        "updates.create",
        rebody(
            lambda body: (
                body
                if {"message", "to_incident_status_id", "to_severity_id"} & body.keys()
                else {**body, "message": "(nothing)"}
            )
        ),
    ),
)


defect(
    "status-deleted-accepted",
    INCIDENT,
    "A follow-up can be given the status deleted.",
    ask(
        "follow-ups.put",
        rebody(lambda body: {**body, "status": "not_doing"} if body.get("status") == "deleted" else body),
    ),
)


defect(
    "assignee-not-looked-up",
    INCIDENT,
    "An assignee that there is not is ignored.",
    ask(
        "follow-ups.create follow-ups.put",
        rebody(
            lambda body: {
                k: v
                for k, v in body.items()
                if k != "assignee_id" or v is None or str(v).startswith("01FCNDV6P870")
            }
        ),
    ),
)


defect(
    "unknown-field-refused",
    INCIDENT,
    "Fields that are not known are refused.",
    ask("documents.import", rebody(lambda body: {} if not body.keys() <= {"title", "content"} else body)),
)


defect(
    "provider-any",
    INCIDENT,
    "Any document_provider is accepted.",
    ask("documents.attach", rebody(lambda body: {k: v for k, v in body.items() if k != "document_provider"})),
)


defect(
    "notify-not-needed",
    INCIDENT,
    "An edit needs no notify_incident_channel.",
    ask("incidents.edit", filled(notify_incident_channel=False)),
)


defect(
    "moves-from-closed",
    INCIDENT,
    "A move that is not allowed is ignored.",
    answer(
        "incidents.edit",
        lambda answered, asked: (
            replace(answered, status=200) if b"incident_status_id" in asked.body else answered
        ),
        when=422,
    ),
    hidden="only a move that is not allowed shows it",
)


defect(
    "content-type-any",
    INCIDENT,
    "A body of any Content-Type is read as JSON.",
    ask(
        "documents.import",
        lambda asked: replace(asked, headers=with_header(asked.headers, "Content-Type", "application/json")),
    ),
)


defect(
    "error-first-only",
    INCIDENT,
    "Of several faults in a body the first alone is told.",
    answer(
        "*",
        said(lambda body: {**body, "errors": body["errors"][:1]} if isinstance(body, dict) else body),
        when=422,
    ),
)
