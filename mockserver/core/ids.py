"""Where ids come from: one random stream and one clock, both handed in."""

from __future__ import annotations

from random import Random

from mockserver.core.clock import Clock


class IdSource:
    """Draws the raw material of ids; what an id looks like is the vendor's business."""

    def __init__(self, random: Random, clock: Clock) -> None:
        self._random = random
        self._clock = clock
        self._last_ordered = 0

    def letters(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))

    def octets(self, length: int) -> bytes:
        return self._random.randbytes(length)

    def ordered(self) -> bytes:
        """16 bytes that sort by time: 48 bits of milliseconds, 80 random ones.

        A later call never gives less than an earlier one, even within a millisecond or on a clock that stands still.
        """
        milliseconds = int(self._clock.seconds() * 1000)
        drawn = milliseconds << 80 | self._random.getrandbits(80)
        self._last_ordered = max(drawn, self._last_ordered + 1)
        return self._last_ordered.to_bytes(16, "big")
