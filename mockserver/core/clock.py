"""Time, handed in: nothing else in the project asks the machine what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

SEEDED_START = datetime(2026, 1, 1, tzinfo=UTC)
SEEDED_STEP = timedelta(milliseconds=100)


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, in UTC, with microseconds."""

    def seconds(self) -> float:
        """The same, as a Unix timestamp."""

    def tick(self) -> None:
        """Called once for every request, before anything reads the time."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def seconds(self) -> float:
        return time.time()

    def tick(self) -> None:
        return None


class SteppingClock:
    """A clock that moves by one step a request and never otherwise, so that runs repeat to the byte."""

    def __init__(self, start: datetime = SEEDED_START, step: timedelta = SEEDED_STEP) -> None:
        self._now = start
        self._step = step

    def now(self) -> datetime:
        return self._now

    def seconds(self) -> float:
        return self._now.timestamp()

    def tick(self) -> None:
        self._now += self._step

    def move(self, by: timedelta) -> None:
        self._now += by
