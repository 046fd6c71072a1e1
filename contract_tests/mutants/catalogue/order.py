"""Lists in another order."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    Json,
    answer,
    ask,
    each,
    read,
    requery,
    rows,
    said,
    with_json,
    without_query,
)
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches

MUTANTS = defect = Chapter("order")


def reorder(change: Any) -> Any:
    """The rows of a page in the order that the function gives them."""

    def changed(body: Json) -> None:
        found = rows(body)
        found[:] = change(found)

    return said(changed)


def newest_of_a_group_first(found: list[Json]) -> list[Json]:
    return [
        row for _, group in groupby(found, lambda row: row["alert_group_id"]) for row in reversed(list(group))
    ]


async def unstable(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Every other time the first two are swapped."""
    answered = await forward(asked)
    if not matches(asked, "postmortems.list") or answered.status != 200:
        return answered
    memory["asked"] = memory.get("asked", 0) + 1
    body = read(answered)
    if memory["asked"] % 2:
        rows(body)[:2] = reversed(rows(body)[:2])
    return with_json(answered, body)


async def changed_go_last(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """What was updated is listed after everything else."""
    answered = await forward(asked)
    changed: list[str] = memory.setdefault("changed", [])
    if answered.status == 200 and matches(asked, "postmortems.put postmortems.patch"):
        changed.append(read(answered)["id"])
    elif answered.status == 200 and matches(asked, "postmortems.list"):
        body = read(answered)
        rows(body).sort(key=lambda row: changed.index(row["id"]) if row["id"] in changed else -1)
        return with_json(answered, body)
    return answered


defect(
    "reversed",
    ONCALL,
    "Postmortems are listed the other way round.",
    answer("postmortems.list", reorder(lambda found: found[::-1])),
)
defect("unstable", ONCALL, "Every other list of postmortems has its first two swapped.", unstable)
defect(
    "ties-newest-first",
    ONCALL,
    "Of one alert group the newest postmortem comes first.",
    answer("postmortems.list", reorder(newest_of_a_group_first)),
)
defect(
    "notes-reversed",
    ONCALL,
    "Of one alert group the newest note comes first.",
    answer("notes.list", reorder(newest_of_a_group_first)),
)
defect(
    "messages-by-text",
    ONCALL,
    "Messages are listed by their text.",
    answer("messages.list", reorder(lambda found: sorted(found, key=lambda row: row["text"]))),
)
defect(
    "by-creation",
    ONCALL,
    "Postmortems are listed in the order of their creation, whatever their group.",
    answer("postmortems.list", reorder(lambda found: sorted(found, key=lambda row: row["created_at"]))),
)
defect(
    "groups-oldest-first",
    ONCALL,
    "Alert groups are listed with the oldest first.",
    answer("groups.list", reorder(lambda found: found[::-1])),
)
defect(
    "inner-messages-reversed",
    ONCALL,
    "The messages in a postmortem come newest first.",
    answer("postmortems.get postmortems.list", each(lambda row: row["postmortem_messages"].reverse())),
)
defect("put-reorders", ONCALL, "A postmortem that was updated is listed last.", changed_go_last)
defect(
    "page-keys",
    ONCALL,
    "The members of the list of notes come in another order.",
    answer("notes.list", said(lambda body: dict(sorted(body.items())))),
)

SORT = "created_at_newest_first", "created_at_oldest_first"


def swapped(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    given = dict(pairs).get("sort_by", SORT[0])
    other = SORT[1] if given == SORT[0] else given
    return [*(pair for pair in pairs if pair[0] != "sort_by"), ("sort_by", other)]


defect(
    "documents-oldest-first",
    INCIDENT,
    "Documents are listed with the oldest first.",
    ask("documents.list", requery(swapped)),
)
defect(
    "documents-sort-ignored",
    INCIDENT,
    "sort_by makes no difference to documents.",
    ask("documents.list", without_query("sort_by")),
)
defect(
    "incidents-sort-ignored",
    INCIDENT,
    "sort_by makes no difference to incidents.",
    ask("incidents.list", without_query("sort_by")),
)
defect(
    "incidents-by-name",
    INCIDENT,
    "A page of incidents is ordered by name.",
    answer("incidents.list", reorder(lambda found: sorted(found, key=lambda row: row["name"]))),
)
defect(
    "follow-ups-newest-first",
    INCIDENT,
    "A page of follow-ups has the newest first.",
    answer("follow-ups.list", reorder(lambda found: found[::-1])),
)
defect(
    "updates-newest-first",
    INCIDENT,
    "A page of updates has the newest first.",
    answer("updates.list", reorder(lambda found: found[::-1])),
)
defect(
    "severities-by-name",
    INCIDENT,
    "Severities are listed by name.",
    answer("severities.list", reorder(lambda found: sorted(found, key=lambda row: row["name"]))),
)
