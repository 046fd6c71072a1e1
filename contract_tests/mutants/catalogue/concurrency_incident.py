"""What goes wrong only while somebody else is at it: incident.io."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import other, read, with_json
from contract_tests.mutants.mutant import INCIDENT, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches
from contract_tests.mutants.races import (
    FOLLOW_UP,
    RACE,
    answers_are_swapped,
    busy,
    id_is_used_twice,
    page_is_torn,
    under_way,
    update_is_lost,
)

MUTANTS = defect = Chapter("concurrency")


async def same_key_at_once(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Of creates with one idempotency_key at the same time, each opens an incident of its own."""
    if not matches(asked, "incidents.create"):
        return await forward(asked)
    async with under_way(memory, "creates") as others:
        body = read(asked)
        if others and isinstance(body, dict) and isinstance(body.get("idempotency_key"), str):
            memory["keys"] = memory.get("keys", 0) + 1
            body["idempotency_key"] += f"-{memory['keys']}"
            headers = asked.headers
            asked = replace(other(asked, "POST", asked.target, body), headers=headers)
        return await forward(asked)


async def references_at_once(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Incidents that are opened at the same time get the same reference."""
    if not matches(asked, "incidents.create"):
        return await forward(asked)
    async with under_way(memory, "creates") as others:
        answered = await forward(asked)
        if answered.status != 200:
            return answered
        body = read(answered)
        last = memory.get("reference")
        memory["reference"] = body["incident"]["reference"]
        if others and last:
            body["incident"]["reference"] = last
            return with_json(answered, body)
        return answered


defect(
    "id-twice",
    INCIDENT,
    "Documents that are imported at once get the same id.",
    id_is_used_twice("documents.import"),
    hidden=RACE,
)


defect(
    "follow-up-id-twice",
    INCIDENT,
    "Follow-ups that are created at once get the same id.",
    id_is_used_twice("follow-ups.create", FOLLOW_UP),
    hidden=RACE,
)


defect(
    "lost-update",
    INCIDENT,
    "Of two updates of follow-ups at once one is lost.",
    update_is_lost("follow-ups.put"),
    hidden=RACE,
)


defect(
    "lost-status",
    INCIDENT,
    "Of two documents given a status at once one keeps the old.",
    update_is_lost("documents.put"),
    hidden=RACE,
)


defect(
    "torn-page",
    INCIDENT,
    "A list of documents that is read during an import lacks a row or has it twice.",
    page_is_torn("documents.import documents.put", "documents.list"),
    hidden=RACE,
)


defect(
    "key-at-once",
    INCIDENT,
    "Creates with one idempotency_key at once open several incidents.",
    same_key_at_once,
    hidden=RACE,
)


defect(
    "reference-at-once",
    INCIDENT,
    "Incidents that are opened at once get the same reference.",
    references_at_once,
    hidden=RACE,
)


defect(
    "swapped-answers",
    INCIDENT,
    "Of two who read documents at once, one gets the other's answer.",
    answers_are_swapped("documents.get documents.content"),
    hidden=RACE,
)


defect(
    "busy-429",
    INCIDENT,
    "More than two imports at once are turned away.",
    busy("documents.import", 503, 2),
    hidden=RACE,
)
