"""Filters that find too much, too little, or something else: Grafana OnCall."""

from __future__ import annotations

from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    ask,
    read,
    requery,
    rows,
    with_json,
    without_query,
)
from contract_tests.mutants.mutant import ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches
from contract_tests.mutants.queries import rename, revalue

MUTANTS = defect = Chapter("filters")


Pairs = list[tuple[str, str]]


def inverted(where: str, name: str, member: str) -> Act:
    """The list holds everything but what was asked for."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        wanted = dict(asked.query).get(name)
        if not matches(asked, where) or not wanted:
            return await forward(asked)
        answered = await forward(without_query(name)(asked))
        body = read(answered)
        found = rows(body)
        found[:] = [row for row in found if row[member] != wanted]
        if "count" in body:
            body["count"] = len(found)
        return with_json(answered, body)

    return act


def first_counts(name: str) -> Any:
    def change(pairs: Pairs) -> Pairs:
        first = next((value for key, value in pairs if key == name), "")
        return [(key, first if key == name else value) for key, value in pairs]

    return requery(change)


async def lower_case_is_found(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "postmortems.list"):
        asked = revalue("alert_group_id", str.upper)(asked)
    return await forward(asked)


async def prefix_is_found(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """What the caller has seen of alert groups is how a beginning is completed."""
    known: set[str] = memory.setdefault("groups", set())
    if matches(asked, "postmortems.list"):
        wanted = dict(asked.query).get("alert_group_id", "")
        whole = sorted(id_ for id_ in known if wanted and id_.startswith(wanted))
        if whole and wanted not in known:
            asked = revalue("alert_group_id", lambda _: whole[0])(asked)
    answered = await forward(asked)
    if answered.status == 200 and matches(asked, "postmortems.list"):
        known.update(row["alert_group_id"] for row in rows(read(answered)))
    return answered


async def empty_finds_nothing(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "postmortems.list notes.list"):
        asked = revalue("alert_group_id", lambda value: value or "INOTHERE11111")(asked)
    return await forward(asked)


POSTMORTEMS, GROUP = "postmortems.list", "alert_group_id"


defect(
    "filter-ignored",
    ONCALL,
    "alert_group_id does not filter postmortems.",
    ask(POSTMORTEMS, without_query(GROUP)),
)


defect(
    "filter-inverted",
    ONCALL,
    "alert_group_id lists the postmortems of all other groups.",
    inverted(POSTMORTEMS, GROUP, GROUP),
)


defect("filter-prefix", ONCALL, "The beginning of an alert_group_id is enough.", prefix_is_found)


defect("filter-any-case", ONCALL, "alert_group_id is found in lower case, too.", lower_case_is_found)


defect(
    "filter-first-counts",
    ONCALL,
    "Of several alert_group_id the first counts.",
    ask(POSTMORTEMS, first_counts(GROUP)),
)


defect("filter-empty", ONCALL, "An empty alert_group_id finds nothing.", empty_finds_nothing)


defect(
    "note-filter-ignored",
    ONCALL,
    "alert_group_id does not filter notes.",
    ask("notes.list", without_query(GROUP)),
)


defect(
    "message-filter-ignored",
    ONCALL,
    "alert_group_id does not filter messages.",
    ask("messages.list", without_query(GROUP)),
)


defect(
    "detail-filter-ignored",
    ONCALL,
    "Get of a postmortem pays no heed to alert_group_id.",
    ask("postmortems.get", without_query(GROUP)),
)


defect(
    "delete-filter-ignored",
    ONCALL,
    "DELETE of a note pays no heed to alert_group_id.",
    ask("notes.delete", without_query(GROUP)),
)


defect(
    "state-ignored", ONCALL, "state does not filter alert groups.", ask("groups.list", without_query("state"))
)


defect(
    "state-silenced-new",
    ONCALL,
    "Asked for silenced alert groups, the new ones are listed.",
    ask("groups.list", revalue("state", lambda value: "new" if value == "silenced" else value)),
)


defect(
    "state-firing",
    ONCALL,
    "The state firing is taken for new.",
    ask("groups.list", revalue("state", lambda value: "new" if value == "firing" else value)),
)


defect(
    "team-null-ignored",
    ONCALL,
    "team_id=null lists the alert groups of all teams.",
    ask("groups.list", requery(lambda pairs: [p for p in pairs if p != ("team_id", "null")])),
)


defect(
    "team-unknown-empty",
    ONCALL,
    "An unknown team lists no alert groups, with 200.",
    ask(
        "groups.list",
        requery(
            lambda pairs: [
                ("id", "INOTHERE11111")
                if name == "team_id" and value not in ("", "null") and not value.startswith(("TDATA", "TNET"))
                else (name, value)
                for name, value in pairs
            ]
        ),
    ),
)


defect(
    "integration-ignored",
    ONCALL,
    "integration_id does not filter alert groups.",
    ask("groups.list", without_query("integration_id")),
)


defect(
    "route-as-integration",
    ONCALL,
    "route_id looks for integrations.",
    ask("groups.list", rename(route_id="integration_id")),
)


defect(
    "label-first-only",
    ONCALL,
    "Of several labels the last one is enough.",
    ask(
        "groups.list",
        requery(
            lambda pairs: list(
                {
                    name if name == "label" else (name, number): (name, value)
                    for number, (name, value) in enumerate(pairs)
                }.values()
            )
        ),
    ),
)


defect(
    "started-at-ignored",
    ONCALL,
    "started_at does not filter alert groups.",
    ask("groups.list", without_query("started_at")),
)


defect(
    "filters-only-one",
    ONCALL,
    "Of several filters of alert groups one counts.",
    ask(
        "groups.list",
        requery(
            lambda pairs: [
                p
                for p in pairs
                if p[0] != "integration_id"
                or not any(q[0] in ("state", "team_id", "route_id") for q in pairs)
            ]
        ),
    ),
)


defect(
    "username-ignored",
    ONCALL,
    "username does not filter users.",
    ask("users.list", without_query("username")),
)
