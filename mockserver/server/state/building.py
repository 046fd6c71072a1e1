"""A world made of what was read."""

from __future__ import annotations

from dataclasses import replace

from mockserver.core.errors import ConfigurationError
from mockserver.core.sandbox import Services, WorldState, put_back, state_of
from mockserver.server.state.reading import SANDBOX, Loaded


def built(given: Loaded, vendor: str, handed_in: Services) -> WorldState:
    """The state of a world with one vendor's records and what was counted of it. Raises ConfigurationError."""
    world = given.fixtures[vendor].build(handed_in)
    state = state_of(world)
    if vendor in given.budgets:
        state = replace(state, budgets=given.budgets[vendor])
        try:
            put_back(world, state)
        except ValueError:
            problem = f"{SANDBOX}.budgets.{vendor}: is not what is counted there"
            raise (given.section.error(problem) if given.section else ConfigurationError(problem)) from None
    return state
