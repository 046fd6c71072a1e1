"""Deletes that delete nothing, too much, or not for everybody."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import bare, other, read, records, rows, with_body, with_json
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = defect = Chapter("deletes")


def does_nothing(where: str) -> Act:
    """The delete is answered, by what another one of this kind is answered, and not carried out."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if not matches(asked, where):
            return await forward(asked)
        shown = await forward(other(asked, "GET", asked.target))
        if shown.status != 200:
            return await forward(asked)
        headers = tuple(pair for pair in shown.headers if pair[0].lower() != "content-type")
        return with_body(replace(shown, status=204, headers=headers), b"")

    return act


async def deletes_the_siblings(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if not matches(asked, "postmortems.delete"):
        return await forward(asked)
    shown = read(await forward(other(asked, "GET", bare(asked))))
    answered = await forward(asked)
    if answered.status == 204 and isinstance(shown, dict) and "alert_group_id" in shown:
        query = f"?alert_group_id={shown['alert_group_id']}&perpage=500"
        for row in rows(read(await forward(other(asked, "GET", f"/api/v1/postmortems/{query}")))):
            await forward(other(asked, "DELETE", f"/api/v1/postmortems/{row['id']}/"))
    return answered


def still_there(deleted_by: str, shown_by: str) -> Act:
    """What was deleted is still shown by the same path, from memory."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        kept: dict[str, Answered] = memory.setdefault("kept", {})
        operation = operation_of(asked)
        if operation is not None and matches(asked, deleted_by):
            shown = await forward(other(asked, "GET", bare(asked)))
            answered = await forward(asked)
            if shown.status == 200 and answered.status == 204:
                kept[operation.id] = shown
            return answered
        answered = await forward(asked)
        if operation is not None and matches(asked, shown_by) and answered.status == 404:
            return kept.get(operation.id, answered)
        return answered

    return act


async def still_listed(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Deleted postmortems stay in the list, the last of the page."""
    ghosts: dict[str, object] = memory.setdefault("ghosts", {})
    operation = operation_of(asked)
    if operation is not None and operation.name == "postmortems.delete":
        shown = await forward(other(asked, "GET", bare(asked)))
        answered = await forward(asked)
        if answered.status == 204 and shown.status == 200:
            ghosts[operation.id] = read(shown)
        return answered
    answered = await forward(asked)
    if operation is not None and operation.name == "postmortems.list" and answered.status == 200 and ghosts:
        body = read(answered)
        rows(body).extend(ghosts.values())
        body["count"] += len(ghosts)
        return with_json(answered, body)
    return answered


async def message_stays_in_the_postmortem(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A deleted message is still shown in the postmortems of its alert group."""
    ghosts: list[dict[str, object]] = memory.setdefault("ghosts", [])
    operation = operation_of(asked)
    if operation is not None and operation.name == "messages.delete":
        shown = await forward(other(asked, "GET", bare(asked)))
        answered = await forward(asked)
        if answered.status == 204 and shown.status == 200:
            ghosts.append(read(shown))
        return answered
    answered = await forward(asked)
    if (
        operation is not None
        and operation.name in ("postmortems.get", "postmortems.list")
        and answered.status == 200
    ):
        body = read(answered)
        for row in records(body):
            row["postmortem_messages"] += [g for g in ghosts if g["alert_group_id"] == row["alert_group_id"]]
        return with_json(answered, body)
    return answered


async def second_delete_is_fine(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Deleting a note again answers 204 as the first time."""
    operation = operation_of(asked)
    answered = await forward(asked)
    if operation is not None and operation.name == "notes.delete":
        deleted: dict[str, Answered] = memory.setdefault("deleted", {})
        if answered.status == 204:
            deleted[operation.id] = answered
        elif answered.status == 404:
            return deleted.get(operation.id, answered)
    return answered


async def group_delete_only_wipes(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "groups.delete") and read(asked) == {"mode": "delete"}:
        return await forward(other(asked, "DELETE", asked.target, {"mode": "wipe"}))
    return await forward(asked)


async def wipe_deletes(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "groups.delete") and (not asked.body or read(asked) in ({}, {"mode": "wipe"})):
        return await forward(other(asked, "DELETE", asked.target, {"mode": "delete"}))
    return await forward(asked)


async def deleted_follow_up_is_gone(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A deleted follow-up is neither shown nor listed."""
    answered = await forward(asked)
    if matches(asked, "follow-ups.get") and answered.status == 200:
        if read(answered)["follow_up"]["status"] == "deleted":
            return await forward(replace(asked, target="/v3/follow_ups/01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    elif matches(asked, "follow-ups.list") and answered.status == 200:
        body = read(answered)
        rows(body)[:] = [row for row in rows(body) if row["status"] != "deleted"]
        return with_json(answered, body)
    return answered


async def deleted_follow_up_is_not_done(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if matches(asked, "follow-ups.get follow-ups.list") and answered.status == 200:
        body = read(answered)
        for record in records(body):
            record["status"] = {"deleted": "not_doing"}.get(record["status"], record["status"])
        return with_json(answered, body)
    return answered


async def delete_completes_the_others(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Deleting a follow-up deletes those of the same incident, too."""
    operation = operation_of(asked)
    if operation is None or operation.name != "follow-ups.delete":
        return await forward(asked)
    shown = read(await forward(other(asked, "GET", bare(asked))))
    answered = await forward(asked)
    if answered.status == 204 and isinstance(shown, dict) and "follow_up" in shown:
        query = f"?incident_id={shown['follow_up']['incident_id']}&page_size=250"
        for row in rows(read(await forward(other(asked, "GET", f"/v3/follow_ups{query}")))):
            await forward(other(asked, "DELETE", f"/v3/follow_ups/{row['id']}"))
    return answered


defect(
    "delete-nothing",
    ONCALL,
    "DELETE of a postmortem answers 204 and deletes nothing.",
    does_nothing("postmortems.delete"),
)
defect(
    "note-delete-nothing",
    ONCALL,
    "DELETE of a note answers 204 and deletes nothing.",
    does_nothing("notes.delete"),
)
defect(
    "message-delete-nothing",
    ONCALL,
    "DELETE of a message answers 204 and deletes nothing.",
    does_nothing("messages.delete"),
)
defect(
    "delete-siblings", ONCALL, "DELETE of a postmortem deletes all of its alert group.", deletes_the_siblings
)
defect(
    "deleted-still-shown",
    ONCALL,
    "A deleted postmortem is still shown by its id.",
    still_there("postmortems.delete", "postmortems.get"),
)
defect(
    "deleted-note-still-shown",
    ONCALL,
    "A deleted note is still shown by its id.",
    still_there("notes.delete", "notes.get"),
)
defect("deleted-still-listed", ONCALL, "A deleted postmortem is still listed.", still_listed)
defect(
    "deleted-message-in-postmortem",
    ONCALL,
    "A deleted message is still shown in the postmortem.",
    message_stays_in_the_postmortem,
)
defect("delete-again-204", ONCALL, "Deleting a note again answers 204.", second_delete_is_fine)
defect(
    "group-delete-wipes",
    ONCALL,
    "DELETE of an alert group with mode delete only wipes it.",
    group_delete_only_wipes,
)
defect("group-wipe-deletes", ONCALL, "DELETE of an alert group without a mode deletes it.", wipe_deletes)
defect(
    "follow-up-delete-nothing",
    INCIDENT,
    "Deleting a follow-up answers 204 and deletes nothing.",
    does_nothing("follow-ups.delete"),
)
defect(
    "follow-up-gone", INCIDENT, "A deleted follow-up is neither shown nor listed.", deleted_follow_up_is_gone
)
defect(
    "follow-up-deleted-not-doing",
    INCIDENT,
    "A deleted follow-up has the status not_doing.",
    deleted_follow_up_is_not_done,
)
defect(
    "follow-up-delete-siblings",
    INCIDENT,
    "Deleting a follow-up deletes all of its incident.",
    delete_completes_the_others,
)
