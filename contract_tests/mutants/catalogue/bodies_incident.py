"""Answers whose body has another shape than it should: incident.io."""

from __future__ import annotations

from datetime import datetime

from contract_tests.mutants.changes import answer, each, said
from contract_tests.mutants.members import become, leave_out
from contract_tests.mutants.mutant import INCIDENT, Chapter

MUTANTS = defect = Chapter("bodies")


EVERY_DOCUMENT = "documents.import documents.list documents.get documents.put documents.attach"


defect(
    "unwrapped",
    INCIDENT,
    "An import answers the document without postmortem_document around it.",
    answer("documents.import", said(lambda body: body["postmortem_document"])),
)


defect(
    "status-draft",
    INCIDENT,
    "A new document has the status draft.",
    answer("documents.import", become(status="draft")),
)


defect(
    "type-missing", INCIDENT, "Listed documents have no type.", answer("documents.list", leave_out("type"))
)


defect(
    "editor-role-missing",
    INCIDENT,
    "The editors of a document have no role.",
    answer(
        "documents.get documents.list",
        become(editors=lambda editors: [{k: v for k, v in e.items() if k != "role"} for e in editors]),
    ),
)


defect(
    "updated-at-word",
    INCIDENT,
    "updated_at of an import is the word of the page's example, abc123.",
    answer("documents.import", become(updated_at="abc123")),
)


defect(
    "exported-null",
    INCIDENT,
    "A document that was not exported has null for exported_urls.",
    answer(EVERY_DOCUMENT, become(exported_urls=lambda urls: urls or None)),
)


defect(
    "time-is-a-number",
    INCIDENT,
    "created_at of a document is a number of seconds.",
    answer("documents.get", become(created_at=lambda at: int(datetime.fromisoformat(at).timestamp()))),
)


defect(
    "content-renamed",
    INCIDENT,
    "The content of a document comes as content.",
    answer("documents.content", said(lambda body: {"content": body["markdown"]})),
)


defect(
    "severity-null",
    INCIDENT,
    "An incident without a severity has null for it.",
    answer("incidents.*", each(lambda incident: incident.setdefault("severity", None))),
)


defect(
    "assignee-null",
    INCIDENT,
    "A follow-up without an assignee has null for it.",
    answer("follow-ups.*", each(lambda follow_up: follow_up.setdefault("assignee", None))),
)


defect(
    "labels-missing",
    INCIDENT,
    "A follow-up without labels has no list of them.",
    answer(
        "follow-ups.*", each(lambda follow_up: follow_up.pop("labels") if not follow_up["labels"] else None)
    ),
)


defect(
    "unset-timestamps-missing",
    INCIDENT,
    "Timestamps without a value are left out of an incident.",
    answer(
        "incidents.*", become(incident_timestamp_values=lambda values: [v for v in values if "value" in v])
    ),
)


defect(
    "empty-fields-missing",
    INCIDENT,
    "Custom fields without a value are left out of an incident.",
    answer("incidents.get", become(custom_field_entries=lambda entries: [e for e in entries if e["values"]])),
)


defect(
    "status-flat",
    INCIDENT,
    "incident_status of a listed incident is its name alone.",
    answer("incidents.list", become(incident_status=lambda status: status["name"])),
)


defect(
    "creator-missing",
    INCIDENT,
    "An incident that was just created has no creator.",
    answer("incidents.create", leave_out("creator")),
)


defect(
    "meta-missing",
    INCIDENT,
    "The list of documents has no pagination_meta.",
    answer("documents.list", said(lambda body: {k: v for k, v in body.items() if k != "pagination_meta"})),
)


defect(
    "page-size-text",
    INCIDENT,
    "pagination_meta.page_size of follow-ups is a string.",
    answer(
        "follow-ups.list",
        said(
            lambda body: {
                **body,
                "pagination_meta": {
                    **body["pagination_meta"],
                    "page_size": str(body["pagination_meta"]["page_size"]),
                },
            }
        ),
    ),
)


defect(
    "error-envelope",
    INCIDENT,
    "Errors come in an envelope of another form.",
    answer(
        "*",
        said(
            lambda body: {"error": body["errors"][0]} if isinstance(body, dict) and "errors" in body else body
        ),
        when=lambda status: status >= 400,
    ),
)


defect(
    "error-without-request-id",
    INCIDENT,
    "Refusals for a faulty body have no request_id.",
    answer(
        "*",
        said(
            lambda body: (
                {k: v for k, v in body.items() if k != "request_id"} if isinstance(body, dict) else body
            )
        ),
        when=422,
    ),
)


defect(
    "source-without-pointer",
    INCIDENT,
    "The source of an error names a field without its pointer.",
    answer(
        "*",
        said(
            lambda body: (
                [error["source"].pop("pointer", None) for error in body["errors"] if "source" in error]
                and None
                if isinstance(body, dict)
                else None
            )
        ),
        when=422,
    ),
)


defect(
    "error-type",
    INCIDENT,
    "A 422 has the type invalid_request_error.",
    answer("documents.import", said(lambda body: {**body, "type": "invalid_request_error"}), when=422),
)


defect(
    "update-without-updater",
    INCIDENT,
    "Updates do not say who shared them.",
    answer("updates.list", leave_out("updater")),
)


defect(
    "role-without-type",
    INCIDENT,
    "A user has no base_role when shown alone.",
    answer("people.get", leave_out("base_role")),
)


defect(
    "identity-roles-null",
    INCIDENT,
    "The team_roles of an identity are null.",
    answer("identity.get", said(lambda body: {"identity": {**body["identity"], "team_roles": None}})),
)
