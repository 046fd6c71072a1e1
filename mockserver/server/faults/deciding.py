"""Which fault, if any, has a hand in a request or in a webhook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from mockserver.core.errors import MockError, Refusal
from mockserver.core.exchange import Answer
from mockserver.core.store import Change
from mockserver.core.webhook import Message, WebhookTarget
from mockserver.server.faults import acting
from mockserver.server.faults.calls import Asked, Call
from mockserver.server.faults.effects import Effect
from mockserver.server.faults.matching import READING
from mockserver.server.faults.rules import Rule, RuleSpec, RuleState

__all__ = ["Call", "Fault", "Faults", "TakenId", "TooMany"]

MOST_RULES = 1_000
AT_ONCE = (0.0,)


class TakenId(MockError):
    """There is a rule of this id already."""


class TooMany(MockError):
    """More rules than a sandbox holds."""


class Fault(Protocol):
    """One decision about one request."""

    @property
    def id(self) -> str:
        """Of the rule that decided."""

    @property
    def effect(self) -> Effect | None: ...

    def answer(self, call: Call) -> tuple[Answer, Refusal | None]: ...


@dataclass(frozen=True, slots=True)
class _Hit:
    id: str
    effect: Effect | None
    rule: Rule
    faults: Faults

    def answer(self, call: Call) -> tuple[Answer, Refusal | None]:
        return self.faults.answer(self.rule, call)


class Faults:
    """The fault rules of one sandbox, in their order; `of_requests` are those that are on and about requests.

    Every rule sees, counts and draws for every request that fits it, whatever the others do; of those that would act,
    the first does. `last_write` is what each vendor's last write did to its store.
    """

    def __init__(self, specs: Sequence[RuleSpec] = (), *, seed: str | None = None) -> None:
        self.seed = seed
        self._rules: dict[str, Rule] = {}
        self.of_requests: tuple[Rule, ...] = ()
        self._of_webhooks: tuple[Rule, ...] = ()
        self.last_write: dict[str, tuple[Change, ...]] = {}
        self.add(specs)

    def __iter__(self) -> Iterator[Rule]:
        return iter(list(self._rules.values()))

    def __len__(self) -> int:
        return len(self._rules)

    def get(self, id: str) -> Rule | None:
        return self._rules.get(id)

    def add(self, specs: Sequence[RuleSpec]) -> list[Rule]:
        """All of them or none. Raises TakenId, TooMany."""
        if len(self._rules) + len(specs) > MOST_RULES:
            raise TooMany(f"a sandbox holds {MOST_RULES} fault rules at most")
        added: dict[str, Rule] = {}
        given = {spec.id for spec in specs}
        number = 1
        for spec in specs:
            if spec.id in self._rules or spec.id in added:
                raise TakenId(f"there is a fault {spec.id!r} already")
            name = spec.id
            while name is None:
                proposed = f"fault-{number}"
                number += 1
                if proposed not in self._rules and proposed not in given:
                    name = proposed
            added[name] = Rule(spec, name, self.seed)
        self._rules |= added
        self._arrange()
        return list(added.values())

    def replace(self, specs: Sequence[RuleSpec]) -> list[Rule]:
        """Raises TakenId, TooMany, and keeps what was there then."""
        kept, self._rules = self._rules, {}
        try:
            return self.add(specs)
        except (TakenId, TooMany):
            self._rules = kept
            raise

    def remove(self, id: str) -> bool:
        """Whether there was one."""
        removed = self._rules.pop(id, None)
        self._arrange()
        return removed is not None

    def clear(self) -> None:
        self._rules.clear()
        self._arrange()

    def snapshot(self) -> tuple[RuleState, ...]:
        return tuple(rule.snapshot() for rule in self)

    def restore(self, state: Sequence[RuleState]) -> None:
        """The rules are as they were, with what they had counted and drawn."""
        self._rules = {kept.id: Rule.restored(kept, self.seed) for kept in state}
        self._arrange()

    def enable(self, rule: Rule, enabled: bool) -> None:
        """A rule that is off counts nothing and draws nothing."""
        rule.enabled = enabled
        self._arrange()

    def decide(self, call: Call) -> Fault | None:
        asked = Asked(call)
        chosen = None
        for rule in self.of_requests:
            if rule.spec.act.stale and not self._may_be_stale(call):
                continue
            if rule.fits(asked) and rule.wants() and chosen is None:
                chosen = rule
        if chosen is None:
            return None
        chosen.hit += 1
        return _Hit(chosen.id, chosen.effect(), chosen, self)

    def answer(self, rule: Rule, call: Call) -> tuple[Answer, Refusal | None]:
        """What the rule makes of the call."""
        last_write = self.last_write.get(call.provider.name, ())
        return acting.answer(rule.spec.act, call, last_write)

    def copies(self, message: Message, target: WebhookTarget) -> Sequence[float]:
        """How late each copy of a message goes out, in seconds; no copy, and it is lost."""
        chosen = None
        for rule in self._of_webhooks:
            fits = rule.spec.match.event
            if fits is not None and fits(message.event) and rule.wants() and chosen is None:
                chosen = rule
        if chosen is None or chosen.spec.act.webhook is None:
            return AT_ONCE
        chosen.hit += 1
        return chosen.spec.act.webhook

    def _may_be_stale(self, call: Call) -> bool:
        """A read, and there is a write that it could have missed."""
        return call.request.method in READING and bool(self.last_write.get(call.provider.name))

    def _arrange(self) -> None:
        on = [rule for rule in self._rules.values() if rule.enabled]
        self.of_requests = tuple(rule for rule in on if rule.spec.act.webhook is None)
        self._of_webhooks = tuple(rule for rule in on if rule.spec.act.webhook is not None)
