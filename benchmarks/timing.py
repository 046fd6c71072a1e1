"""CPU of work in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

MEGA = 1e6
Repeated = Callable[[int], object]


def times(work: Callable[[], object]) -> Repeated:
    """A work that can be done a number of times."""

    def repeated(number: int) -> None:
        for _ in range(number):
            work()

    return repeated


def cost(work: Repeated, number: int) -> float:
    """Microseconds of CPU for each time."""
    began = time.process_time()
    work(number)
    return (time.process_time() - began) / number * MEGA


def batch_of(work: Repeated, seconds: float) -> int:
    """How often the work is done in about so many seconds."""
    number = 1
    while True:
        took = cost(work, number) * number / MEGA
        if took >= seconds / 4:
            return max(1, round(number * seconds / took))
        number *= 4


def interleave(
    works: Mapping[tuple[str, str], Repeated],
    rounds: int,
    seconds: float,
    keep: Callable[[str, str, float], None],
) -> None:
    """Every work once a round; `keep` is told row, column and microseconds."""
    batches = {key: batch_of(work, seconds) for key, work in works.items()}
    for _ in range(rounds):
        for (row, column), work in works.items():
            keep(row, column, cost(work, batches[row, column]))
