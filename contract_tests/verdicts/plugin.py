"""The pytest plugin that makes a verdict of each test, and a report of them all.

With xdist, a worker attaches what it knows of a test to the report of its teardown, as plain data; the controller
collects. So one instance belongs into every process of the run.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TextIO

import pytest

from contract_tests.exchange import Exchange
from contract_tests.kinds import KINDS
from contract_tests.verdicts import findings, reports, tally, wording, written
from contract_tests.verdicts.deviations import Deviation, complaints, find_deviation
from contract_tests.verdicts.evidence import kept
from contract_tests.verdicts.findings import Compared, Finding
from contract_tests.verdicts.operations import Operations, from_specs
from contract_tests.verdicts.progress import Nowhere, Progress
from contract_tests.verdicts.tally import Tally
from contract_tests.verdicts.verdict import ASSUMED, BROKEN, EXPECTED, FAILURES, Facts, Run, Verdict


@dataclass(frozen=True)
class Settings:
    """`target` is None for a mock of the suite's own. `terminal`: `own` takes the screen over from pytest, `summary`
    adds to what pytest prints, `off` prints nothing.
    """

    target: str | None
    today: date
    fail_on: AbstractSet[str]
    seed: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    known: Sequence[Deviation] = ()
    bundles: Path | None = None
    report_json: Path | None = None
    report_html: Path | None = None
    report_junit: Path | None = None
    terminal: Literal["own", "summary", "off"] = "summary"


@dataclass
class _Test:
    """A test that runs: what its phases have said so far."""

    finding: Finding | None = None
    seconds: float = 0.0


_TEST = pytest.StashKey[_Test]()
_SELECTED = "contract_tests_selected"


class Verdicts:
    """`exchanges_of` gives what a test sent, by pytest's own id of it; `redact` takes every credential out of a text
    and puts `<oncall_token>` and the like there; `facts` is asked once, when everything is over.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        exchanges_of: Callable[[str], Sequence[Exchange]] = lambda nodeid: (),
        redact: Callable[[str], str] = str,
        facts: Callable[[], Facts] = Facts,
        operations: Callable[[], Operations] = from_specs,
        out: TextIO | None = None,
    ) -> None:
        self.settings = replace(
            settings,
            target=settings.target and redact(settings.target),
            options={name: redact(value) for name, value in settings.options.items()},
        )
        self.run: Run | None = None  # when it is over
        self._exchanges_of = exchanges_of
        self._redact = redact
        self._facts = facts
        self._make_operations = operations
        self._out = out or sys.stdout
        self._tally = Tally()
        self._compared: Compared | None = None
        self._worker = False
        self._selected = 0
        self._stopped = ""
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()
        self._progress = Progress(self._out) if settings.terminal == "own" else None

    @cached_property
    def _operations(self) -> Operations:
        return self._make_operations()

    # In the process that runs tests

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
        if not _is_ours(item):
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
            item.user_properties.extend(_properties(item, finding))
        if report.when == "teardown":
            told = self._told(item, test)
            report.contract = told  # type: ignore[attr-defined]
        return report

    def _judged(self, item: pytest.Item, finding: Finding) -> Finding:
        """The same finding, unless a failure is known, or of a grade that is not to fail."""
        if finding.outcome != BROKEN:
            return finding
        rule = findings.rule_of(item)
        test = findings.name_of(item.nodeid)
        known = find_deviation(self.settings.known, test, rule.name if rule else "", self.settings.today)
        if known is not None:
            return replace(finding, outcome=EXPECTED, reason=wording.line(known.sentence(), 300))
        if findings.is_a_warning(finding, rule, self.settings.fail_on):
            return replace(finding, outcome=ASSUMED, reason=f"assumed rule broken: {finding.seen}")
        return finding

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
            rule=findings.rule_of(item),
            expected=finding.expected,
            seen=finding.seen,
            reason=finding.reason,
            detail=finding.detail,
            seconds=test.seconds,
            requests=len(exchanges),
            exchanges=shown,
            left_out=left_out,
        )
        news = [self._redact(str(value)) for name, value in item.user_properties if name == "news"]
        return tally.to_tell(verdict, tally.cells(exchanges, self._operations), news)

    # In the process that collects

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._worker = hasattr(session.config, "workerinput")
        self._started, self._clock = datetime.now(UTC), time.monotonic()
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if self._progress and reporter and not self._worker:
            # Others ask the reporter for its writer, so it has to stay; only nobody shall see what it writes.
            reporter._tw._file = Nowhere()  # noqa: SLF001

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._select(sum(map(_is_ours, session.items)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """As far as ids tell; the workers say it exactly, at their ends."""
        self._select(sum(findings.is_of_the_suite(nodeid) for nodeid in ids))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._selected = getattr(node, "workeroutput", {}).get(_SELECTED, self._selected)

    def _select(self, number: int) -> None:
        self._selected = number
        if self._progress:
            self._progress.begin(number)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self._worker:
            self._stopped = "the suite could not be read"
            self._say(f"{report.nodeid}\n{report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        self._stopped = "the suite itself broke"
        self._say(str(excrepr))

    def pytest_keyboard_interrupt(self) -> None:
        self._stopped = self._stopped or "interrupted"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._worker:
            return
        told = getattr(report, "contract", None)
        if told is not None:
            self._add(written.to_verdict(told["verdict"]), told)
        elif report.failed and report.when not in ("setup", "call", "teardown"):
            # A worker of xdist that died tells nothing.
            seen = wording.first_line(self._redact(str(report.longrepr)))
            self._add(Verdict(findings.name_of(report.nodeid), BROKEN, seen=seen), {})

    def _add(self, verdict: Verdict, told: Mapping[str, Any]) -> None:
        if verdict.outcome in FAILURES and self.settings.bundles is not None:
            verdict = reports.bundled(verdict, self.settings)
        self._tally.add(verdict, told.get("cells", ()), told.get("news", ()))
        if self._progress:
            self._progress.step(verdict, self._tally)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Exit codes of pytest's own about the suite itself stay: only what is about the target is ours."""
        if self._worker:
            session.config.workeroutput[_SELECTED] = self._selected  # type: ignore[attr-defined]
        if self._worker or not (self._selected or self._progress):
            return
        if self._progress:
            self._progress.end()
        self.run = self._finished(exitstatus)
        for problem in reports.write(self.run, self.settings):
            self._say(problem)
        if self._progress:
            reports.print_run(self.run, self._out)
        session.exitstatus = self.run.exit_code or (1 if exitstatus == 1 else 0)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.run is not None and self.settings.terminal == "summary":
            terminalreporter.section("contract")
            text = io.StringIO()
            reports.print_run(self.run, text)
            terminalreporter.write(text.getvalue())

    def _finished(self, exitstatus: int) -> Run:
        for complaint in complaints(self.settings.known, self._tally.verdicts, self.settings.today):
            self._tally.add(complaint)
        stopped = self._stopped
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            stopped = "no test was selected"
        elif exitstatus == pytest.ExitCode.INTERRUPTED:
            stopped = stopped or "interrupted"
        return Run(
            target=self.settings.target or "",
            started=self._started.isoformat(timespec="seconds"),
            seconds=time.monotonic() - self._clock,
            seed=self.settings.seed,
            options=self.settings.options,
            fail_on=tuple(sorted(self.settings.fail_on)),
            selected=self._selected,
            verdicts=tuple(self._tally.verdicts),
            operations=self._operations.all,
            coverage=self._tally.coverage,
            news=tuple(self._tally.news),
            facts=self._facts(),
            stopped=stopped,
        )

    def _say(self, text: str) -> None:
        if self._progress:
            self._out.write(wording.block(self._redact(text)) + "\n")


def _is_ours(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(kind) for kind in (*KINDS, "law"))


def _properties(item: pytest.Item, finding: Finding) -> list[tuple[str, object]]:
    """For pytest's own JUnit XML."""
    rule = findings.rule_of(item)
    of_rule = [("rule", rule.name), ("grade", rule.grade), ("source", rule.source)] if rule else []
    return [*of_rule, ("verdict", finding.outcome)]
