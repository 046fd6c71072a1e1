"""For laws on a deployment that other people use at the same time: what they write is no breach of anything."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import httpx
import pytest

TRIES = 10

Law = Callable[..., None]
# What others have, told from a law's arguments by name; None where nobody else can be there.
Look = Callable[[dict[str, Any]], object | None]


def while_nobody_else_writes(look: Look) -> Callable[[Law], Law]:
    """A law that does not hold is tried again if what others have has changed meanwhile.

    For laws that compare whole lists. One that holds is not tried twice, nor is one on a mock of our own.
    """

    def decorate(law: Law) -> Law:
        @functools.wraps(law)
        def judged(**arguments: Any) -> None:
            for _ in range(TRIES):
                before = look(arguments)
                try:
                    law(**arguments)
                except (AssertionError, pytest.fail.Exception):
                    if before is None or look(arguments) == before:
                        raise
                else:
                    return
            pytest.skip("inconclusive: others kept changing what the law looks at")

        return judged

    return decorate


def alike(one: Any, other: Any, *, strict: bool) -> bool:
    """Equal; on a deployment, where either may have more at any depth, in the members that both have."""
    if strict:
        return bool(one == other)
    if isinstance(one, dict) and isinstance(other, dict):
        return all(alike(one[name], other[name], strict=strict) for name in one.keys() & other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(partial(alike, strict=strict), one, other))
    return bool(one == other)


def age(told: str, answer: httpx.Response) -> float:
    """How many seconds before the answer a time was, by the clock of who answered, if it has told it."""
    date = answer.headers.get("Date")
    now = parsedate_to_datetime(date) if date else datetime.now(UTC)
    return (now - datetime.fromisoformat(told)).total_seconds()


def moment(record: dict[str, Any], field: str = "created_at") -> datetime:
    """A time to be compared with others: written out, 22.72Z would come after 22.721Z."""
    return datetime.fromisoformat(record[field])
