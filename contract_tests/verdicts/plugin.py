"""The pytest plugin that makes a verdict of each test, and a report of them all.

With xdist, a worker attaches what it knows of a test to the report of its teardown, as plain data; the controller
collects. So one instance belongs into every process of the run.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TextIO
from urllib.parse import urlsplit

import pytest

from contract_tests.exchange import Exchange
from contract_tests.verdicts import findings, reports, wording, written
from contract_tests.verdicts.deviations import complaints
from contract_tests.verdicts.judge import Judge, is_ours
from contract_tests.verdicts.operations import Operations, from_specs
from contract_tests.verdicts.progress import Nowhere, Progress
from contract_tests.verdicts.settings import Settings
from contract_tests.verdicts.tally import Tally
from contract_tests.verdicts.verdict import BROKEN, FAILURES, Facts, Run, Verdict

__all__ = ["Settings", "Verdicts"]

INTERRUPTED = "interrupted"
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
        operations: Callable[[], Operations] | None = None,
        out: TextIO | None = None,
    ) -> None:
        self.settings = replace(
            settings,
            target=settings.target and redact(settings.target),
            options={name: redact(value) for name, value in settings.options.items()},
        )
        self.run: Run | None = None  # when it is over
        self._redact = redact
        self._facts = facts
        documents = operations or partial(from_specs, urlsplit(settings.target or "").path)
        self._judge = Judge(self.settings, exchanges_of, redact, documents)
        self._out = out or sys.stdout
        self._tally = Tally()
        self._worker = False
        self._selected = 0
        self._stopped = ""
        self._misuse = False
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()
        self._progress = Progress(self._out) if settings.terminal == "own" else None

    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self._judge, "contract-judge")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._worker = hasattr(session.config, "workerinput")
        self._started, self._clock = datetime.now(UTC), time.monotonic()
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if self._progress and reporter and not self._worker:
            # Others ask the reporter for its writer, so it has to stay; only nobody shall see what it writes.
            reporter._tw._file = Nowhere()  # noqa: SLF001

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._select(sum(map(is_ours, session.items)))

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
            self._stopped, self._misuse = "the suite could not be read", True
            self._say(f"{report.nodeid}\n{report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        self._stopped = "the suite itself broke"
        self._say(str(excrepr))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """By a person, or with a reason by whoever asked the session to stop."""
        by_hand = excinfo.errisinstance(KeyboardInterrupt) and excinfo.type is KeyboardInterrupt
        said = "" if by_hand else wording.line(self._redact(str(excinfo.value)))
        self._stopped = self._stopped or said or INTERRUPTED
        self._misuse = self._misuse or getattr(excinfo.value, "returncode", None) == 2

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

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """The run's exit code becomes pytest's. A failure of somebody else's test in the same session stays one."""
        if self._worker:
            session.config.workeroutput[_SELECTED] = self._selected  # type: ignore[attr-defined]
        looking = session.config.option.collectonly
        if self._worker or looking or not (self._selected or self._progress):
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
            stopped, self._misuse = "no test was selected", True
        elif exitstatus == pytest.ExitCode.INTERRUPTED:
            stopped = stopped or INTERRUPTED
        return Run(
            target=self.settings.target or "",
            started=self._started.isoformat(timespec="seconds"),
            seconds=time.monotonic() - self._clock,
            seed=self.settings.seed,
            options=self.settings.options,
            fail_on=tuple(sorted(self.settings.fail_on)),
            selected=self._selected,
            verdicts=tuple(self._tally.verdicts),
            operations=self._judge.operations.all,
            coverage=self._tally.coverage,
            news=tuple(self._tally.news),
            facts=self._facts(),
            stopped=stopped,
            misuse=self._misuse,
        )

    def announce(self, lines: Sequence[str]) -> None:
        """Before the tests; in a session whose screen is pytest's, pytest prints them."""
        for line in lines:
            self._say(line)

    def _say(self, text: str) -> None:
        if self._progress:
            self._out.write(wording.block(self._redact(text)) + "\n")
