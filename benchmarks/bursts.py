"""Everybody up at once, asked in short bursts in random order, round after round."""

from __future__ import annotations

import json
import random
import select
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace

from benchmarks.arena import NotTheWork, Server
from benchmarks.commands import ROOT
from benchmarks.load import Burst, Job
from benchmarks.plan import Plan
from benchmarks.processes import environment, resident_bytes
from benchmarks.results import Results

CONNECTIONS = (32, 1)
# Seconds that one job may take.
PATIENCE = 120.0
MEGA = 1e6


def section(kind: str, connections: int) -> str:
    return f"{kind}/{connections}"


class Loader:
    """The load generator's process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(),
        )

    def run(self, name: str, job: Job) -> Burst:
        """Raises NotTheWork for an answer that is not the expected one, and for none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        method = job.request.split("\r\n", 1)[0]
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            raise NotTheWork(f"{name}: {method}: the load generator said nothing within {PATIENCE:g} s")
        said = json.loads(line)
        if "wrong" in said:
            raise NotTheWork(f"{name}: {method}: {said['wrong']}")
        return Burst(**said["burst"])

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # It has nothing to keep, and may be in the midst of a job.
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


def settle(loader: Loader, servers: Sequence[Server], plan: Plan, results: Results) -> None:
    """The same number of requests for each, then its memory; then as long as it takes to be warm."""
    for server in servers:
        name = server.contestant.name
        for job in server.jobs.values():
            loader.run(name, replace(job, connections=32, count=plan.settle))
        results.add("memory", name, "rss", resident_bytes(server.pids) / MEGA)
        for job in server.jobs.values():
            loader.run(name, replace(job, connections=32, seconds=plan.warm * server.contestant.warmth))


def measure(
    loader: Loader, servers: Sequence[Server], plan: Plan, results: Results, order: random.Random
) -> None:
    """In each round everybody does each kind of work once; who comes first is drawn anew each time."""
    for _ in range(plan.rounds):
        turns = [
            (server, kind, connections)
            for server in servers
            for kind in server.jobs
            for connections in CONNECTIONS
        ]
        order.shuffle(turns)
        for server, kind, connections in turns:
            name = server.contestant.name
            job = replace(server.jobs[kind], connections=connections, seconds=plan.burst)
            keep(results, section(kind, connections), name, loader.run(name, job))
    for server in servers:
        results.add("memory", server.contestant.name, "rss at the end", resident_bytes(server.pids) / MEGA)


def keep(results: Results, where: str, name: str, burst: Burst) -> None:
    """CPU and times in microseconds a request, and requests a second: those that were answered, beside a load generator
    that takes a core of its own, and those that the busiest process would answer if every process had one."""
    results.add(where, name, "cpu", burst.cpu / burst.requests * MEGA)
    results.add(where, name, "rate", burst.requests / burst.seconds)
    results.add(where, name, "ceiling", burst.requests / burst.busiest)
    results.add(where, name, "p50", burst.p50 * MEGA)
    results.add(where, name, "p99", burst.p99 * MEGA)
