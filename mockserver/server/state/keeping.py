"""A sandbox's state in memory. Nothing is copied: who writes first, copies what it writes to (`core.store`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.clock import ClockState
from mockserver.core.ids import IdState
from mockserver.core.sandbox import WorldState, put_back, state_of
from mockserver.core.webhook import WebhookTarget
from mockserver.server.faults.rules import RuleState

if TYPE_CHECKING:
    from mockserver.server.sandboxes import ServedSandbox


@dataclass(frozen=True, slots=True)
class SandboxState:
    """What is None is as in a fresh sandbox. Journal, deliveries and inbox tell what has happened and are no state."""

    worlds: Mapping[str, WorldState]
    targets: Sequence[WebhookTarget]
    clock: ClockState | None = None
    ids: IdState | None = None
    faults: tuple[RuleState, ...] | None = None


def keep(sandbox: ServedSandbox) -> SandboxState:
    return SandboxState(
        worlds={name: state_of(world) for name, world in sandbox.worlds.items()},
        targets=tuple(sandbox.outbox.targets.values()),
        clock=sandbox.services.clock.snapshot(),
        ids=sandbox.services.ids.snapshot(),
        faults=sandbox.faults.snapshot(),
    )


def bring_back(sandbox: ServedSandbox, state: SandboxState) -> None:
    """The sandbox goes on from there; webhooks on their way are given up."""
    sandbox.outbox.close()
    for name, world in sandbox.worlds.items():
        put_back(world, state.worlds[name])
    sandbox.outbox.retarget(state.targets)
    if state.ids is not None:
        sandbox.services.ids.restore(state.ids)
    if state.faults is not None:
        sandbox.faults.restore(state.faults)
    # What the last write did cannot be taken back in another world.
    sandbox.faults.last_write.clear()
    # Last, as it wakes whoever waits for a time.
    if state.clock is not None:
        sandbox.services.clock.restore(state.clock)
