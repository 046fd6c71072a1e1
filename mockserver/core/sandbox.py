"""A sandbox: everything that can change, in one place that a reset throws away whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Protocol

from mockserver.core.clock import SandboxClock, seeded_clock
from mockserver.core.events import Events
from mockserver.core.ids import IdSource
from mockserver.core.rate import Counted
from mockserver.core.store import Store, TableSnapshot
from mockserver.core.views import Room

Hold = Callable[[str, str, Any], None]


def held_by_nobody(provider_name: str, schema: str, value: object) -> None:
    """Every value will do."""


@dataclass(frozen=True, slots=True)
class Services:
    """What a provider's world is handed at birth.

    `base_url` is what the world calls itself in links, without a slash at its end. `rate_factor` multiplies every
    limit of the vendor; None turns rate limits off. `quirks` asks for the vendor's known defects too. `hold` is told
    the vendor, the name of a schema and a value that is to be of it, and raises what it likes where it is not. `room`
    is what the views of all worlds of a server may keep.
    """

    clock: SandboxClock
    ids: IdSource
    events: Events
    base_url: str
    rate_factor: float | None
    quirks: bool = False
    hold: Hold = held_by_nobody
    room: Room = field(default_factory=Room)


def services(
    *,
    seed: int | None,
    name: str,
    base_url: str,
    rate_factor: float | None,
    quirks: bool = False,
    start: datetime | None = None,
    hold: Hold = held_by_nobody,
    room: Room | None = None,
) -> Services:
    """Fresh services for one sandbox; with a seed they repeat to the byte. `start` is what its clock shows first."""
    clock = SandboxClock() if seed is None else seeded_clock()
    if start is not None:
        clock.set(start)
    random = Random() if seed is None else Random(f"{seed}/{name}")
    ids = IdSource(random, clock, repeats=seed is not None)
    return Services(clock, ids, Events(), base_url, rate_factor, quirks, hold, room or Room())


class RateBudgets(Protocol):
    """What has been asked of a world so far, as far as its limits count it, by what is limited."""

    def snapshot(self) -> Mapping[str, Counted]: ...

    def restore(self, state: Mapping[str, Counted]) -> None: ...


class World(Protocol):
    """One vendor's part of a sandbox. All that can change of it is in `store` and in `budgets`, which is None where
    nothing is limited."""

    store: Store

    @property
    def budgets(self) -> RateBudgets | None: ...


@dataclass(frozen=True, slots=True)
class WorldState:
    """Everything of a world but its services: what another world of the same kind can go on with."""

    tables: Mapping[str, TableSnapshot]
    budgets: Mapping[str, Counted] = field(default_factory=dict)


def state_of(world: World) -> WorldState:
    """Costs the same for a world of any size."""
    return WorldState(world.store.snapshot(), {} if world.budgets is None else world.budgets.snapshot())


def put_back(world: World, state: WorldState) -> None:
    """The world is as the one was that the state was taken of. Its services are its own still."""
    world.store.restore(state.tables)
    if world.budgets is not None:
        world.budgets.restore(state.budgets)


class Sandbox:
    """One isolated world per provider; two sandboxes share nothing. `size` is the bytes that it was sent."""

    def __init__(self, name: str, services: Services, worlds: Mapping[str, World]) -> None:
        self.name = name
        self.services = services
        self.worlds = worlds
        self.size = 0
