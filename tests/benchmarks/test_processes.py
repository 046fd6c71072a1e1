"""The CPU of a tree of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.processes import (
    Stat,
    descendants,
    environment,
    own_seconds,
    parse_stat,
    resident_bytes,
    start,
    stop,
    tree,
    whole_cpu_seconds,
)

REST = "S 7 1 1 0 -1 4194560 1 2 3 4 50 60 150 50 20 0 1 0 100"
BURN = "import time\nwhile time.process_time() < 0.1: pass\n"
CHILD = f"{BURN}print('done', flush=True); import sys; sys.stdin.read()"
OUTLIVING = (
    "import subprocess, sys\n"
    f"subprocess.run([sys.executable, '-c', {BURN!r}])\n"
    "print('done', flush=True)\n"
    "sys.stdin.read()"
)
PARENT = (
    "import subprocess, sys\n"
    f"child = subprocess.Popen([sys.executable, '-c', {CHILD!r}])\n"
    "print(child.pid, flush=True)\n"
    "child.wait()\n"
)
RUN = """
import signal, sys
from pathlib import Path
from benchmarks.processes import start, stop, unwind_on_signals

unwind_on_signals()
folder = Path(sys.argv[1])
process = start(["sleep", "60"], folder=folder, log=folder / "log")
try:
    print(process.pid, flush=True)
    signal.pause()
finally:
    stop(process)
"""


def test_a_name_with_brackets_and_spaces_does_not_disturb_a_line_of_stat() -> None:
    for name in ("python", "a b", "a) b (c"):
        stat = parse_stat(f"42 ({name}) {REST}")
        assert (stat.pid, stat.parent) == (42, 7)


def test_the_cpu_of_children_that_have_ended_is_read_in_seconds() -> None:
    assert parse_stat(f"42 (python) {REST}").reaped == 200 / os.sysconf("SC_CLK_TCK")


def test_a_tree_is_its_roots_and_everything_below_them_each_once() -> None:
    parents = {1: 0, 2: 1, 3: 2, 4: 1, 5: 9}
    stats = {pid: Stat(pid, parent, 0) for pid, parent in parents.items()}
    assert tree([2], stats) == [2, 3]
    assert sorted(tree([1, 2], stats)) == [1, 2, 3, 4]


def test_a_root_that_is_gone_has_no_tree() -> None:
    assert tree([7], {1: Stat(1, 0, 0)}) == []


def test_a_process_that_is_gone_costs_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    assert own_seconds(process.pid) == 0
    assert resident_bytes([process.pid]) == 0


def test_the_clock_of_this_process_is_what_it_says_itself() -> None:
    before, read, after = time.process_time(), own_seconds(os.getpid()), time.process_time()
    assert before <= read <= after


def test_what_a_child_of_a_child_burns_is_the_trees() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert process.stdout.readline() == "done\n"
        pids = descendants([process.pid])
        assert pids == [process.pid, child]
        assert own_seconds(child) >= 0.1
        assert whole_cpu_seconds([process.pid]) >= own_seconds(process.pid) + 0.1
        assert resident_bytes(pids) > resident_bytes([child]) > 0


def test_what_a_child_that_has_ended_had_burnt_still_counts() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OUTLIVING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert whole_cpu_seconds([process.pid]) >= own_seconds(process.pid) + 0.09


def test_stopping_ends_the_children_too(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    child = f"import signal\nheld = open({str(alive)!r}, 'w')\nsignal.pause()"
    parent = (
        f"import subprocess, sys, signal\nsubprocess.Popen([sys.executable, '-c', {child!r}])\nsignal.pause()"
    )
    process = start([sys.executable, "-c", parent], folder=tmp_path, log=tmp_path / "log")
    with alive.open() as held:  # by the child, as long as it lives
        stop(process)
        assert held.read() == ""


def test_nothing_in_the_environment_makes_a_server_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_HOST", "192.0.2.1")
    monkeypatch.setenv("UVICORN_WORKERS", "3")
    monkeypatch.setenv("KEPT", "yes")
    names = environment().keys()
    assert "KEPT" in names
    assert not names & {"MOCKSERVER_HOST", "UVICORN_WORKERS"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_a_run_ends_what_it_has_started(number: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        # Whoever runs the tests may ignore it.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        started = int(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(30) == 128 + number
    assert not Path(f"/proc/{started}").exists()
