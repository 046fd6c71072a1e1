"""What the foundation promises about cost: how soon the first answer comes, and that lists do not grow with the store.

    make bench

Start-up is the wall-clock time from starting the process to the first 2xx over a new connection, beside an
interpreter that starts and ends, and beside importing Connexion alone. List costs are ratios within one run.
"""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from mockserver.core.sandbox import services
from mockserver.providers.grafana_oncall.model import World
from mockserver.providers.grafana_oncall.records import AlertGroup, Organization, Postmortem, User

RUNS = 15
START = datetime(2026, 1, 1, tzinfo=UTC)


def first_answer() -> float:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    address = urlsplit(process.stdout.readline().strip())
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.request("GET", "/api/v1/postmortems/", headers={"Authorization": "meowmeowmeow"})
    status = connection.getresponse().status
    took = time.perf_counter() - began
    connection.close()
    process.terminate()
    process.communicate()
    assert status == 200
    return took


def ended(program: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)
    return time.perf_counter() - began


def world(postmortems: int) -> World:
    groups = 50
    return World(
        {
            "organizations": [Organization("O1", "One")],
            "users": [User("U1", "O1", "one", "admin", ("one",))],
            "alert_groups": [
                AlertGroup(f"I{at}", "O1", "group", START + timedelta(minutes=at)) for at in range(groups)
            ],
            "postmortems": [
                Postmortem(f"P{at}", f"I{at % groups}", START, "text") for at in range(postmortems)
            ],
            "postmortem_messages": [],
        },
        services(seed=1, name="bench", base_url="", rate_factor=None),
    )


def microseconds(work: Callable[[], object]) -> float:
    timer = timeit.Timer(work)
    number, _ = timer.autorange()
    return min(timer.repeat(5, number)) / number * 1e6


def page_of(made: World, group: str | None, page: int) -> object:
    return made.list_postmortems(made.authenticate("one"), group, page, 2)


def main() -> None:
    print(f"| start to … | median of {RUNS} | fastest | slowest |\n|---|---|---|---|")
    measures: dict[str, Callable[[], float]] = {
        "an interpreter's end": lambda: ended("pass"),
        "`import connexion`": lambda: ended("import connexion"),
        "the first 2xx of `mockserver serve`": first_answer,
    }
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(RUNS):
        for name, measure in measures.items():
            taken[name].append(measure())
    for name, seconds in taken.items():
        print(
            f"| {name} | {statistics.median(seconds):.2f} s | {min(seconds):.2f} s | {max(seconds):.2f} s |"
        )

    print("\n| one page of 2 | among 100 | among 100,000 | ratio |\n|---|---|---|---|")
    small, large = world(100), world(100_000)
    for name, group, page in (
        ("filtered by alert group", "I25", 1),
        ("not filtered, first page", None, 1),
        ("not filtered, in the middle", None, 25),
    ):
        costs = [microseconds(partial(page_of, made, group, page)) for made in (small, large)]
        print(f"| {name} | {costs[0]:.1f} µs | {costs[1]:.1f} µs | {costs[1] / costs[0]:.2f} |")


if __name__ == "__main__":
    main()
