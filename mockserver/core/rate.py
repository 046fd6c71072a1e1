"""The two ways in which the vendors count requests. Both read the time they are handed, so that a moved or stepping
clock moves them too."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass


class SlidingLog:
    """At most `limit` requests in any `window` seconds; a refused request is not counted."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit = limit
        self._window = window
        self._taken: dict[str, deque[float]] = {}

    def take(self, key: str, now: float) -> float:
        """0 if the request may pass, else the seconds until the oldest counted one expires."""
        taken = self._taken.setdefault(key, deque())
        while taken and taken[0] <= now - self._window:
            taken.popleft()
        if len(taken) >= self.limit:
            return self._window - (now - taken[0]) if taken else self._window
        taken.append(now)
        return 0.0


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
