"""Ten minutes at full rate with faults, journal and webhooks on: memory flat, nothing lost, every entry bounded.

    make soak              (ARGS="--seconds 60" for less)

Clients, each in a sandbox of its own, write, read, delete and upload without a pause while faults break some of
their requests; one more opens incidents whose webhooks a receiver counts. Each client compares, before it resets
its sandbox, what it asked with what the journal counted. Ends with 1 if anything does not add up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

import httpx

from benchmarks.processes import environment, unwind_on_signals
from benchmarks.soaking import Asker, Receiver, resident_bytes

CLIENTS = 8
ROUND = 2_000
HUGE_EVERY = 50
LARGEST_ENTRY = 200_000
JOURNAL_ENTRIES, JOURNAL_BYTES = 500, 4 << 20
SAMPLE_EVERY = 5.0
# Of the resident memory: the median of the last third may lie this far above that of the second.
GROWTH = 1.05
FAULTS = {
    "rules": [
        {"match": {"nth": 7}, "act": {"status": 503}},
        {"match": {"every": 50}, "act": {"status": 503}},
        {"match": {"every": 70}, "act": {"status": 429, "retry_after": 1}},
        {"match": {"every": 110}, "act": {"delay": 0.01}},
        {"match": {"every": 130, "method": "GET"}, "act": {"truncate": True}},
        {"match": {"every": 170}, "act": {"reset": True}},
        {"match": {"every": 190, "method": "GET"}, "act": {"malformed": True}},
    ]
}


@dataclass
class Tally:
    asked: int = 0
    journalled: int = 0
    broken: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    largest: int = 0
    problems: list[str] = field(default_factory=list)


async def write_and_read(asker: Asker, tally: Tally, until: float) -> None:
    """Rounds of create, read, list, delete, an unknown path and, now and then, an upload beyond all bounds."""
    while time.monotonic() < until:
        before = tally.asked
        await put_faults(asker)
        for turn in range(ROUND // 5):
            body = {"alert_group_id": "IQUIET1PAGE11", "text": f"soak {turn}"}
            if turn % HUGE_EVERY == 0:
                body["text"] = "x" * 1_000_000
            made = await ask(asker, tally, "POST", "/api/v1/postmortems/", body)
            id_ = made.get("id", "NONE")
            await ask(asker, tally, "GET", f"/api/v1/postmortems/{id_}/")
            await ask(asker, tally, "GET", "/api/v1/postmortems/?perpage=10")
            await ask(asker, tally, "DELETE", f"/api/v1/postmortems/{id_}/")
            await ask(asker, tally, "GET", "/nowhere/at/all")
        await compare(asker, tally, tally.asked - before)


async def ask(asker: Asker, tally: Tally, method: str, path: str, body: object = None) -> dict[str, object]:
    """The answer's object; an empty one for what a fault has broken."""
    tally.asked += 1
    status, content = await asker.ask(method, path, body)
    if status is None:
        tally.broken += 1
        return {}
    tally.statuses[status] = tally.statuses.get(status, 0) + 1
    try:
        said = json.loads(content or b"{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


async def put_faults(asker: Asker) -> None:
    status, content = await asker.ask("PUT", "/_mock/faults", FAULTS)
    assert status in (200, 204), content


async def compare(asker: Asker, tally: Tally, asked: int) -> None:
    """The journal has to have seen every request of the round, kept or dropped, and to keep within its bounds."""
    _, content = await asker.ask("GET", "/_mock/journal?limit=1000")
    journal = json.loads(content)
    seen = journal["total"] + journal["dropped"]
    tally.journalled += seen
    if seen != asked:
        tally.problems.append(f"{asked} requests, {seen} in the journal")
    if journal["total"] > JOURNAL_ENTRIES:
        tally.problems.append(f"{journal['total']} entries kept")
    tally.largest = max([tally.largest, *(len(json.dumps(entry)) for entry in journal["entries"])])
    await asker.ask("POST", "/_mock/reset")


async def open_incidents(asker: Asker, receiver: Receiver, tally: Tally, until: float) -> None:
    """As many as the receiver keeps up with; each is told of once, under an id of its own."""
    while time.monotonic() < until:
        status, content = await asker.ask("POST", "/_mock/webhooks/targets", {"url": receiver.url})
        _, severities = await asker.ask("GET", "/v1/severities")
        severity = json.loads(severities)["severities"][0]["id"]
        before, opened = len(receiver.ids), 0
        for number in range(100):
            body = {"idempotency_key": f"soak-{number}", "visibility": "public", "severity_id": severity}
            status, content = await asker.ask("POST", "/v2/incidents", body)
            tally.asked += 1
            if status != 200:
                tally.problems.append(f"an incident was answered {status}: {content[:200]!r}")
            opened += 1
        _, content = await asker.ask("GET", "/_mock/webhooks")
        expected = len(json.loads(content)["deliveries"])
        for _ in range(500):
            if len(receiver.ids) - before >= expected:
                break
            await asyncio.sleep(0.02)
        if (told := len(receiver.ids) - before) != expected or expected < opened:
            tally.problems.append(f"{opened} incidents, {expected} deliveries, {told} arrived")
        await asker.ask("POST", "/_mock/reset")


async def sample(pid: int, until: float) -> list[tuple[float, int]]:
    began, samples = time.monotonic(), []
    while time.monotonic() < until:
        samples.append((time.monotonic() - began, resident_bytes(pid)))
        await asyncio.sleep(SAMPLE_EVERY)
    return samples


async def soak(seconds: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "mockserver", "serve", "--host", "127.0.0.1"),
                *("--port", "0", "--rate-limit", "off"),
                *("--journal-entries", str(JOURNAL_ENTRIES), "--journal-bytes", str(JOURNAL_BYTES)),
            ],
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=environment(),
        )
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().strip()
            return await run(base_url, process.pid, seconds)
        finally:
            process.terminate()
            process.communicate()


