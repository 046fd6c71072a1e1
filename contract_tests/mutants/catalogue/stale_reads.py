"""Reads that are answered from a past that is over."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import bare, caller, read, records, rows, with_json
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = defect = Chapter("stale reads")


def cached(where: str, reads: int) -> Act:
    """An answer is given again to the next reads of the same by the same caller."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if not matches(asked, where):
            return await forward(asked)
        kept: dict[tuple[str, str, str], tuple[Answered, int]] = memory.setdefault("kept", {})
        key = (caller(asked), asked.target, asked.header("Accept") or "")
        answered, left = kept.get(key, (None, 0))
        if answered is not None and left > 0:
            kept[key] = (answered, left - 1)
            return answered
        answered = await forward(asked)
        if answered.status == 200:
            kept[key] = (answered, reads)
        return answered

    return act


def lags(writes: str, lists: str) -> Act:
    """The first list after a write is the one from before it, where that was asked for."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        before: dict[tuple[str, str], Answered] = memory.setdefault("before", {})
        stale: set[tuple[str, str]] = memory.setdefault("stale", set())
        key = (caller(asked), asked.target)
        answered = await forward(asked)
        if matches(asked, writes) and 200 <= answered.status < 300:
            stale.update(before)
        elif matches(asked, lists) and answered.status == 200:
            if key in stale:
                stale.discard(key)
                old, before[key] = before[key], answered
                return old
            before[key] = answered
        return answered

    return act


def misses_new(writes: str, lists: str) -> Act:
    """The first list after a create does not hold it yet."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        if matches(asked, writes) and answered.status in (200, 201):
            memory["new"] = next((record["id"] for record in records(read(answered))), None)
        elif matches(asked, lists) and answered.status == 200 and memory.get("new"):
            body, new = read(answered), memory.pop("new")
            found = rows(body)
            if any(row["id"] == new for row in found):
                found[:] = [row for row in found if row["id"] != new]
                if "count" in body:
                    body["count"] -= 1
                return with_json(answered, body)
        return answered

    return act


def old_after(writes: str, reads: str) -> Act:
    """The first read of a record after it was changed shows it as it was before."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        old: dict[str, Answered] = memory.setdefault("old", {})
        operation = operation_of(asked)
        if operation is None or not operation.id:
            return await forward(asked)
        if matches(asked, writes):
            path = bare(asked).removesuffix("/actions/edit")
            before = await forward(
                Asked("GET", path, tuple(p for p in asked.headers if not p[0].lower().startswith("content-")))
            )
            answered = await forward(asked)
            if before.status == 200 and 200 <= answered.status < 300:
                old[operation.id] = before
            return answered
        if matches(asked, reads) and operation.id in old:
            return old.pop(operation.id)
        return await forward(asked)

    return act


async def new_ones_come_late(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """What was just imported is not found by the first who asks for it."""
    answered = await forward(asked)
    operation = operation_of(asked)
    fresh: set[str] = memory.setdefault("fresh", set())
    if operation is not None and operation.name == "documents.import" and answered.status == 201:
        fresh.add(read(answered)["postmortem_document"]["id"])
    elif operation is not None and operation.name == "documents.get" and operation.id in fresh:
        fresh.discard(operation.id)
        return await forward(replace(asked, target="/v1/postmortem_documents/01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    return answered


async def messages_come_late(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A postmortem shows the messages that it had when it was first shown."""
    answered = await forward(asked)
    if matches(asked, "postmortems.get") and answered.status == 200:
        body = read(answered)
        kept = memory.setdefault("messages", {})
        body["postmortem_messages"] = kept.setdefault(body["id"], body["postmortem_messages"])
        return with_json(answered, body)
    return answered


defect(
    "get-cached", ONCALL, "A postmortem that was shown is shown so twice more.", cached("postmortems.get", 2)
)
defect(
    "list-cached", ONCALL, "A list of postmortems is answered so twice more.", cached("postmortems.list", 2)
)
defect(
    "list-lags",
    ONCALL,
    "The first list after a write is that from before.",
    lags("postmortems.create postmortems.put postmortems.patch postmortems.delete", "postmortems.list"),
)
defect(
    "notes-miss-new",
    ONCALL,
    "The first list of notes after a create does not hold it yet.",
    misses_new("notes.create", "notes.list"),
)
defect(
    "get-old-after-put",
    ONCALL,
    "The first get after a PUT shows the old text.",
    old_after("postmortems.put", "postmortems.get"),
)
defect(
    "note-old-after-patch",
    ONCALL,
    "The first get after a PATCH of a note shows the old text.",
    old_after("notes.patch", "notes.get"),
)
defect(
    "get-after-delete",
    ONCALL,
    "The first get after a DELETE still shows the message.",
    old_after("messages.delete", "messages.get"),
)
defect(
    "group-old-after-action",
    ONCALL,
    "The first look at an alert group after resolving it shows it as before.",
    cached("groups.get", 1),
)
defect(
    "messages-late", ONCALL, "A postmortem keeps showing the messages it had at first.", messages_come_late
)
defect("document-late", INCIDENT, "A new document is not found by the first who asks.", new_ones_come_late)
defect(
    "documents-miss-new",
    INCIDENT,
    "The first list of documents after an import does not hold it yet.",
    misses_new("documents.import", "documents.list"),
)
defect(
    "document-old-after-put",
    INCIDENT,
    "The first look at a document after a new status shows the old one.",
    old_after("documents.put", "documents.get"),
)
defect(
    "documents-lag",
    INCIDENT,
    "The first list of documents after a new status is that from before.",
    lags("documents.put documents.import", "documents.list"),
)
defect(
    "incident-old-after-edit",
    INCIDENT,
    "The first look at an incident after an edit shows it as before.",
    old_after("incidents.edit", "incidents.get"),
)
defect(
    "incident-cached",
    INCIDENT,
    "An incident that was shown is shown so twice more.",
    cached("incidents.get", 2),
)
defect(
    "updates-miss-new",
    INCIDENT,
    "The first list of updates after a new one does not hold it yet.",
    misses_new("updates.create", "updates.list"),
)
defect(
    "follow-up-old-after-put",
    INCIDENT,
    "The first look at a follow-up after an update shows it as before.",
    old_after("follow-ups.put", "follow-ups.get"),
)
defect(
    "follow-ups-cached",
    INCIDENT,
    "A list of follow-ups is answered so twice more.",
    cached("follow-ups.list", 2),
)
