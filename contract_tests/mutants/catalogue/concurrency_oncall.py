"""What goes wrong only while somebody else is at it: Grafana OnCall."""

from __future__ import annotations

import asyncio

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import other, read, records, with_json
from contract_tests.mutants.mutant import ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of
from contract_tests.mutants.races import (
    MOMENT,
    NOTE,
    POSTMORTEM,
    RACE,
    answers_are_swapped,
    busy,
    id_is_used_twice,
    page_is_torn,
    under_way,
    update_is_lost,
)

MUTANTS = defect = Chapter("concurrency")


def text_is_torn(where: str, name: str) -> Act:
    """A record that is read while it is updated is half the old one and half the new."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        operation = operation_of(asked)
        if operation is None or not matches(asked, where):
            return await forward(asked)
        writing: dict[str, str] = memory.setdefault("writing", {})
        sent = read(asked) if asked.method == "PUT" else None
        if isinstance(sent, dict) and isinstance(sent.get(name), str):
            writing[operation.id] = sent[name]
            async with under_way(memory, "updates"):
                pass
            try:
                return await forward(asked)
            finally:
                writing.pop(operation.id, None)
        answered = await forward(asked)
        new = writing.get(operation.id)
        if new is not None and asked.method == "GET" and answered.status == 200:
            body = read(answered)
            for record in records(body):
                old = record[name]
                record[name] = new[: len(new) // 2] + old[len(old) // 2 :]
            return with_json(answered, body)
        return answered

    return act


def create_is_lost(where: str, undo: str) -> Act:
    """A create that comes while another one is under way is answered and nowhere to be found."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if not matches(asked, where):
            return await forward(asked)
        async with under_way(memory, "creates") as others:
            answered = await forward(asked)
            if others and answered.status == 201:
                await forward(other(asked, "DELETE", undo.format(next(records(read(answered)))["id"])))
            return answered

    return act


def deletes_all_answer(where: str) -> Act:
    """Of several who delete the same at once, all are told that they did."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        operation = operation_of(asked)
        if operation is None or not matches(asked, where):
            return await forward(asked)
        done: dict[str, tuple[Answered, float]] = memory.setdefault("done", {})
        now = asyncio.get_running_loop().time()
        answered = await forward(asked)
        if answered.status == 204:
            done[operation.id] = (answered, now)
        elif answered.status == 404 and operation.id in done and now - done[operation.id][1] < 10 * MOMENT:
            return done[operation.id][0]
        return answered

    return act


defect(
    "lost-update",
    ONCALL,
    "Of two updates at once one is lost.",
    update_is_lost("postmortems.put"),
    hidden=RACE,
)


defect(
    "note-lost-update",
    ONCALL,
    "Of two updates of notes at once one is lost.",
    update_is_lost("notes.put"),
    hidden=RACE,
)


defect(
    "id-twice",
    ONCALL,
    "Postmortems that are created at once get the same id.",
    id_is_used_twice("postmortems.create", POSTMORTEM),
    hidden=RACE,
)


defect(
    "lost-create",
    ONCALL,
    "Of two notes created at once one is lost.",
    create_is_lost("notes.create", NOTE),
    hidden=RACE,
)


defect(
    "torn-page",
    ONCALL,
    "A list that is read during a write lacks a row or has it twice.",
    page_is_torn("postmortems.create postmortems.delete postmortems.put", "postmortems.list"),
    hidden=RACE,
)


defect(
    "torn-text",
    ONCALL,
    "A text that is read while it is updated is half old and half new.",
    text_is_torn("postmortems.get postmortems.put", "text"),
    hidden=RACE,
)


defect(
    "busy-503",
    ONCALL,
    "More than two writes at once are turned away.",
    busy("postmortems.create notes.create", 503, 2),
    hidden=RACE,
)


defect(
    "swapped-answers",
    ONCALL,
    "Of two who read at once, one gets the other's answer.",
    answers_are_swapped("postmortems.get notes.get"),
    hidden=RACE,
)


defect(
    "all-deleted-it",
    ONCALL,
    "Of several who delete the same postmortem at once, all are told 204.",
    deletes_all_answer("postmortems.delete"),
    hidden=RACE,
)
