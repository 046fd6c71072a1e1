"""Filters that find too much, too little, or something else: incident.io."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    ask,
    bare,
    other,
    read,
    requery,
    retarget,
    rows,
    with_json,
    without_query,
)
from contract_tests.mutants.mutant import INCIDENT, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches
from contract_tests.mutants.queries import rename, revalue

MUTANTS = defect = Chapter("filters")


async def any_is_all(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "incidents.list"):
        asked = without_query("filter_mode")(asked)
    return await forward(asked)


async def reference_is_an_id(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """incident_id is looked up as Show does, by number as well."""
    wanted = dict(asked.query).get("incident_id", "")
    if matches(asked, "documents.list") and wanted.isdecimal():
        shown = read(await forward(other(asked, "GET", f"/v2/incidents/{wanted}")))
        if isinstance(shown, dict) and "incident" in shown:
            asked = revalue("incident_id", lambda _: shown["incident"]["id"])(asked)
    return await forward(asked)


async def bound_is_left_out(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """severity[gte] lists what is above the bound, without those at it."""
    answered = await forward(asked)
    bound = dict(asked.query).get("severity[gte]")
    body = read(answered) if matches(asked, "incidents.list") and bound and answered.status == 200 else None
    if body is None:
        return answered
    found = rows(body)
    found[:] = [row for row in found if row.get("severity", {}).get("id") != bound]
    return with_json(answered, body)


async def hidden_are_listed(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Declined, canceled and merged incidents come without being asked for."""
    if matches(asked, "incidents.list") and not any("status_category" in name for name, _ in asked.query):
        categories = ("triage", "declined", "merged", "canceled", "live", "learning", "closed", "paused")
        query = [*asked.query, *(("status_category[one_of]", category) for category in categories)]
        asked = retarget(asked, query, bare(asked))
    return await forward(asked)


async def drills_are_listed(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Incidents of mode test and tutorial come without being asked for."""
    if matches(asked, "incidents.list") and not any(name.startswith("mode") for name, _ in asked.query):
        modes = (("mode[one_of]", mode) for mode in ("standard", "retrospective", "test", "tutorial"))
        asked = retarget(asked, [*asked.query, *modes], bare(asked))
    return await forward(asked)


async def inactive_are_listed(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "people.list"):
        asked = replace(without_query("include_inactive")(asked))
        joined = "&" if "?" in asked.target else "?"
        asked = replace(asked, target=f"{asked.target}{joined}{urlencode({'include_inactive': 'true'})}")
    return await forward(asked)


FOLLOW_UPS = "follow-ups.list"


defect(
    "documents-filter-ignored",
    INCIDENT,
    "incident_id does not filter documents.",
    ask("documents.list", without_query("incident_id")),
)


defect(
    "documents-filter-number",
    INCIDENT,
    "Documents are found by the number of their incident.",
    reference_is_an_id,
)


defect(
    "updates-filter-ignored",
    INCIDENT,
    "incident_id does not filter updates.",
    ask("updates.list", without_query("incident_id")),
)


defect(
    "follow-ups-filter-ignored",
    INCIDENT,
    "incident_id does not filter follow-ups.",
    ask(FOLLOW_UPS, without_query("incident_id")),
)


defect(
    "follow-ups-team-ignored",
    INCIDENT,
    "assignee_team_id does not filter follow-ups.",
    ask(FOLLOW_UPS, without_query("assignee_team_id")),
)


defect(
    "follow-ups-updated-as-created",
    INCIDENT,
    "Filters on updated_at look at created_at.",
    ask(
        FOLLOW_UPS,
        rename(
            updated_at__gte="created_at__gte",
            updated_at__lte="created_at__lte",
            updated_at__date_range="created_at__date_range",
        ),
    ),
)


defect(
    "follow-ups-mode-ignored",
    INCIDENT,
    "incident_mode does not choose follow-ups.",
    ask(FOLLOW_UPS, without_query("incident_mode")),
)


defect(
    "not-in-as-one-of",
    INCIDENT,
    "not_in on severity works like one_of.",
    ask("incidents.list", rename(severity__not_in="severity__one_of")),
)


defect(
    "status-filter-ignored",
    INCIDENT,
    "status[one_of] does not filter incidents.",
    ask("incidents.list", without_query("status[one_of]")),
)


defect("severity-bound-out", INCIDENT, "severity[gte] leaves the bound out.", bound_is_left_out)


defect(
    "severity-swapped",
    INCIDENT,
    "gte and lte on severity are swapped.",
    ask("incidents.list", rename(severity__gte="severity__lte", severity__lte="severity__gte")),
)


defect(
    "created-ignored",
    INCIDENT,
    "created_at[lte] does not filter incidents.",
    ask("incidents.list", without_query("created_at[lte]")),
)


defect("mode-any-as-all", INCIDENT, "filter_mode any works like all.", any_is_all)


defect(
    "hidden-listed",
    INCIDENT,
    "Declined, canceled and merged incidents are listed by default.",
    hidden_are_listed,
)


defect("drills-listed", INCIDENT, "Incidents of mode test are listed by default.", drills_are_listed)


defect(
    "type-ignored",
    INCIDENT,
    "incident_type[one_of] does not filter incidents.",
    ask("incidents.list", without_query("incident_type[one_of]")),
)


defect(
    "is-blank-swapped",
    INCIDENT,
    "is_blank of a role has its two cases swapped.",
    ask(
        "incidents.list",
        requery(
            lambda pairs: [
                (name, {"true": "false", "false": "true"}.get(value, value))
                if name.startswith("incident_role[") and name.endswith("[is_blank]")
                else (name, value)
                for name, value in pairs
            ]
        ),
    ),
)


defect("inactive-listed", INCIDENT, "Inactive users are listed without being asked for.", inactive_are_listed)


defect("email-ignored", INCIDENT, "email does not filter users.", ask("people.list", without_query("email")))
