"""One kind of test against one mutant, in a process forked from one that has imported everything."""

from __future__ import annotations

import json
import os
import shlex
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

import contract_tests
from contract_tests.mutants.layer import FAULTS
from contract_tests.mutants.mutant import Mutant

HERE = Path(contract_tests.__file__).resolve().parent
RESULT, LOG, FAULTS_FILE, LEDGER = "result.json", "log.txt", "faults.txt", "ledger.jsonl"
PREFIX, MOCK_COMMAND = "CONTRACT_", "CONTRACT_MOCK_COMMAND"
EXAMPLES = "CONTRACT_FUZZ_EXAMPLES"
AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
# What the suite wants to hear before it changes anything on a deployment; the layer is one of our own.
TARGET_FLAGS = ("--write", "--write-permanent")


@dataclass(frozen=True)
class Job:
    mutant: Mutant
    kind: str
    vendor: str
    whole: bool = False  # on after the first failure
    select: str = ""  # pytest's -k
    deselected: tuple[str, ...] = ()  # tests that the healthy server fails
    examples: int = 8

    @property
    def on_target(self) -> bool:
        """Compatible changes are judged as a deployment is: what vendors may add is no breach there."""
        return self.mutant.harmless


@dataclass(eq=False)  # pytest wants to hash it
class Outcome:
    """What pytest said. A failure is a test's id and its message; an error is one before or after a test."""

    code: int
    passed: int = 0
    skipped: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            found = self.failures if report.when == "call" else self.errors
            found.append((report.nodeid, report.longreprtext))
        elif report.skipped:
            self.skipped += 1
        elif report.when == "call":
            self.passed += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(report.longreprtext)

    def pytest_internalerror(self, excrepr: object) -> None:
        self.broken.append(str(excrepr))


def work(job: Job, of: str, folder: Path) -> None:
    """Runs in the fork, and writes the outcome into the folder. `of` starts the server behind the mutant."""
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT)
    for number in (1, 2):
        os.dup2(log, number)
    _set_environment(job, of, folder)
    outcome = Outcome(0)
    with ExitStack() as open_:
        arguments = _arguments(job, folder)
        if job.on_target:
            # Only now: the suite's modules are not to be imported before pytest is there.
            from contract_tests.mocks import running_mock  # noqa: PLC0415

            url = open_.enter_context(running_mock("--rate-limit", "off", "--webhook-retry-scale", "0"))
            arguments += ["--target", url, f"--ledger={folder / LEDGER}", *TARGET_FLAGS]
        outcome.code = int(pytest.main(arguments, plugins=[outcome]))
    (folder / RESULT).write_text(json.dumps(asdict(outcome)), "utf-8")


def places(kind: str, vendor: str) -> list[str]:
    """Where the tests of a kind stand; the marks tell the rest."""
    folder = HERE / (vendor if kind == "laws" else kind)
    return [str(folder)] if folder.is_dir() else [str(HERE)]


def _arguments(job: Job, folder: Path) -> list[str]:
    arguments = [
        *places(job.kind, job.vendor),
        "-m",
        f"{job.kind} and {job.vendor}",
        "-q",
        "--tb=short",
        "--assert=plain",
    ]
    arguments += [
        "-c",
        str(HERE / "pytest.ini"),
        "--rootdir",
        str(HERE.parent),
        "-p",
        "_hypothesis_pytestplugin",
    ]
    arguments += [f"--basetemp={folder / 'pytest'}"]
    arguments += [] if job.whole else ["-x"]
    arguments += ["-k", job.select] if job.select else []
    return [*arguments, *(f"--deselect={test}" for test in job.deselected)]


def _set_environment(job: Job, of: str, folder: Path) -> None:
    for name in list(os.environ):
        if name.startswith((f"{PREFIX}ONCALL_", f"{PREFIX}INCIDENT_")):
            del os.environ[name]
    layer = [sys.executable, "-m", "contract_tests.mutants.layer", job.mutant.name]
    os.environ |= {
        MOCK_COMMAND: shlex.join([*layer, "--", *shlex.split(of)]),
        FAULTS: str(folder / FAULTS_FILE),
        AUTOLOAD: "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(HERE.parent), os.environ.get("PYTHONPATH")))),
    }
    os.environ.setdefault(EXAMPLES, str(job.examples))
