"""What a run says: a verdict for each test, and all that they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from contract_tests.exchange import Exchange
from contract_tests.rules import Rule

KEPT, BROKEN, ASSUMED, EXPECTED, NOT_JUDGED, INCONCLUSIVE = OUTCOMES = (
    "kept",
    "broken",
    "broken-assumed",
    "expected",
    "not-judged",
    "inconclusive",
)
FAILURES = (BROKEN, ASSUMED, EXPECTED)
JUDGED = (KEPT, *FAILURES)
# The kind of a verdict that is about the file of known deviations, and not about the target.
DEVIATIONS = "deviations"


@dataclass(frozen=True)
class Verdict:
    """`id` is the test, as pytest names it from the folder contract_tests on.

    `expected` and `seen` are short; `detail` is the whole text of a failure, within bounds. `reason` says why a test
    was not judged or is inconclusive, and whose known deviation a failure is. `exchanges` are those of a failure, the
    last ones if there were many: `left_out` counts those before them.
    """

    id: str
    outcome: str
    kind: str = ""
    provider: str = ""
    rule: Rule | None = None
    expected: str = ""
    seen: str = ""
    reason: str = ""
    detail: str = ""
    seconds: float = 0.0
    requests: int = 0
    exchanges: tuple[Exchange, ...] = ()
    left_out: int = 0
    bundle: str = ""


@dataclass(frozen=True)
class Operation:
    """`path` is the template of the document."""

    provider: str
    method: str
    path: str
    id: str = ""


@dataclass(frozen=True)
class Covered:
    """How often tests of a kind saw an operation answer a status; 0 is no answer. A path of `` is no operation."""

    provider: str
    method: str
    path: str
    kind: str
    status: int
    count: int


@dataclass(frozen=True)
class Need:
    """Something that the deployment must have for some tests. `how` says where it was found, or how to give it."""

    name: str
    met: bool
    how: str = ""


@dataclass(frozen=True)
class Budget:
    """What was spent. A maximum of None is none."""

    requests: int = 0
    max_requests: int | None = None
    seconds: float = 0.0
    max_seconds: float | None = None
    refused: int = 0
    throttled: int = 0


@dataclass(frozen=True)
class Facts:
    """What the verdicts cannot know of a run.

    `leftovers` are what it created and could not remove, one line each, `kept` what it was allowed to create for good.
    There is a `plan` if nothing was sent to the target. `unreachable` says in words why the target could not be judged.
    """

    needs: tuple[Need, ...] = ()
    leftovers: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    budget: Budget = Budget()
    unreachable: str = ""


@dataclass(frozen=True)
class Run:
    """`target` is "" for a mock of the suite's own. `stopped` says in words why a run ended before its end, or could
    not begin. `selected` counts the tests that were to run.
    """

    target: str
    started: str
    seconds: float = 0.0
    seed: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    fail_on: tuple[str, ...] = ()
    selected: int = 0
    verdicts: tuple[Verdict, ...] = ()
    operations: tuple[Operation, ...] = ()
    coverage: tuple[Covered, ...] = ()
    news: tuple[str, ...] = ()
    facts: Facts = Facts()
    stopped: str = ""
    misuse: bool = False  # whether it was stopped for what it was asked to do

    @property
    def counts(self) -> Mapping[str, int]:
        """Every outcome, also those that no test has."""
        found = Counter(verdict.outcome for verdict in self.verdicts)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def exit_code(self) -> int:
        """0 only a plan, 4 something was left behind, 1 failures, 3 not reached or inconclusive, 2 stopped, 0 fine."""
        counts = self.counts
        if self.facts.plan:
            return 3 if self.stopped else 0
        if self.facts.leftovers:
            return 4
        if counts[BROKEN]:
            return 1
        if self.facts.unreachable or counts[INCONCLUSIVE]:
            return 3
        if self.stopped:
            return 2 if self.misuse else 3
        return 0 if any(counts[outcome] for outcome in JUDGED) else 3

    @property
    def conclusion(self) -> str:
        """The exit code in words."""
        counts = self.counts
        if self.facts.plan:
            return "a plan, made on a mock of the suite's own"
        if self.facts.leftovers:
            return "something that the run created is still there"
        if counts[BROKEN]:
            return "the contract is broken"
        if self.facts.unreachable:
            return self.facts.unreachable
        if counts[INCONCLUSIVE]:
            return "not everything could be judged"
        if self.stopped:
            return self.stopped
        if not any(counts[outcome] for outcome in JUDGED):
            return "nothing was judged"
        return "the contract is kept"
