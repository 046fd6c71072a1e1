"""How many requests a run may send, for how long, and when it has to give up on a server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Clock = Callable[[], float]

DEAD_AFTER = 3  # failures in a row
AGAIN_AFTER = 10.0  # seconds until a dead server gets another chance


@dataclass
class Budget:
    """Counts whatever leaves, what is sent again included."""

    max_requests: int | None = None
    max_time: float | None = None
    clock: Clock = time.monotonic
    spent: int = 0
    _start: float = field(init=False)

    def __post_init__(self) -> None:
        self._start = self.clock()

    def refusal(self) -> str:
        """Why no other request may leave, "" if one may."""
        if self.max_requests is not None and self.spent >= self.max_requests:
            return f"all {self.max_requests} requests are spent"
        if self.left <= 0:
            return f"the {self.max_time:g} seconds are over"
        return ""

    def spend(self) -> None:
        self.spent += 1

    @property
    def left(self) -> float:
        """Seconds."""
        return float("inf") if self.max_time is None else self._start + self.max_time - self.clock()


@dataclass
class Pulse:
    """Whether a server is there. One that has failed a few times in a row is not tried each time."""

    clock: Clock = time.monotonic
    failures: int = 0
    _kind: Literal["unreachable", "timeout"] = "unreachable"
    _reason: str = ""
    _last: float = 0.0

    def refusal(self) -> tuple[Literal["unreachable", "timeout"] | None, str]:
        """How the server failed, and why not to try; None to try."""
        if self.failures < DEAD_AFTER:
            return None, ""
        if self.clock() - self._last >= AGAIN_AFTER:
            self._last = self.clock()  # the others go on waiting for how this one fares
            return None, ""
        return self._kind, f"not tried, because {self.failures} in a row have failed: {self._reason}"

    def failed(self, kind: Literal["unreachable", "timeout"], reason: str) -> None:
        self.failures += 1
        self._kind, self._reason, self._last = kind, reason, self.clock()

    def answered(self) -> None:
        self.failures = 0
