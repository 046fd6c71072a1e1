"""The two ways in which the vendors count requests. Both read the time they are handed, so that a moved or stepping
clock moves them too. A clock that goes back gives nothing and takes nothing: what was counted later counts as of now.

What was counted is kept and restored as plain values, by what is limited; where that is everything together, it is ALL.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ALL = "all"
Counted = Mapping[str, Sequence[float]]


class SlidingLog:
    """At most `limit` requests in any `window` seconds; a refused request is not counted."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit = limit
        self._window = window
        self._taken: dict[str, deque[float]] = {}

    def take(self, key: str, now: float) -> float:
        """0 if the request may pass, else the seconds until the oldest counted one expires."""
        taken = self._taken.setdefault(key, deque())
        if taken and taken[-1] > now:
            taken = self._taken[key] = deque(min(at, now) for at in taken)
        while taken and taken[0] <= now - self._window:
            taken.popleft()
        if len(taken) >= self.limit:
            return self._window - (now - taken[0]) if taken else self._window
        taken.append(now)
        return 0.0

    def snapshot(self) -> Mapping[str, Counted]:
        """The times that count, by key."""
        return {ALL: {key: tuple(taken) for key, taken in self._taken.items() if taken}}

    def restore(self, state: Mapping[str, Counted]) -> None:
        self._taken = {key: deque(taken) for key, taken in state.get(ALL, {}).items()}


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a bucket after a request.

    `wait` is 0 if the request passed, else the seconds until one would; `full_at` the Unix time at which the whole
    allowance is back.
    """

    limit: int
    remaining: int
    full_at: int
    wait: float

    @property
    def used(self) -> int:
        return self.limit - self.remaining


class TokenBucket:
    """A bucket of `capacity` requests that refills continuously, whole within `window` seconds."""

    def __init__(self, capacity: int, window: float) -> None:
        self.capacity = capacity
        self.window = window
        self._rate = capacity / window
        self._level: dict[str, tuple[float, float]] = {}

    def take(self, key: str, now: float) -> Allowance:
        tokens, since = self._level.get(key, (float(self.capacity), now))
        tokens = min(float(self.capacity), tokens + max(0.0, now - since) * self._rate)
        wait = 0.0
        if tokens >= 1:
            tokens -= 1
        else:
            wait = (1 - tokens) / self._rate
        self._level[key] = (tokens, now)
        return Allowance(
            limit=self.capacity,
            remaining=math.floor(tokens),
            full_at=math.ceil(now + (self.capacity - tokens) / self._rate),
            wait=wait,
        )

    def snapshot(self) -> Counted:
        """What is left and since when, by key."""
        return dict(self._level)

    def restore(self, state: Counted) -> None:
        self._level = {key: (tokens, since) for key, (tokens, since) in state.items()}
