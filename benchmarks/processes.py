"""What a tree of processes costs: CPU, memory, and how to start and stop one. Linux only, by way of /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 10.0
# What a server of ours, or uvicorn, would be told by them besides its flags.
FOREIGN = ("MOCKSERVER_", "UVICORN_")
# Of the fields that follow the command's name in /proc/PID/stat.
PARENT, REAPED_USER, REAPED_SYSTEM = 1, 13, 14


@dataclass(frozen=True, slots=True)
class Stat:
    """One line of /proc/PID/stat: the parent, and the CPU seconds of the children that have ended."""

    pid: int
    parent: int
    reaped: float


def parse_stat(line: str) -> Stat:
    """The command's name stands in brackets and may hold anything, brackets and spaces included."""
    pid, _, rest = line.partition(" (")
    fields = rest.rpartition(")")[2].split()
    reaped = (int(fields[REAPED_USER]) + int(fields[REAPED_SYSTEM])) / TICKS
    return Stat(int(pid), int(fields[PARENT]), reaped)


def tree(roots: Iterable[int], stats: Mapping[int, Stat]) -> list[int]:
    """The processes themselves and everything below them, each once."""
    children: dict[int, list[int]] = {}
    for stat in stats.values():
        children.setdefault(stat.parent, []).append(stat.pid)
    found: dict[int, None] = {}
    waiting = [root for root in roots if root in stats]
    while waiting:
        pid = waiting.pop(0)
        if pid not in found:
            found[pid] = None
            waiting += children.get(pid, [])
    return list(found)


def running() -> dict[int, Stat]:
    """Every process of the machine; one that ends meanwhile is left out."""
    stats = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = parse_stat((entry / "stat").read_text("utf-8", "replace"))
                stats[stat.pid] = stat
    return stats


def descendants(roots: Iterable[int]) -> list[int]:
    return tree(roots, running())


def own_seconds(pid: int) -> float:
    """CPU of all threads of one process, ended ones included, by the kernel's own clock for it: in nanoseconds, where
    /proc/PID/stat counts in hundredths of a second. Zero for a process that is gone."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def whole_cpu_seconds(roots: Iterable[int]) -> float:
    """With the children that have already ended, as starting has some."""
    stats = running()
    return sum(own_seconds(pid) + stats[pid].reaped for pid in tree(roots, stats))


def resident_bytes(pids: Iterable[int]) -> int:
    """Pages that several processes share count once for each."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += int((PROC / str(pid) / "statm").read_text().split()[1]) * PAGE
    return total


def environment() -> dict[str, str]:
    """That of this process, without what would make a server another one than the one that is meant."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


def unwind_on_signals() -> None:
    """Whoever ends this process, or closes its terminal, lets it end first what it has started."""

    def leave(number: int, frame: object) -> None:
        for each in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, leave)


def start(
    argv: Sequence[str], *, folder: Path, env: Mapping[str, str] | None = None, log: Path
) -> subprocess.Popen[bytes]:
    """In a session of its own, so that it can be ended with all its children; what it prints goes to `log`."""
    with log.open("ab") as out:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**environment(), **(env or {})},
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """The process and its session, gently first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # children that outlived it
