"""Callers who may do more, or less, than they should."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import as_caller, caller, read, status, with_json
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = defect = Chapter("rights")
NEEDS = "only a caller with fewer rights shows it"


def allowed(where: str, word: str) -> Act:
    """A refusal that holds a word is overcome with the credentials of whoever was answered first."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        operation = operation_of(asked)
        if operation is None:
            return answered
        writers: dict[str, str] = memory.setdefault("writers", {})
        if asked.method != "GET" and 200 <= answered.status < 300:
            writers.setdefault(operation.vendor, caller(asked))
        elif answered.status == 403 and word.encode() in answered.body and matches(asked, where):
            somebody = writers.get(operation.vendor) or memory.get("readers", {}).get(operation.vendor)
            if somebody:
                return await forward(as_caller(asked, somebody))
        elif 200 <= answered.status < 300:
            memory.setdefault("readers", {}).setdefault(operation.vendor, caller(asked))
        return answered

    return act


defect(
    "viewer-creates",
    ONCALL,
    "A viewer may create postmortems.",
    allowed("postmortems.create", "permission"),
    hidden=NEEDS,
)
defect(
    "viewer-updates",
    ONCALL,
    "A viewer may update notes.",
    allowed("notes.put notes.patch", "permission"),
    hidden=NEEDS,
)
defect(
    "viewer-deletes",
    ONCALL,
    "A viewer may delete postmortems and messages.",
    allowed("postmortems.delete messages.delete", "permission"),
    hidden=NEEDS,
)
defect(
    "viewer-acts",
    ONCALL,
    "A viewer may act on alert groups.",
    allowed("groups.acknowledge groups.resolve groups.silence", "permission"),
    hidden=NEEDS,
)
defect(
    "no-role-reads",
    ONCALL,
    "Who has no role may list postmortems.",
    allowed("postmortems.list", "permission"),
    hidden=NEEDS,
)
defect(
    "inactive-reads", ONCALL, "An inactive user may read.", allowed("*.list *.get", "active"), hidden=NEEDS
)
defect(
    "account-acts",
    ONCALL,
    "A service account may resolve alert groups.",
    allowed("groups.resolve", "Service accounts"),
    hidden=NEEDS,
)
defect(
    "import-without-scope",
    INCIDENT,
    "A key may import without the scope for it.",
    allowed("documents.import", "in_app_postmortems.import"),
    hidden=NEEDS,
)
defect(
    "content-without-scope",
    INCIDENT,
    "A key may read contents without the scope for it.",
    allowed("documents.content", "copy_as_markdown"),
    hidden=NEEDS,
)
defect(
    "status-without-scope",
    INCIDENT,
    "A key may move a document's status without the scope for it.",
    allowed("documents.put", "update_status"),
    hidden=NEEDS,
)
defect(
    "edit-without-scope",
    INCIDENT,
    "A key may edit everything of an incident once it may edit something.",
    allowed("incidents.edit", "incidents.update"),
    hidden=NEEDS,
)
defect(
    "follow-up-without-scope",
    INCIDENT,
    "A key may create follow-ups without the scope for it.",
    allowed("follow-ups.create", "follow_ups.create"),
    hidden=NEEDS,
)
defect(
    "severities-without-scope",
    INCIDENT,
    "A key may list severities without the scope for it.",
    allowed("severities.list", "severities.view"),
    hidden=NEEDS,
)


async def scope_is_not_named(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    body = read(answered) if answered.status == 403 and matches(asked, "*") else None
    if isinstance(body, dict) and "errors" in body:
        for error in body["errors"]:
            error.pop("metadata", None)
        return with_json(answered, body)
    return answered


async def forbidden_is_not_found(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if answered.status == 403 and matches(asked, "incidents.* documents.*"):
        return status(404)(answered, asked)
    return answered


async def lookup_comes_first(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """For a viewer, a PUT of what is not there is a 404 before it is a 403."""
    answered = await forward(asked)
    if answered.status == 403 and matches(asked, "postmortems.put"):
        shown = await forward(replace(asked, method="GET", body=b""))
        if shown.status == 404:
            return shown
    return answered


defect(
    "scope-not-named",
    INCIDENT,
    "A refusal for want of a scope does not name it.",
    scope_is_not_named,
    hidden=NEEDS,
)
defect(
    "forbidden-as-404",
    INCIDENT,
    "A refusal for want of a scope answers 404.",
    forbidden_is_not_found,
    hidden=NEEDS,
)
defect(
    "lookup-before-rights",
    ONCALL,
    "For a viewer an unknown postmortem is a 404 on PUT.",
    lookup_comes_first,
    hidden=NEEDS,
)
