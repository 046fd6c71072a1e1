"""Acts that keep less of a write than they answer, or more."""

from __future__ import annotations

from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    Json,
    bare,
    other,
    read,
    records,
    with_json,
)
from contract_tests.mutants.mutant import Act, Forward, Memory
from contract_tests.mutants.operations import matches


def keeps_nothing(where: str) -> Act:
    """The update is made and, as soon as it is answered, taken back."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if not matches(asked, where):
            return await forward(asked)
        before = await forward(other(asked, "GET", bare(asked)))
        answered = await forward(asked)
        if before.status == 200 and answered.status == 200:
            old = next(iter(records(read(before))))
            kept = {name: old[name] for name in ("text", "status", "title") if name in old}
            if "markdown" not in old:
                await forward(other(asked, "PUT", bare(asked), kept))
        return answered

    return act


def overlaid(where: str, made: Any, seen: str) -> Act:
    """A write leaves something behind that later reads of the record show: `made` names it from the answer."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        overlay: dict[str, Json] = memory.setdefault("overlay", {})
        body = read(answered) if answered.status in (200, 201) else None
        if body is None or not matches(asked, f"{where} {seen}"):
            return answered
        if matches(asked, where):
            for record in records(body):
                overlay[record["id"]] = made(record)
        for record in records(body):
            record.update(overlay.get(record["id"], {}))
        return with_json(answered, body)

    return act
