"""Acts that go wrong only while another request is under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import bare, other, read, records, rows, with_json
from contract_tests.mutants.mutant import Act, Forward, Memory
from contract_tests.mutants.operations import matches

RACE = "only requests at the same time show it"


MOMENT = 0.01  # seconds for which a request is under way, so that others meet it


@asynccontextmanager
async def under_way(memory: Memory, what: str) -> AsyncIterator[int]:
    """How many others there are."""
    others = memory.get(what, 0)
    memory[what] = others + 1
    try:
        await asyncio.sleep(MOMENT)
        yield others
    finally:
        memory[what] -= 1


def update_is_lost(where: str) -> Act:
    """An update that comes while another one of anything is under way is answered and not kept."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if not matches(asked, where):
            return await forward(asked)
        async with under_way(memory, "updates") as others:
            before = await forward(other(asked, "GET", bare(asked))) if others else None
            answered = await forward(asked)
            if before is not None and before.status == answered.status == 200:
                old = next(records(read(before)))
                kept = {name: old[name] for name in ("text", "status", "title") if name in old}
                await forward(other(asked, "PUT", bare(asked), kept))
            return answered

    return act


def id_is_used_twice(where: str, undo: str = "") -> Act:
    """A create that comes while another one is under way is answered with the other one's id, and not kept."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if not matches(asked, where):
            return await forward(asked)
        async with under_way(memory, "creates") as others:
            answered = await forward(asked)
            if answered.status not in (200, 201):
                return answered
            mine: str = next(records(read(answered)))["id"]
            theirs: str = memory.get("last created", mine)
            memory["last created"] = mine
            if not others or theirs == mine:
                return answered
            if undo:
                await forward(other(asked, "DELETE", undo.format(mine)))
            headers = tuple((name, value.replace(mine, theirs)) for name, value in answered.headers)
            return replace(
                answered, headers=headers, body=answered.body.replace(mine.encode(), theirs.encode())
            )

    return act


def page_is_torn(writes: str, lists: str) -> Act:
    """A list that is read while something is written lacks its first row, or has it twice."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if matches(asked, writes):
            async with under_way(memory, "writes"):
                return await forward(asked)
        if not matches(asked, lists):
            return await forward(asked)
        torn = memory.get("writes", 0) > 0
        answered = await forward(asked)
        if torn and answered.status == 200:
            body = read(answered)
            found = rows(body)
            memory["torn"] = not memory.get("torn")
            found[:] = found[1:] if memory["torn"] else [*found[:1], *found]
            return with_json(answered, body)
        return answered

    return act


def busy(where: str, status: int, limit: int) -> Act:
    """More than a few at a time are turned away."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if not matches(asked, where):
            return await forward(asked)
        async with under_way(memory, "busy") as others:
            if others >= limit:
                return Answered(status, (("Content-Type", "application/json"),), b'{"detail":"Try again."}')
            return await forward(asked)

    return act


def answers_are_swapped(where: str) -> Act:
    """Of two who read at the same time, one gets the other's answer."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if not matches(asked, where):
            return await forward(asked)
        async with under_way(memory, "reads") as others:
            answered = await forward(asked)
            before = memory.get("read")
            memory["read"] = answered
            return before if others and isinstance(before, Answered) and before.status == 200 else answered

    return act


POSTMORTEM, NOTE, FOLLOW_UP = "/api/v1/postmortems/{}/", "/api/v1/resolution_notes/{}/", "/v3/follow_ups/{}"
