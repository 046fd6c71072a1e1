"""Where ids come from: one random stream and one clock, both handed in."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from mockserver.core.clock import Clock


@dataclass(frozen=True, slots=True)
class IdState:
    """`last_ordered` is the number of the last ordered id; `random` is None where the stream never repeats anyway."""

    last_ordered: int = 0
    random: tuple[Any, ...] | None = None


class IdSource:
    """Draws the raw material of ids; what an id looks like is the vendor's business.

    `repeats` says that the stream was seeded: only then does its state belong to what is kept and restored. Without a
    seed nobody counts on an id coming again, and a receiver of webhooks counts on none doing so.
    """

    def __init__(self, random: Random, clock: Clock, *, repeats: bool = True) -> None:
        self._random = random
        self._clock = clock
        self._repeats = repeats
        # As a number; it only ever rises, but for a state that is put back.
        self.last_ordered = 0

    def letters(self, alphabet: str, length: int) -> str:
        # What Random.choices would draw, in one call.
        draw, count = self._random.random, len(alphabet)
        return "".join([alphabet[int(draw() * count)] for _ in range(length)])

    def octets(self, length: int) -> bytes:
        return self._random.randbytes(length)

    def ordered(self) -> bytes:
        """16 bytes that sort by time: 48 bits of milliseconds, 80 random ones.

        A later call never gives less than an earlier one, even within a millisecond or on a clock that stands still
        or goes back.
        """
        milliseconds = int(self._clock.seconds() * 1000)
        drawn = milliseconds << 80 | self._random.getrandbits(80)
        self.last_ordered = max(drawn, self.last_ordered + 1)
        return self.last_ordered.to_bytes(16, "big")

    def snapshot(self) -> IdState:
        return IdState(self.last_ordered, self._random.getstate() if self._repeats else None)

    def restore(self, state: IdState) -> None:
        """Raises ValueError for a random state that is none; then nothing has changed."""
        if self._repeats and state.random is not None:
            self._random.setstate(state.random)
        self.last_ordered = state.last_ordered
