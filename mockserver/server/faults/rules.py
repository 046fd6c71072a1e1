"""A fault rule: what it is about, what it does, and how often it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mockserver.server.faults.acting import Act
from mockserver.server.faults.calls import Asked
from mockserver.server.faults.effects import Effect
from mockserver.server.faults.matching import Match


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule as it was read, for any number of sandboxes; `id` is None where it was given none. `shown` is what it was
    read from, without credentials; `written` is that with them, for other processes."""

    id: str | None
    match: Match
    act: Act
    enabled: bool
    shown: Mapping[str, Any]
    written: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class RuleState:
    """What has come of a rule so far; `draws` are the states of its two streams."""

    spec: RuleSpec
    id: str
    enabled: bool
    seen: int
    hit: int
    draws: tuple[Any, Any]


class Rule:
    """A rule in one sandbox. `seen` counts what fitted it, `hit` how often it acted.

    Draws come from the rule's own seed, or from one made of the sandbox's; those of delays from a stream of their own,
    so that whom a rule hits does not depend on what other rules did.
    """

    def __init__(self, spec: RuleSpec, id: str, sandbox_seed: str | None) -> None:
        self.spec = spec
        self.id = id
        self.enabled = spec.enabled
        self.seen = 0
        self.hit = 0
        seed = spec.match.seed if spec.match.seed is not None else sandbox_seed and f"{sandbox_seed}/{id}"
        self._random = Random() if seed is None else Random(str(seed))  # noqa: S311 - chance, no secret
        self._delays = Random() if seed is None else Random(f"{seed}/delay")  # noqa: S311

    def fits(self, asked: Asked) -> bool:
        return all(test(asked) for test in self.spec.match.tests)

    def wants(self) -> bool:
        """Counts one more that fits; whether this is one to act on."""
        match = self.spec.match
        self.seen += 1
        if match.nth and self.seen not in match.nth:
            return False
        if self.seen % match.every:
            return False
        # Drawn before anything that other rules have a part in.
        if match.probability is not None and self._random.random() >= match.probability:
            return False
        return match.times is None or self.hit < match.times

    def effect(self) -> Effect | None:
        """What this hit does on the way; None if nothing."""
        act = self.spec.act
        if act.delay is None and not act.ending and not act.drip:
            return None
        delay = 0.0 if act.delay is None else act.delay.draw(self._delays)
        return Effect(delay, act.ending, act.drip)

    def snapshot(self) -> RuleState:
        draws = (self._random.getstate(), self._delays.getstate())
        return RuleState(self.spec, self.id, self.enabled, self.seen, self.hit, draws)

    @classmethod
    def restored(cls, state: RuleState, sandbox_seed: str | None) -> Rule:
        rule = cls(state.spec, state.id, sandbox_seed)
        rule.enabled, rule.seen, rule.hit = state.enabled, state.seen, state.hit
        rule._random.setstate(state.draws[0])
        rule._delays.setstate(state.draws[1])
        return rule

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            **self.spec.shown,
            "enabled": self.enabled,
            "seen": self.seen,
            "hit": self.hit,
        }
