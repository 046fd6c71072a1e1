"""What a run adds up to, verdict by verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from contract_tests.exchange import Exchange
from contract_tests.verdicts import written
from contract_tests.verdicts.operations import Operations
from contract_tests.verdicts.verdict import FAILURES, INCONCLUSIVE, Covered, Verdict

_HELD_BACK = ("refused: ", "outside-scope: ", "budget: ")
Cells = list[list[Any]]


class Tally:
    """`broken` and the like change while the run goes on."""

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []
        self.news: dict[str, None] = {}
        self.requests = 0
        self._covered: Counter[tuple[str, str, str, str, int]] = Counter()

    def add(self, verdict: Verdict, cells: Iterable[Sequence[Any]] = (), news: Iterable[str] = ()) -> None:
        """`cells` are those of `cells()`."""
        self.verdicts.append(verdict)
        self.requests += verdict.requests
        self.news.update(dict.fromkeys(news))
        for provider, method, path, status, count in cells:
            self._covered[provider, method, path, verdict.kind, status] += count

    def count(self, outcome: str) -> int:
        return sum(verdict.outcome == outcome for verdict in self.verdicts)

    @property
    def coverage(self) -> tuple[Covered, ...]:
        return tuple(Covered(*key, count) for key, count in sorted(self._covered.items()))


def cells(exchanges: Iterable[Exchange], operations: Operations) -> Cells:
    """How often which operation answered what. What no document declares is the provider's, without a path; what
    never left is nobody's.
    """
    found: Counter[tuple[str, str, str, int]] = Counter()
    for exchange in exchanges:
        if not has_left(exchange):
            continue
        operation = operations.of(exchange)
        status = exchange.answered.status if exchange.answered else 0
        if operation is not None:
            found[operation.provider, operation.method, operation.path, status] += 1
        else:
            found[operations.provider(exchange), "", "", status] += 1
    return [[*key, count] for key, count in found.items()]


def has_left(exchange: Exchange) -> bool:
    """Whether the guard let it out: of what it held back, it notes so."""
    return exchange.answered is not None or not any(
        note.startswith(_HELD_BACK) for note in exchange.note.split("; ")
    )


def to_tell(verdict: Verdict, covered: Cells, news: Sequence[str]) -> dict[str, Any]:
    """Plain data, fit to travel from a worker of xdist: with no letter in it that cannot be encoded."""
    told = written.of_verdict(verdict)
    return {"verdict": _sound(told), "cells": covered, "news": [_sound(one) for one in news]}


def _sound(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_sound(name): _sound(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_sound(item) for item in value]
    return value


def needs_evidence(outcome: str) -> bool:
    return outcome in (*FAILURES, INCONCLUSIVE)
