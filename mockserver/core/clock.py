"""Time, handed in: nothing else in the project asks the machine what time it is.

A sandbox's clock can be stopped, moved, and made to step with every request. Whoever waits for a time watches it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

SEEDED_START = datetime(2026, 1, 1, tzinfo=UTC)
SEEDED_STEP = timedelta(milliseconds=100)
# Where a clock can be set: ids count from the first, and what the vendors reckon from the last is still a date.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
LONGEST_STEP = timedelta(days=36_500)
NOTHING = timedelta()


class Clock(Protocol):
    """What a vendor's model knows of time."""

    def now(self) -> datetime:
        """The time, in UTC, with microseconds."""

    def seconds(self) -> float:
        """The same, as a Unix timestamp."""

    def tick(self) -> None:
        """Called once for every request, before anything reads the time."""


class OutOfRange(ValueError):
    """A time before EARLIEST or after LATEST, or a step back or beyond LONGEST_STEP."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """`frozen_at` is None for a clock that runs, `offset` then what it is ahead of the machine's; `step` is what every
    request moves it by."""

    frozen_at: datetime | None = None
    offset: timedelta = NOTHING
    step: timedelta = NOTHING


class SandboxClock:
    """The machine's clock, until somebody touches it. Moving it back is allowed; who counts on time rising sees to it
    (`core.ids`, `core.rate`).

    `watchers` are called whenever it is set, moved, stopped or started, and at a request that moves it.
    """

    __slots__ = ("_frozen_at", "_offset", "step", "watchers")

    def __init__(self, state: ClockState | None = None) -> None:
        state = state or ClockState()
        self.watchers: set[Callable[[], None]] = set()
        self._frozen_at: datetime | None = state.frozen_at
        self._offset = state.offset
        # What every request moves it by.
        self.step = state.step

    def now(self) -> datetime:
        if self._frozen_at is not None:
            return self._frozen_at
        if self._offset:
            return datetime.now(UTC) + self._offset
        return datetime.now(UTC)

    def seconds(self) -> float:
        if self._frozen_at is not None:
            return self._frozen_at.timestamp()
        if self._offset:
            return time.time() + self._offset.total_seconds()
        return time.time()

    def tick(self) -> None:
        if self.step:
            self._shift(self.step)

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    @property
    def offset(self) -> timedelta:
        """What it is ahead of the machine's."""
        return self._offset if self._frozen_at is None else self._frozen_at - datetime.now(UTC)

    def set(self, to: datetime) -> None:
        """Stopped or running, as it was. Raises OutOfRange."""
        _hold(to)
        if self._frozen_at is not None:
            self._frozen_at = to
        else:
            self._offset = to - datetime.now(UTC)
        self._tell()

    def move(self, by: timedelta) -> None:
        """Raises OutOfRange."""
        to = _sum(self.now(), by)
        _hold(to)
        if self._frozen_at is not None:
            self._frozen_at = to
        else:
            self._offset += by
        self._tell()

    def freeze(self, at: datetime | None = None) -> None:
        """Now, unless it is said when. Raises OutOfRange."""
        at = self.now() if at is None else at
        _hold(at)
        self._frozen_at = at
        self._tell()

    def run(self) -> None:
        """From the time that it shows."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - datetime.now(UTC)
            self._frozen_at = None
        self._tell()

    def step_by(self, step: timedelta) -> None:
        """What every request moves it by from now on; NOTHING lets it be. Raises OutOfRange."""
        if not NOTHING <= step <= LONGEST_STEP:
            raise OutOfRange(f"a request moves a clock by nothing up to {LONGEST_STEP.days} days")
        self.step = step

    def snapshot(self) -> ClockState:
        return ClockState(self._frozen_at, self._offset, self.step)

    def restore(self, state: ClockState) -> None:
        """A clock that ran goes on running as far ahead of the machine's as it was."""
        self._frozen_at, self._offset, self.step = state.frozen_at, state.offset, state.step
        self._tell()

    def _shift(self, step: timedelta) -> None:
        """One request's step; at the end of time a clock stands still."""
        if self._frozen_at is None:
            machine = datetime.now(UTC)
            self._offset = min(machine + self._offset + step, LATEST) - machine
        else:
            self._frozen_at = min(self._frozen_at + step, LATEST)
        if self.watchers:
            self._tell()

    def _tell(self) -> None:
        for watcher in tuple(self.watchers):
            watcher()


def seeded_clock() -> SandboxClock:
    """Stands still but for a step with every request, so that runs repeat to the byte."""
    return SandboxClock(ClockState(frozen_at=SEEDED_START, step=SEEDED_STEP))


def machine_time() -> datetime:
    """For what leaves the sandbox and is held against somebody else's clock."""
    return datetime.now(UTC)


def _hold(at: datetime) -> None:
    if not EARLIEST <= at <= LATEST:
        raise OutOfRange(f"a clock shows times from {EARLIEST.year} to {LATEST.year}")


def _sum(at: datetime, by: timedelta) -> datetime:
    try:
        return at + by
    except OverflowError:
        raise OutOfRange(f"a clock shows times from {EARLIEST.year} to {LATEST.year}") from None
