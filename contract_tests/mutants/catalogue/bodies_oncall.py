"""Answers whose body has another shape than it should: Grafana OnCall."""

from __future__ import annotations

from typing import Any

from contract_tests.mutants.changes import answer, each, plain, said
from contract_tests.mutants.members import become, leave_out
from contract_tests.mutants.mutant import ONCALL, Chapter

MUTANTS = defect = Chapter("bodies")


EVERY_POSTMORTEM = "postmortems.list postmortems.get postmortems.create postmortems.put postmortems.patch"


def gain(**values: Any) -> Any:
    return each(lambda record: record.update(values))


defect(
    "create-drops-time",
    ONCALL,
    "Create leaves created_at out.",
    answer("postmortems.create", leave_out("created_at")),
)


defect(
    "id-is-a-number",
    ONCALL,
    "Create answers the id as a number.",
    answer("postmortems.create", become(id=len)),
)


defect(
    "time-without-t",
    ONCALL,
    "created_at has a blank where the T belongs.",
    answer(EVERY_POSTMORTEM, become(created_at=lambda at: at.replace("T", " "))),
)


defect(
    "time-without-zone",
    ONCALL,
    "created_at of notes says no time zone.",
    answer("notes.*", become(created_at=lambda at: at.rstrip("Z"))),
)


defect(
    "messages-null",
    ONCALL,
    "A postmortem without messages has null for a list.",
    answer("postmortems.get postmortems.list", become(postmortem_messages=lambda messages: messages or None)),
)


defect(
    "message-source",
    ONCALL,
    "The messages in a postmortem have the source email.",
    answer(
        "postmortems.get postmortems.list",
        become(postmortem_messages=lambda messages: [{**m, "source": "email"} for m in messages]),
    ),
)


defect(
    "message-without-author",
    ONCALL,
    "The messages in a postmortem have no author.",
    answer(
        "postmortems.get",
        become(
            postmortem_messages=lambda messages: [
                {k: v for k, v in m.items() if k != "author"} for m in messages
            ]
        ),
    ),
)


defect("get-drops-text", ONCALL, "Get leaves the text out.", answer("postmortems.get", leave_out("text")))


defect(
    "list-drops-messages",
    ONCALL,
    "The list leaves postmortem_messages out.",
    answer("postmortems.list", leave_out("postmortem_messages")),
)


defect(
    "create-shows-messages",
    ONCALL,
    "Create answers postmortem_messages as well.",
    answer("postmortems.create", gain(postmortem_messages=[])),
)


defect(
    "count-is-text",
    ONCALL,
    "The count of a list is a string.",
    answer("postmortems.list", said(lambda body: {**body, "count": str(body["count"])})),
)


defect(
    "extra-status",
    ONCALL,
    "Listed postmortems have a status that no page knows.",
    answer("postmortems.list", gain(status="open")),
)


defect(
    "notes-unnumbered",
    ONCALL,
    "The list of notes has no total_pages.",
    answer("notes.list", said(lambda body: {k: v for k, v in body.items() if k != "total_pages"})),
)


defect(
    "group-permalinks-null",
    ONCALL,
    "The permalinks of an alert group are null.",
    answer("groups.get", become(permalinks=None)),
)


defect(
    "group-alerts-text",
    ONCALL,
    "alerts_count of a listed alert group is a string.",
    answer("groups.list", become(alerts_count=str)),
)


defect(
    "group-resolved-by-missing",
    ONCALL,
    "An alert group that nobody resolved has no resolved_by.",
    answer(
        "groups.get groups.list",
        each(lambda group: group.pop("resolved_by") if group["resolved_by"] is None else None),
    ),
)


defect(
    "user-slack-null",
    ONCALL,
    "A user without Slack has null instead of an empty list.",
    answer("users.*", become(slack=lambda slack: slack or None)),
)


defect(
    "not-found-plain",
    ONCALL,
    "A postmortem that does not exist answers its 404 as plain text.",
    answer("postmortems.*", plain("Not found."), when=404),
)


defect(
    "error-envelope",
    ONCALL,
    "The detail of a refusal is called error.",
    answer(
        "*",
        said(lambda body: {"error": body["detail"]} if isinstance(body, dict) and "detail" in body else body),
        when=403,
    ),
)


defect(
    "field-error-bare",
    ONCALL,
    "What is wrong with a field is a string instead of a list.",
    answer(
        "postmortems.create",
        said(
            lambda body: (
                {k: v[0] if isinstance(v, list) else v for k, v in body.items()}
                if isinstance(body, dict)
                else body
            )
        ),
        when=400,
    ),
)
