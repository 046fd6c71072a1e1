"""A sandbox: everything that can change, in one place that a reset throws away whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Protocol

from mockserver.core.clock import Clock, SteppingClock, SystemClock
from mockserver.core.events import Events
from mockserver.core.ids import IdSource
from mockserver.core.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """What a provider's world is handed at birth.

    `base_url` is what the world calls itself in links, without a slash at its end. `rate_factor` multiplies every
    limit of the vendor; None turns rate limits off. `quirks` asks for the vendor's known defects too.
    """

    clock: Clock
    ids: IdSource
    events: Events
    base_url: str
    rate_factor: float | None
    quirks: bool = False


def services(
    *, seed: int | None, name: str, base_url: str, rate_factor: float | None, quirks: bool = False
) -> Services:
    """Fresh services for one sandbox; with a seed they repeat to the byte."""
    clock: Clock = SystemClock() if seed is None else SteppingClock()
    random = Random() if seed is None else Random(f"{seed}/{name}")
    return Services(clock, IdSource(random, clock), Events(), base_url, rate_factor, quirks)


class World(Protocol):
    """One vendor's part of a sandbox: all that can change of it, but for its rate budgets, is in `store`."""

    store: Store


class Sandbox:
    """One isolated world per provider; two sandboxes share nothing. `size` is the bytes that it was sent."""

    def __init__(self, name: str, services: Services, worlds: Mapping[str, World]) -> None:
        self.name = name
        self.services = services
        self.worlds = worlds
        self.size = 0
