"""Organizations that see, or change, what is another's."""

from __future__ import annotations

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import as_caller, caller, read, rows, with_json
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = defect = Chapter("isolation")


def _remember(asked: Asked, answered: Answered, memory: Memory) -> dict[str, list[str]]:
    """Who was answered so far, by vendor: the first that was, first."""
    operation = operation_of(asked)
    known: dict[str, list[str]] = memory.setdefault("callers", {})
    if operation is not None and caller(asked) and 200 <= answered.status < 300:
        of_vendor = known.setdefault(operation.vendor, [])
        if caller(asked) not in of_vendor:
            of_vendor.append(caller(asked))
    return known


def reaches_others(where: str, refused: tuple[int, ...] = (404,)) -> Act:
    """What is not the caller's is looked for with everybody else's credentials."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        operation = operation_of(asked)
        known = _remember(asked, answered, memory)
        if (
            operation is None
            or answered.status not in refused
            or not matches(asked, where)
            or not answered.body
        ):
            return answered
        if caller(asked) not in known.get(operation.vendor, ()):
            return answered
        for somebody in list(known[operation.vendor]):
            if somebody != caller(asked):
                reached = await forward(as_caller(asked, somebody))
                if 200 <= reached.status < 300:
                    return reached
        return answered

    return act


def lists_others(where: str) -> Act:
    """The list of another organization follows the caller's own."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        operation = operation_of(asked)
        known = _remember(asked, answered, memory)
        if operation is None or answered.status != 200 or not matches(asked, where):
            return answered
        body = read(answered)
        own = {row["id"] for row in rows(body)}
        for somebody in list(known.get(operation.vendor, ())):
            theirs = await forward(as_caller(asked, somebody)) if somebody != caller(asked) else answered
            added = (
                [row for row in rows(read(theirs)) if row["id"] not in own] if theirs.status == 200 else []
            )
            rows(body).extend(added)
            own |= {row["id"] for row in added}
            if "count" in body:
                body["count"] += len(added)
        return with_json(answered, body)

    return act


ONLY = "only another organization's caller shows it"
defect(
    "list-leaks",
    ONCALL,
    "The list of postmortems holds another organization's.",
    lists_others("postmortems.list"),
    hidden=ONLY,
)
defect(
    "notes-leak",
    ONCALL,
    "The list of notes holds another organization's.",
    lists_others("notes.list"),
    hidden=ONLY,
)
defect(
    "groups-leak",
    ONCALL,
    "The list of alert groups holds another organization's.",
    lists_others("groups.list"),
    hidden=ONLY,
)
defect(
    "get-of-others",
    ONCALL,
    "Another organization's postmortem is shown by its id.",
    reaches_others("postmortems.get"),
    hidden=ONLY,
)
defect(
    "put-of-others",
    ONCALL,
    "Another organization's postmortem can be changed.",
    reaches_others("postmortems.put"),
    hidden=ONLY,
)
defect(
    "patch-of-others",
    ONCALL,
    "Another organization's note can be changed with PATCH.",
    reaches_others("notes.patch"),
    hidden=ONLY,
)
defect(
    "delete-of-others",
    ONCALL,
    "Another organization's postmortem can be deleted.",
    reaches_others("postmortems.delete"),
    hidden=ONLY,
)
defect(
    "message-of-others",
    ONCALL,
    "Another organization's message is shown by its id.",
    reaches_others("messages.get"),
    hidden=ONLY,
)
defect(
    "group-of-others",
    ONCALL,
    "Another organization's alert group is shown by its id.",
    reaches_others("groups.get"),
    hidden=ONLY,
)
defect(
    "acts-on-others",
    ONCALL,
    "Another organization's alert group can be acknowledged and resolved.",
    reaches_others("groups.acknowledge groups.resolve"),
    hidden=ONLY,
)
defect(
    "user-of-others",
    ONCALL,
    "Another organization's user is shown by their id.",
    reaches_others("users.get"),
    hidden=ONLY,
)
defect(
    "creates-for-others",
    ONCALL,
    "A postmortem can be created for another organization's alert group.",
    reaches_others("postmortems.create", (400,)),
    hidden=ONLY,
)

defect(
    "documents-leak",
    INCIDENT,
    "The list of documents holds another organisation's.",
    lists_others("documents.list"),
    hidden=ONLY,
)
defect(
    "document-of-others",
    INCIDENT,
    "Another organisation's document is shown by its id.",
    reaches_others("documents.get"),
    hidden=ONLY,
)
defect(
    "content-of-others",
    INCIDENT,
    "The content of another organisation's document is shown.",
    reaches_others("documents.content"),
    hidden=ONLY,
)
defect(
    "status-of-others",
    INCIDENT,
    "The status of another organisation's document can be moved.",
    reaches_others("documents.put"),
    hidden=ONLY,
)
defect(
    "imports-for-others",
    INCIDENT,
    "A document can be imported into another organisation's incident.",
    reaches_others("documents.import"),
    hidden=ONLY,
)
defect(
    "incidents-leak",
    INCIDENT,
    "The list of incidents holds another organisation's.",
    lists_others("incidents.list"),
    hidden=ONLY,
)
defect(
    "incident-of-others",
    INCIDENT,
    "Another organisation's incident is shown by its id.",
    reaches_others("incidents.get"),
    hidden=ONLY,
)
defect(
    "follow-up-of-others",
    INCIDENT,
    "Another organisation's follow-up is shown by its id.",
    reaches_others("follow-ups.get"),
    hidden=ONLY,
)
defect(
    "deletes-follow-up-of-others",
    INCIDENT,
    "Another organisation's follow-up can be deleted.",
    reaches_others("follow-ups.delete"),
    hidden=ONLY,
)
defect(
    "severities-leak",
    INCIDENT,
    "The severities of other organisations are listed, too.",
    lists_others("severities.list"),
    hidden=ONLY,
)
defect(
    "updates-of-others",
    INCIDENT,
    "Updates can be shared about another organisation's incident.",
    reaches_others("updates.create"),
    hidden=ONLY,
)
defect(
    "people-leak",
    INCIDENT,
    "The users of other organisations are listed, too.",
    lists_others("people.list"),
    hidden=ONLY,
)


async def keys_share_idempotency(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """An idempotency_key that another organisation has used answers with its incident."""
    used: dict[str, tuple[str, Answered]] = memory.setdefault("used", {})
    body = read(asked) if matches(asked, "incidents.create") else None
    key = body.get("idempotency_key") if isinstance(body, dict) else None
    if isinstance(key, str) and key in used and used[key][0] != caller(asked):
        return used[key][1]
    answered = await forward(asked)
    if isinstance(key, str) and answered.status == 200:
        used.setdefault(key, (caller(asked), answered))
    return answered


defect(
    "idempotency-shared",
    INCIDENT,
    "All organisations share their idempotency keys.",
    keys_share_idempotency,
    hidden=ONLY,
)
