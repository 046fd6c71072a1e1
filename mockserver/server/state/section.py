"""What of a sandbox is no record of a vendor: the section `sandbox` of an exported state, in the words of the file."""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from random import Random
from typing import Any

from mockserver.core.clock import EARLIEST, LATEST, LONGEST_STEP, ClockState
from mockserver.core.ids import IdState
from mockserver.core.rate import Counted
from mockserver.core.webhook import WebhookTarget

# Python's generator: its version, and its words with the place among them.
VERSION = 3
WORDS = struct.Struct(">625I")
LONGEST_ID = 16  # bytes
LARGEST_OFFSET = timedelta(days=365_250).total_seconds()


@dataclass(frozen=True, slots=True)
class ClockSection:
    """`frozen_at` of a clock that stands still, `offset` of one that runs: seconds ahead of the machine's. `tick` is
    what every request moves it by, in seconds."""

    frozen_at: datetime | None = None
    offset: float = 0.0
    tick: float = 0.0

    @classmethod
    def of(cls, state: ClockState) -> ClockSection:
        offset = 0.0 if state.frozen_at is not None else state.offset.total_seconds()
        return cls(state.frozen_at, offset, state.step.total_seconds())

    def state(self) -> ClockState:
        """Raises ValueError."""
        if self.frozen_at is not None and not EARLIEST <= self.frozen_at <= LATEST:
            raise ValueError(f"frozen_at is not from {EARLIEST.year} to {LATEST.year}")
        if not -LARGEST_OFFSET <= self.offset <= LARGEST_OFFSET:
            raise ValueError("offset is beyond any clock")
        if not 0 <= self.tick <= LONGEST_STEP.total_seconds():
            raise ValueError(f"tick is not from 0 to {LONGEST_STEP.days} days")
        return ClockState(self.frozen_at, timedelta(seconds=self.offset), timedelta(seconds=self.tick))


@dataclass(frozen=True, slots=True)
class IdsSection:
    """`last` is the last ordered id in hexadecimal, `random` the state of a seeded stream in base64."""

    last: str = ""
    random: str | None = None

    @classmethod
    def of(cls, state: IdState) -> IdsSection:
        last = f"{state.last_ordered:x}" if state.last_ordered else ""
        return cls(last, None if state.random is None else b64encode(WORDS.pack(*state.random[1])).decode())

    def state(self) -> IdState:
        """Raises ValueError."""
        last = int.from_bytes(bytes.fromhex(self.last.zfill(len(self.last) + len(self.last) % 2)), "big")
        if last >= 1 << (8 * LONGEST_ID):
            raise ValueError("last is longer than an id")
        if self.random is None:
            return IdState(last)
        try:
            state = (VERSION, WORDS.unpack(b64decode(self.random, validate=True)), None)
            Random().setstate(state)  # noqa: S311 - to see whether it is one
        except (struct.error, ValueError):
            raise ValueError("random is no state of a stream") from None
        return IdState(last, state)


@dataclass(frozen=True, slots=True)
class SandboxSection:
    """What is None is as in a fresh sandbox. `budgets` are by vendor and by what is limited."""

    clock: ClockSection | None = None
    ids: IdsSection | None = None
    webhooks: tuple[WebhookTarget, ...] = ()
    budgets: Mapping[str, Any] = field(default_factory=dict)


def counted(given: Any) -> Mapping[str, Counted]:
    """One vendor's budgets. Raises ValueError for what is none."""
    limits = _mapping(given, "budgets of a vendor")
    return {
        name: {key: _numbers(value) for key, value in _mapping(keys, name).items()}
        for name, keys in limits.items()
    }


def _mapping(given: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{what[:100]} must be a mapping")
    return given


def _numbers(given: Any) -> tuple[float, ...]:
    if not isinstance(given, list) or any(type(item) not in (int, float) for item in given):
        raise ValueError("a budget must be a list of numbers")
    numbers = tuple(float(item) for item in given)
    if not all(map(isfinite, numbers)):
        raise ValueError("a budget must be a list of finite numbers")
    return numbers
