"""Why a request was answered as it was: a vendor's rules in tables, read when somebody asks.

A provider says in an `Explainer` which of its rules have a hand in which answers. While a request is answered, nothing
of it is looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from mockserver.core.errors import Breach, Invalid, Refusal
from mockserver.core.exchange import Answer, Request
from mockserver.core.store import Change

if TYPE_CHECKING:
    from mockserver.core.provider import Operation  # which in turn holds an Explainer


@dataclass(frozen=True)
class Facts:
    """One request and what came of it, long after.

    `operation` is None for a path that nobody owns, `refusal` for what was done as asked. `changes` are what it did to
    the vendor's store.
    """

    operation: Operation | None
    request: Request
    path: Mapping[str, str]
    answer: Answer
    refusal: Refusal | None
    changes: Sequence[Change] = ()

    @cached_property
    def sent(self) -> Mapping[str, Any]:
        """The members of the body; none where it is no JSON object."""
        return _members(self.request.body)

    @cached_property
    def answered(self) -> Mapping[str, Any]:
        """The members of the answer; none where it is no JSON object, or too long to have been kept."""
        return _members(self.answer.body)

    @property
    def breaches(self) -> Sequence[Breach]:
        return self.refusal.breaches if isinstance(self.refusal, Invalid) else ()


def _members(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


# What the keywords of JSON Schema say of a value that breaks them.
KEYWORDS = {
    "type": "is of another type than the document wants",
    "anyOf": "is of another type than the document wants",
    "oneOf": "is of another type than the document wants",
    "enum": "is none of the values that the document has",
    "minimum": "is below the smallest value",
    "maximum": "is above the largest value",
    "minLength": "is too short",
    "maxLength": "is too long",
    "format": "is not in the form that the document wants",
    "pattern": "is not in the form that the document wants",
}


def of_breach(breach: Breach) -> str:
    """What is wrong with a payload, in words that go for any vendor."""
    field = ".".join(breach.pointer) or f"the {breach.where}"
    if breach.rule == "required":
        return f"{field} is missing"
    if breach.value is None and breach.rule in KEYWORDS and breach.where == "body":
        return f"{field} is null"
    return f"{field} {KEYWORDS.get(breach.rule, f'breaks the rule {breach.rule!r}')}"


When = Callable[[Facts], bool]
Words = str | Callable[[Facts], str]


def always(facts: Facts) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Clue:
    """Rules that have a hand in an answer where `when` holds."""

    when: When
    rules: tuple[str, ...]


def when(holds: When, *rules: str) -> Clue:
    return Clue(holds, rules)


@dataclass(frozen=True, slots=True)
class Case:
    """What to say of a kind of answer: `decided` in a sentence, and the rules behind it, the most decisive first."""

    decided: Words
    clues: tuple[str | Clue, ...]
    when: When = always


Cases = tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """`rules` are ids of the provider's rules, the most decisive first; `general` are those that answers of any kind
    are given by."""

    decided: str
    rules: tuple[str, ...]
    general: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """A provider's tables. Of several cases the first that applies is told.

    refused   by type of refusal; of a type that is not there, the nearest it is a kind of
    done      by operation id, for what was done as asked
    unrouted  for paths that nobody owns
    crashed   for the mock's own defects
    every     what else may have a hand in any answer
    """

    refused: Mapping[type[Refusal], Cases]
    done: Mapping[str, Cases]
    unrouted: Cases
    crashed: Cases
    every: tuple[str | Clue, ...] = ()

    def explain(self, facts: Facts) -> Explanation:
        case = next(case for case in (*self._cases(facts), _UNEXPLAINED) if case.when(facts))
        decided = case.decided if isinstance(case.decided, str) else case.decided(facts)
        rules = _holding(case.clues, facts)
        return Explanation(
            decided, rules, tuple(rule for rule in self.in_general(facts) if rule not in rules)
        )

    def in_general(self, facts: Facts) -> tuple[str, ...]:
        """The rules that have a hand in an answer whatever decided it."""
        return _holding(self.every, facts)

    def rules(self) -> frozenset[str]:
        """Every rule that any of the tables names."""
        cases = chain(*self.refused.values(), *self.done.values(), self.unrouted, self.crashed)
        clues = chain(self.every, *(case.clues for case in cases))
        return frozenset(rule for clue in clues for rule in _rules(clue))

    def _cases(self, facts: Facts) -> Cases:
        if facts.refusal is not None:
            kinds = (self.refused.get(kind) for kind in type(facts.refusal).__mro__)
            return next((cases for cases in kinds if cases), ())
        if facts.operation is None:
            return self.crashed if facts.answer.status >= 500 else self.unrouted
        if facts.answer.status >= 500:
            return self.crashed
        return self.done.get(facts.operation.id, ())


_UNEXPLAINED = Case("no rule is known to have decided", ())


def _rules(clue: str | Clue) -> tuple[str, ...]:
    return (clue,) if isinstance(clue, str) else clue.rules


def _holding(clues: Sequence[str | Clue], facts: Facts) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_all_holding(clues, facts)))


def _all_holding(clues: Sequence[str | Clue], facts: Facts) -> Iterator[str]:
    for clue in clues:
        if isinstance(clue, str) or clue.when(facts):
            yield from _rules(clue)
