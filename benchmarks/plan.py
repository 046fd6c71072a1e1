"""How much of everything a run does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """`settle` is the number of requests of each kind before memory is read, the same for all; `warm` the seconds of
    each kind after that, for what compiles while it runs."""

    rounds: int
    burst: float
    settle: int
    warm: float
    starts: int
    inner_rounds: int
    batch: float
    many_records: int
    many_sandboxes: int


FULL = Plan(
    rounds=6,
    burst=0.3,
    settle=1000,
    warm=1.5,
    starts=5,
    inner_rounds=15,
    batch=0.1,
    many_records=100_000,
    many_sandboxes=1000,
)
QUICK = Plan(
    rounds=2,
    burst=0.15,
    settle=200,
    warm=0.3,
    starts=1,
    inner_rounds=3,
    batch=0.02,
    many_records=5_000,
    many_sandboxes=200,
)
