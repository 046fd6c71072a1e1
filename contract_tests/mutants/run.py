"""The suite against one mutant after the other, several at a time, each in forks of this process."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from contract_tests.kinds import KINDS
from contract_tests.mutants.mutant import NONE, Mutant
from contract_tests.mutants.verdict import Judged, Verdict, verdicts
from contract_tests.mutants.worker import FAULTS_FILE, HERE, LOG, RESULT, Job, Outcome, work

# What takes long to import, and is safe to have imported before a fork: the tests, too, as pytest rewrites no assert.
HEAVY = ("hypothesis", "httpx", "yaml", "schemathesis", "openapi_core", "contract_tests.conftest")
LIMITS: Mapping[str, float] = {"laws": 240, "model": 240, "concurrency": 120, "schema": 300}
PAUSE = 0.05


@dataclass(frozen=True)
class Settings:
    kinds: Sequence[str] = KINDS
    jobs: int = 2
    of: str = ""
    select: str = ""
    examples: int = 8
    until_killed: bool = False


@dataclass
class _Running:
    job: Job
    folder: Path
    started: float
    hung: bool = False


def warm_up() -> None:
    for name in HEAVY:
        importlib.import_module(name)
    for module in pkgutil.walk_packages([str(HERE)], "contract_tests."):
        if module.name.rpartition(".")[2].startswith("test_"):
            importlib.import_module(module.name)


def jobs_of(mutant: Mutant, settings: Settings) -> list[Job]:
    # Fuzzing a deployment changes what it finds, and there is nothing to see in it for a compatible change.
    kinds = [
        kind for kind in settings.kinds if not (mutant.harmless and mutant is not NONE and kind == "schema")
    ]
    return [
        Job(mutant, kind, vendor, select=settings.select, examples=settings.examples)
        for vendor in mutant.vendors
        for kind in kinds
    ]


def healthy(mutants: Sequence[Mutant], settings: Settings) -> list[tuple[Job, list[Verdict], Outcome | None]]:
    """The suite against the layer that changes nothing, as far as the mutants need it."""
    needed = {(vendor, mutant.harmless) for mutant in mutants for vendor in mutant.vendors}
    jobs = [
        Job(replace(NONE, about=NONE.about if harmless else "healthy"), kind, vendor, True, settings.select)
        for vendor, harmless in sorted(needed)
        for kind in settings.kinds
        if not (harmless and kind == "schema")
    ]
    return list(each(jobs, settings))


def judge(mutants: Sequence[Mutant], settings: Settings, deselected: Sequence[str] = ()) -> Iterator[Judged]:
    """Every mutant as soon as all kinds of test have been at it."""
    jobs = [
        replace(job, deselected=tuple(deselected)) for mutant in mutants for job in jobs_of(mutant, settings)
    ]
    left = {mutant.name: sum(job.mutant is mutant for job in jobs) for mutant in mutants}
    found: dict[str, list[Verdict]] = {mutant.name: [] for mutant in mutants}
    for job, said, _ in each(jobs, settings):
        name = job.mutant.name
        found[name] += said
        left[name] -= 1
        if not left[name]:
            yield Judged(job.mutant, tuple(found[name]))


def each(jobs: Sequence[Job], settings: Settings) -> Iterator[tuple[Job, list[Verdict], Outcome | None]]:
    """Runs the jobs in their order, so many at a time, and tells of each when it is done."""
    warm_up()
    waiting = list(jobs)[::-1]
    running: dict[int, _Running] = {}
    killed: set[str] = set()
    try:
        while waiting or running:
            while waiting and len(running) < settings.jobs:
                job = waiting.pop()
                if settings.until_killed and job.mutant.name in killed:
                    yield job, [], None
                    continue
                pid, one = _start(job, settings)
                running[pid] = one
            for pid in list(running):
                ended = _ended(pid, running[pid])
                if ended is not None:
                    said, outcome = ended
                    if any(verdict.kills for verdict in said):
                        killed.add(running[pid].job.mutant.name)
                    yield running.pop(pid).job, said, outcome
            time.sleep(PAUSE)
    finally:
        for pid, one in running.items():
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            shutil.rmtree(one.folder, ignore_errors=True)


def _start(job: Job, settings: Settings) -> tuple[int, _Running]:
    folder = Path(tempfile.mkdtemp(prefix="mutant-"))
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setsid()  # a group of its own, to be ended as one
            work(job, settings.of, folder)
            code = 0
        except BaseException:  # noqa: BLE001 - a fork must never run on as its parent
            (folder / FAULTS_FILE).write_text(traceback.format_exc(), "utf-8")
        finally:
            os._exit(code)
    return pid, _Running(job, folder, time.monotonic())


def _ended(pid: int, one: _Running) -> tuple[list[Verdict], Outcome | None] | None:
    limit = LIMITS[one.job.kind]
    ended, _, used = os.wait4(pid, os.WNOHANG)
    if not ended:
        if not one.hung and time.monotonic() - one.started > limit:
            one.hung = True
            os.killpg(pid, signal.SIGKILL)
        return None
    outcome = None
    faults = one.folder / FAULTS_FILE
    if (one.folder / RESULT).exists():
        outcome = Outcome(**json.loads((one.folder / RESULT).read_text("utf-8")))
    told = faults.read_text("utf-8") if faults.exists() else ""
    if outcome is None and not one.hung and not told:
        told = f"no result: {(one.folder / LOG).read_text('utf-8', 'replace')[-2000:]}"
    seconds = time.monotonic() - one.started
    said = list(verdicts(one.job, outcome, told, seconds, used.ru_utime + used.ru_stime, limit))
    shutil.rmtree(one.folder, ignore_errors=True)
    return said, outcome
