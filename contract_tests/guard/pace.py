"""How fast a run may go: a rate of its own, and what the server's headers say."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from contract_tests.exchange import Answered
from contract_tests.guard.budget import Clock

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_RATE = re.compile(r"([0-9]+)/([smhd])")
_A_DATE = 1_000_000_000  # numbers above are Unix times, those below seconds from now
_LONGEST = 60.0


def parse_rate(text: str) -> float:
    """Seconds between two requests. Raises ValueError."""
    match = _RATE.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is no rate such as 10/s, 300/m or 1000/h")
    return _UNITS[match[2]] / int(match[1])


def told_to_wait(answered: Answered, now: float, tries: int) -> float:
    """Seconds until a request that was answered with 429 may be sent again. `now` is a Unix time."""
    for name in ("Retry-After", "RateLimit-Reset", "X-RateLimit-Reset"):
        waits = _seconds(answered.header(name), answered, now)
        if waits is not None:
            return waits
    left = _structured(answered)
    return left[1] if left else min(_LONGEST, 2.0**tries)


def used_up(answered: Answered, now: float) -> float:
    """Seconds until there is something left of the limit that an answer tells of; 0 if there is.

    X-RateLimit-Reset does not count here: with some vendors it is the time at which the whole budget is back.
    """
    if (answered.header("RateLimit-Remaining") or "").strip() == "0":
        return _seconds(answered.header("RateLimit-Reset"), answered, now) or 0.0
    left = _structured(answered)
    return left[1] if left and left[0] == 0 else 0.0


def _structured(answered: Answered) -> tuple[int, float] | None:
    """What is left, and seconds until there is more: `RateLimit: "default";r=0;t=30`."""
    found = dict(re.findall(r";\s*([rt])=(\d+)", answered.header("RateLimit") or ""))
    return (int(found["r"]), float(found["t"])) if len(found) == 2 else None


def _seconds(value: str | None, answered: Answered, now: float) -> float | None:
    """A number of seconds, a Unix time, or a date, by the server's own clock if it tells."""
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]+)?", text):
        number = float(text)
        if number < _A_DATE:
            return number
    else:
        moment = _date(text)
        if moment is None:
            return None
        number = moment
    return max(0.0, number - (_date(answered.header("Date") or "") or now))


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None


@dataclass
class Pace:
    """Says how long to wait; whoever asks does the waiting. Limits are those of a credential, the rate is the run's."""

    interval: float = 0.0
    clock: Clock = time.monotonic
    _next: float = 0.0
    _closed: dict[str, float] = field(default_factory=dict)

    def turn(self) -> float:
        """Seconds until the next request may leave; takes a place in the queue."""
        now = self.clock()
        start = max(now, self._next)
        self._next = start + self.interval
        return start - now

    def closed(self, credential: str) -> float:
        """Seconds for which the server wants nothing of this credential."""
        return max(0.0, self._closed.get(credential, 0.0) - self.clock())

    def hold(self, credential: str, seconds: float) -> None:
        until = self.clock() + seconds
        self._closed[credential] = max(until, self._closed.get(credential, 0.0))
