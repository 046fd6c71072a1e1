"""Acts on what one address of Grafana OnCall shows of a change that was made at another."""

from __future__ import annotations

from urllib.parse import quote

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import bare, other, read, records, with_json
from contract_tests.mutants.mutant import Act, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of


def beside(asked: Asked, path: str) -> str:
    """Another address of the same API, in the same world of a mock."""
    return f"{bare(asked).partition('/api/v1/')[0]}/api/v1/{path}"


def keeps_showing(member: str, *, after: str, until: str, seen: str, at: str) -> Act:
    """What some requests change is shown by others as it was, until it is changed in another way."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        frozen: dict[str, str] = memory.setdefault("frozen", {})
        operation = operation_of(asked)
        if operation is None or not matches(asked, f"{after} {until} {seen}"):
            return await forward(asked)
        shown = other(asked, "GET", beside(asked, f"{at}/{quote(operation.id, errors='surrogateescape')}/"))
        before = await forward(shown) if matches(asked, after) else None
        answered = await forward(asked)
        if answered.status != 200:
            return answered
        if before is not None and before.status == 200 and (old := read(before)[member]):
            frozen.setdefault(operation.id, old)
        if matches(asked, until):
            frozen.pop(operation.id, None)
        body = read(answered) if matches(asked, seen) else None
        for record in records(body):
            record[member] = frozen.get(record["id"], record[member])
        return answered if body is None else with_json(answered, body)

    return act
