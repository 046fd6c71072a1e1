"""The half of the plugin that works where tests run: a verdict for each, attached to the report of its teardown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pytest

from contract_tests.exchange import Exchange
from contract_tests.kinds import KINDS
from contract_tests.rules import Rule
from contract_tests.verdicts import findings, tally, wording
from contract_tests.verdicts.deviations import find_deviation
from contract_tests.verdicts.evidence import Redact, kept
from contract_tests.verdicts.findings import Compared, Finding
from contract_tests.verdicts.operations import Operations
from contract_tests.verdicts.settings import Settings
from contract_tests.verdicts.verdict import ASSUMED, BROKEN, EXPECTED, Verdict


@dataclass
class _Test:
    """A test that runs: what its phases have said so far."""

    finding: Finding | None = None
    seconds: float = 0.0


_TEST = pytest.StashKey[_Test]()


class Judge:
    def __init__(
        self,
        settings: Settings,
        exchanges_of: Callable[[str], Sequence[Exchange]],
        redact: Redact,
        operations: Callable[[], Operations],
    ) -> None:
        self.settings = settings
        self._exchanges_of = exchanges_of
        self._redact = redact
        self._make_operations = operations
        self._compared: Compared | None = None

    @cached_property
    def operations(self) -> Operations:
        return self._make_operations()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        self._compared = None

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        """Pytest would cut a long value anywhere, through a credential too: that one is worded here."""
        self._compared = Compared(op, left, right)
        if all(self._redact(text) == text for text in map(repr, (left, right))):
            return None
        expected, seen = self._compared.expected_and_seen(self._redact)
        return [
            "a comparison with a credential in it does not hold",
            f"expected: {expected}",
            f"seen: {seen}",
        ]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if not is_ours(item):
            return report
        finding = findings.of_report(report, call.excinfo, self._compared, self._redact)
        finding = self._judged(item, finding)
        self._clean(report, finding)
        if finding.outcome in (ASSUMED, EXPECTED):
            report.outcome = "skipped"
            report.wasxfail = finding.reason
        test = item.stash.setdefault(_TEST, _Test())
        test.seconds += report.duration
        test.finding = findings.worse(test.finding, finding)
        if report.when == "call":
            item.user_properties.extend(_properties(self._rule(item, finding), finding))
        if report.when == "teardown":
            told = self._told(item, test)
            report.contract = told  # type: ignore[attr-defined]
        return report

    def _judged(self, item: pytest.Item, finding: Finding) -> Finding:
        """The same finding, unless a failure is known, or of a grade that is not to fail."""
        if finding.outcome != BROKEN:
            return finding
        rule = self._rule(item, finding)
        test = findings.name_of(item.nodeid)
        known = find_deviation(self.settings.known, test, rule.name if rule else "", self.settings.today)
        if known is not None:
            return replace(finding, outcome=EXPECTED, reason=wording.line(known.sentence(), 300))
        if findings.is_a_warning(finding, rule, self.settings.fail_on):
            return replace(finding, outcome=ASSUMED, reason=f"assumed rule broken: {finding.seen}")
        return finding

    def _rule(self, item: pytest.Item, finding: Finding) -> Rule | None:
        """The rule that a law is marked with, or that a model has told."""
        marked = findings.rule_of(item)
        if marked is not None or not finding.seen:
            return marked
        told = f"{finding.seen}\n{finding.detail}"
        return findings.rule_told(told, findings.provider_of(item), self.settings.fail_on)

    def _clean(self, report: pytest.TestReport, finding: Finding) -> None:
        """Pytest's text shows arguments, cut anywhere: it stays only where no credential of a target can be in it, and
        nothing that a terminal would act upon or a worker cannot send.
        """
        text = report.longreprtext
        if finding.detail and (self.settings.target is not None or self._fit(text) != text):
            report.longrepr = finding.detail
        elif isinstance(report.longrepr, tuple):
            path, line, reason = report.longrepr
            report.longrepr = (path, line, self._fit(reason))
        report.sections = [(title, self._fit(content)) for title, content in report.sections]

    def _fit(self, text: str) -> str:
        return wording.block(self._redact(text), sys.maxsize)

    def _told(self, item: pytest.Item, test: _Test) -> dict[str, Any]:
        exchanges = list(self._exchanges_of(item.nodeid))
        finding = test.finding or Finding(BROKEN, seen="the test did not end")
        shown: tuple[Exchange, ...] = ()
        left_out = 0
        if tally.needs_evidence(finding.outcome):
            shown, left_out = kept(exchanges, self._redact)
        verdict = Verdict(
            id=findings.name_of(self._redact(item.nodeid)),
            outcome=finding.outcome,
            kind=findings.kind_of(item),
            provider=findings.provider_of(item),
            rule=self._rule(item, finding),
            expected=finding.expected,
            seen=finding.seen,
            reason=finding.reason,
            detail=finding.detail,
            seconds=test.seconds,
            requests=sum(map(tally.has_left, exchanges)),
            exchanges=shown,
            left_out=left_out,
        )
        news = [self._redact(str(value)) for name, value in item.user_properties if name == "news"]
        return tally.to_tell(verdict, tally.cells(exchanges, self.operations), news)


def is_ours(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(kind) for kind in (*KINDS, "law"))


def _properties(rule: Rule | None, finding: Finding) -> list[tuple[str, object]]:
    """For pytest's own JUnit XML."""
    of_rule = [("rule", rule.name), ("grade", rule.grade), ("source", rule.source)] if rule else []
    return [*of_rule, ("verdict", finding.outcome)]