async def run(base_url: str, pid: int, seconds: float) -> int:
    until = time.monotonic() + seconds
    tallies = [Tally() for _ in range(CLIENTS + 1)]
    async with Receiver() as receiver:
        askers = [Asker(base_url, f"soak-{number}") for number in range(CLIENTS + 1)]
        sampling = asyncio.create_task(sample(pid, until))
        await asyncio.gather(
            open_incidents(askers[-1], receiver, tallies[-1], until),
            *(write_and_read(askers[at], tallies[at], until) for at in range(CLIENTS)),
        )
        samples = await sampling
        for asker in askers:
            asker.close()
    problems = [problem for tally in tallies for problem in tally.problems]
    third = max(1, len(samples) // 3)
    middle, last = ([size for _, size in part] for part in (samples[third : 2 * third], samples[-third:]))
    growth = statistics.median(last) / statistics.median(middle or last)
    if growth > GROWTH:
        problems.append(f"memory grew by {growth - 1:.1%} from the second third to the last")
    largest = max(tally.largest for tally in tallies)
    if largest > LARGEST_ENTRY:
        problems.append(f"an entry of {largest} bytes")
    asked = sum(tally.asked for tally in tallies)
    version = httpx.get(f"{base_url}/_mock/health", trust_env=False).json()["version"]
    print(f"mockserver {version}, {seconds:.0f} s, {CLIENTS} clients")
    print(f"requests            {asked} ({asked / seconds:.0f} a second)")
    print(f"in the journals     {sum(tally.journalled for tally in tallies)}")
    print(f"broken by faults    {sum(tally.broken for tally in tallies)}")
    print(f"webhooks            {len(receiver.ids)}")
    print(f"largest entry       {largest} bytes")
    print(f"memory              {middle[0] if middle else last[0]:,} → {last[-1]:,} bytes, ×{growth:.3f}")
    for problem in problems[:20]:
        print(f"WRONG: {problem}")
    return 1 if problems else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    unwind_on_signals()
    sys.exit(asyncio.run(soak(parser.parse_args().seconds)))


if __name__ == "__main__":
    main()
