"""Writes that are lost, kept elsewhere, or keep more than they were told: Grafana OnCall."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    Json,
    answer,
    bare,
    each,
    other,
    read,
    records,
    rows,
    said,
    with_json,
)
from contract_tests.mutants.mutant import ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of
from contract_tests.mutants.writes import keeps_nothing, overlaid

MUTANTS = defect = Chapter("persistence")


async def create_is_not_stored(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if matches(asked, "postmortems.create") and answered.status == 201:
        await forward(other(asked, "DELETE", f"/api/v1/postmortems/{read(answered)['id']}/"))
    return answered


async def create_is_stored_twice(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if matches(asked, "notes.create") and answered.status == 201:
        await forward(replace(asked))
    return answered


async def put_echoes_the_old_text(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if not matches(asked, "postmortems.put"):
        return await forward(asked)
    before = await forward(other(asked, "GET", bare(asked)))
    answered = await forward(asked)
    if before.status == answered.status == 200:
        return with_json(answered, {**read(answered), "text": read(before)["text"]})
    return answered


async def put_touches_siblings(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """An update gives its text to the other postmortems of the alert group, too."""
    answered = await forward(asked)
    if matches(asked, "postmortems.put") and answered.status == 200:
        changed = read(answered)
        query = f"?alert_group_id={changed['alert_group_id']}&perpage=500"
        listed = read(await forward(other(asked, "GET", f"/api/v1/postmortems/{query}")))
        for row in rows(listed):
            if row["id"] != changed["id"]:
                await forward(
                    other(asked, "PUT", f"/api/v1/postmortems/{row['id']}/", {"text": changed["text"]})
                )
    return answered


async def put_makes_one(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """PUT of an unknown id creates a postmortem."""
    answered = await forward(asked)
    body = read(asked)
    if (
        matches(asked, "postmortems.put")
        and answered.status == 404
        and isinstance(body, dict)
        and body.get("text")
    ):
        groups = rows(read(await forward(other(asked, "GET", "/api/v1/alert_groups/?perpage=1"))))
        made = {"text": body["text"], "alert_group_id": groups[0]["id"] if groups else ""}
        created = await forward(other(asked, "POST", "/api/v1/postmortems/", made))
        return replace(created, status=200) if created.status == 201 else answered
    return answered


async def patch_blanks(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """PATCH without a text makes it a dash."""
    if matches(asked, "postmortems.patch") and read(asked) == {}:
        return await forward(other(asked, "PATCH", asked.target, {"text": "-"}))
    return await forward(asked)


def _echo_group(body: Json) -> None:
    body["alert_group_id"] = body["alert_group_id"][::-1]


LATER = "2099-01-01T00:00:00.000001Z"


defect(
    "create-not-stored", ONCALL, "A postmortem that was created is nowhere to be found.", create_is_not_stored
)


defect("create-twice", ONCALL, "A note that was created is stored twice.", create_is_stored_twice)


defect(
    "create-echo-group",
    ONCALL,
    "Create answers another alert group than it was sent.",
    answer("postmortems.create", said(_echo_group)),
)


defect(
    "put-not-kept",
    ONCALL,
    "PUT of a postmortem answers the new text and keeps the old.",
    keeps_nothing("postmortems.put"),
)


defect(
    "patch-not-kept",
    ONCALL,
    "PATCH of a note answers the new text and keeps the old.",
    keeps_nothing("notes.patch"),
)


defect(
    "message-put-not-kept",
    ONCALL,
    "PUT of a message answers the new text and keeps the old.",
    keeps_nothing("messages.put"),
)


defect(
    "put-not-echoed",
    ONCALL,
    "PUT of a postmortem keeps the new text and answers the old.",
    put_echoes_the_old_text,
)


defect(
    "put-moves-time",
    ONCALL,
    "PUT of a postmortem changes created_at.",
    overlaid("postmortems.put", lambda _: {"created_at": LATER}, "postmortems.get postmortems.list"),
)


defect(
    "put-moves-group",
    ONCALL,
    "PUT of a postmortem moves it to another alert group.",
    overlaid(
        "postmortems.put", lambda _: {"alert_group_id": "IQUIET1PAGE12"}, "postmortems.get postmortems.list"
    ),
)


defect(
    "put-takes-author",
    ONCALL,
    "PUT of a note makes whoever sends it its author.",
    overlaid("notes.put", lambda _: {"author": "UEDITR1PAGE99"}, "notes.get notes.list"),
)


defect("put-touches-siblings", ONCALL, "PUT of a postmortem changes its siblings, too.", put_touches_siblings)


defect("put-creates", ONCALL, "PUT of an unknown id creates a postmortem.", put_makes_one)


defect("patch-blanks", ONCALL, "PATCH of a postmortem without a text replaces its text.", patch_blanks)


defect(
    "resolve-without-user",
    ONCALL,
    "Nobody has resolved a resolved alert group.",
    answer("groups.get groups.list", each(lambda group: group.update(resolved_by=None))),
)


defect(
    "acknowledge-without-time",
    ONCALL,
    "An acknowledged alert group does not say since when.",
    answer("groups.get groups.list", each(lambda group: group.update(acknowledged_at=None))),
)


def skipped(where: str, status: int, *, taken_back_by: str = "") -> Act:
    """The request is answered as if it had been carried out, and is not."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        if matches(asked, where) and answered.status == status and taken_back_by:
            group = operation_of(asked)
            if group is not None:
                await forward(other(asked, "POST", f"/api/v1/alert_groups/{group.id}/{taken_back_by}/"))
        return answered

    return act


defect(
    "acknowledge-not-kept",
    ONCALL,
    "Acknowledging an alert group does nothing.",
    skipped("groups.acknowledge", 200, taken_back_by="unacknowledge"),
)


defect(
    "silence-not-kept",
    ONCALL,
    "Silencing an alert group does nothing.",
    skipped("groups.silence", 200, taken_back_by="unsilence"),
)


async def wipe_keeps_the_title(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    operation = operation_of(asked)
    titles: dict[str, str] = memory.setdefault("titles", {})
    if operation is not None and operation.name == "groups.delete":
        shown = read(await forward(other(asked, "GET", bare(asked))))
        if isinstance(shown, dict) and shown.get("title"):
            titles[shown["id"]] = shown["title"]
    answered = await forward(asked)
    if matches(asked, "groups.get groups.list") and answered.status == 200:
        body = read(answered)
        for group in records(body):
            group["title"] = group["title"] or titles.get(group["id"])
        return with_json(answered, body)
    return answered


defect("wipe-keeps-title", ONCALL, "A wiped alert group keeps its title.", wipe_keeps_the_title)
