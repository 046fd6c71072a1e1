"""What a kind of test says of a mutant, from what pytest said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contract_tests.mutants.mutant import Mutant
from contract_tests.mutants.worker import Job, Outcome

KILLED, SURVIVED, HUNG, BROKE, ABSENT = "killed", "survived", "hung", "broke", "no tests"
SHADOWED = "schema+shadow"
# The suite could not be run, which is nobody's defect.
NO_MOCK = ("the mock did not start", "the mock ended with")
LEFTOVERS = 4  # an exit code of the suite
_CHECK = re.compile(r"❌ (?P<title>\S.*): \d+$")
_FUZZED = "test_schema.py"


@dataclass(frozen=True)
class Verdict:
    """`by` is the first test that failed, or whose set-up did."""

    kind: str
    verdict: str
    by: str = ""
    message: str = ""
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def kills(self) -> bool:
        return self.verdict in (KILLED, HUNG)


def verdicts(
    job: Job, outcome: Outcome | None, faults: str, seconds: float, cpu: float, limit: float
) -> Iterator[Verdict]:
    """One, or for fuzzed traffic two: what schemathesis and openapi-core say alone, and with the shadow."""
    verdict, by, message = _verdict(outcome, faults, limit)
    if job.kind != "schema":
        yield Verdict(job.kind, verdict, by, message, seconds, cpu)
        return
    alone = SURVIVED if verdict == KILLED and _only_the_shadow(by, message) else verdict
    yield Verdict(
        job.kind, alone, by if alone == verdict else "", message if alone == verdict else "", seconds, cpu
    )
    yield Verdict(SHADOWED, verdict, by, message)


def _verdict(outcome: Outcome | None, faults: str, limit: float) -> tuple[str, str, str]:
    if faults:
        return BROKE, "", faults
    if outcome is None:
        return HUNG, "", f"not done within {limit:.0f} s"
    if outcome.broken:
        return BROKE, "", outcome.broken[0]
    for test, message in outcome.errors:
        if any(words in message for words in NO_MOCK):
            return BROKE, test, message
    for test, message in (*outcome.failures, *outcome.errors):
        return KILLED, test, message
    if outcome.code == LEFTOVERS:
        return KILLED, "", "something that was created could not be removed"
    if outcome.code == 5 or not outcome.passed:
        return ABSENT, "", "all skipped" if outcome.skipped else ""
    return (SURVIVED, "", "") if outcome.code == 0 else (BROKE, "", f"pytest ended with {outcome.code}")


def _only_the_shadow(test: str, message: str) -> bool:
    """Whether all the checks that failed in a run of schemathesis are the one that carries our model."""
    titles = [found["title"] for line in message.splitlines() if (found := _CHECK.search(line.strip()))]
    return _FUZZED in test and bool(titles) and all("shadow" in title.lower() for title in titles)


@dataclass(frozen=True)
class Judged:
    mutant: Mutant
    verdicts: tuple[Verdict, ...]

    @property
    def killed(self) -> bool:
        return any(verdict.kills for verdict in self.verdicts)

    @property
    def broke(self) -> bool:
        return any(verdict.verdict == BROKE for verdict in self.verdicts)

    @property
    def seconds(self) -> float:
        return sum(verdict.seconds for verdict in self.verdicts)

    @property
    def cpu(self) -> float:
        return sum(verdict.cpu for verdict in self.verdicts)
