"""The goals that the product set itself, each held against what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.asked import INCIDENT_IO, ONCALL
from benchmarks.bursts import section
from benchmarks.contestants import (
    BACKEND,
    CONNEXION,
    FLOOR,
    LMDB_ONE,
    LMDB_TWO,
    OURS,
    PRISM,
    SILENT,
    TUNED,
    VALIDATING_PEERS,
)
from benchmarks.inprocess import FRESH, HTTPX, OVER_CONNEXION
from benchmarks.results import Results, least, most
from benchmarks.starting import FULL_JSON, HELP, SMALL

READ_AND_WRITE = ("POST", "GET", "LIST")
SAME = 1.1


@dataclass(frozen=True, slots=True)
class Verdict:
    """`met` is None where nothing was measured."""

    goal: str
    met: bool | None
    figure: str

    @property
    def word(self) -> str:
        return "not measured" if self.met is None else "met" if self.met else "not met"


def verdicts(results: Results) -> list[Verdict]:
    return [verdict for goal in GOALS for verdict in goal(results)]


def _at_least(goal: str, value: float | None, bound: float, figure: str) -> Verdict:
    return Verdict(goal, None if value is None else value >= bound, figure)


def _at_most(goal: str, value: float | None, bound: float, figure: str) -> Verdict:
    return Verdict(goal, None if value is None else value <= bound, figure)


def _times(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}×" if value < 10 else f"{value:.0f}×"


def _named(names: Sequence[str], values: Sequence[float | None], show: Callable[[float | None], str]) -> str:
    return ", ".join(f"{name} {show(value)}" for name, value in zip(names, values, strict=True))


def cheaper(results: Results, peer: str, connections: int = 32) -> list[float | None]:
    """How many times our CPU a request of each kind costs the peer."""
    return [results.ratio(section(kind, connections), "cpu", peer, OURS) for kind in READ_AND_WRITE]


def requests(results: Results) -> Iterator[Verdict]:
    for goal, peer, bound in (
        ("1. CPU a request at least 20 times less than stock Connexion's", CONNEXION, 20.0),
        ("1. CPU a request at least 30 times less than Prism's", PRISM, 30.0),
        ("1. CPU a request at least 3 times less than openapi-backend's", BACKEND, 3.0),
        ("1. CPU a request no more than tuned WireMock's", TUNED, 1.0),
    ):
        found = cheaper(results, peer)
        figure = _named(READ_AND_WRITE, found, _times)
        alone = _named(READ_AND_WRITE, cheaper(results, peer, 1), _times)
        figure += f"; with one connection {alone}"
        if peer == PRISM:
            figure += f"; without its log {_named(READ_AND_WRITE, cheaper(results, SILENT), _times)}"
        yield _at_least(goal, least(found), bound, figure)


def memory(results: Results) -> Iterator[Verdict]:
    ours = results.median("memory", OURS, "rss")
    peers = {name: results.median("memory", name, "rss") for name in VALIDATING_PEERS}
    smallest = least(peers.values())
    ratio = None if ours is None or smallest is None else ours / smallest
    figure = ", ".join(f"{name} {'–' if size is None else f'{size:.0f} MB'}" for name, size in peers.items())
    ours_shown = "–" if ours is None else f"{ours:.0f} MB"
    yield _at_most("1. Memory under every validating peer's", ratio, 1.0, f"{ours_shown}; {figure}")


def calls(results: Results) -> Iterator[Verdict]:
    for kind, bound in (("POST", 60), ("GET", 35)):
        found = [results.median("calls", vendor, kind) for vendor in (INCIDENT_IO, ONCALL)]
        figure = _named((INCIDENT_IO, ONCALL), found, lambda value: "–" if value is None else f"{value:.0f}")
        goal = f"2. Python calls of a valid {kind} at most {bound}"
        yield _at_most(goal, most(found), bound, figure)


def floor(results: Results) -> Iterator[Verdict]:
    for kind, bound in (("GET", 8.0), ("POST", 10.0)):
        found = results.ratio(section(kind, 32), "cpu", OURS, FLOOR)
        alone = results.ratio(section(kind, 1), "cpu", OURS, FLOOR)
        goal = f"3. {kind} within {bound:.0f} times the bare uvloop protocol"
        yield _at_most(goal, found, bound, f"{_times(found)}; with one connection {_times(alone)}")


def start(results: Results) -> Iterator[Verdict]:
    found = [results.ratio("start", column, OURS, SMALL) for column in ("wall", "cpu")]
    walls = [results.median("start", name, "wall") for name in (OURS, SMALL, CONNEXION)]
    figure = _named((OURS, SMALL, "with our document"), walls, _seconds)
    goal = "4. Cold start to the first 2xx no longer than stock Connexion's"
    yield _at_most(goal, found[0], 1.0, f"{figure}; CPU {_times(found[1])}")
    for goal, name, bound in (
        ("4. `mockserver --help` within 0.25 s of CPU", HELP, 0.25),
        ("4. First 2xx of the 337 operations from JSON within 2.5 s of CPU", FULL_JSON, 2.5),
    ):
        cpu = results.median("start", name, "cpu")
        yield _at_most(goal, cpu, bound, _or_reason(_seconds(cpu), results, name))
    last = _route_ratio(results, "last route", "first route")
    goal = "4. The last of 337 routes costs what the first costs (within a tenth)"
    yield _at_most(goal, last, SAME, _or_reason(_times_exactly(last), results, "337 operations, routes"))


def _route_ratio(results: Results, row: str, base: str) -> float | None:
    """Of finding it: what the answers cost differs with what they say."""
    return results.ratio("operations", "many", f"{row}, found", f"{base}, found")


def _or_reason(figure: str, results: Results, name: str) -> str:
    """Why there is no figure, where that is known."""
    return results.missing.get(name, figure)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"


def _times_exactly(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}×"


def in_process(results: Results) -> Iterator[Verdict]:
    kinds = ("POST", "GET")
    found = [results.ratio("in-process", kind, OVER_CONNEXION, HTTPX) for kind in kinds]
    goal = "5. In-process at least 4 times cheaper than httpx.ASGITransport on stock Connexion"
    yield _at_least(goal, least(found), 4.0, f"httpx with our transport: {_named(kinds, found, _times)}")
    fresh = [results.median("in-process", FRESH, kind) for kind in kinds]
    figure = _named(kinds, fresh, lambda value: "–" if value is None else f"{value / 1000:.2f} ms")
    yield _at_most("5. A fresh sandbox and its first request within 1 ms", most(fresh), 1000, figure)


def growth(results: Results) -> Iterator[Verdict]:
    rows = [f"{vendor}, {what}" for vendor in (INCIDENT_IO, ONCALL) for what in ("page", "filter")]
    found = [results.growth("records", row) for row in rows]
    number = int(results.facts.get("records", "100000"))
    goal = f"6. Page and filter among {number:,} records within 1.5 times of 100"
    yield _at_most(goal, most(found), 1.5, _named(rows, found, _times_exactly))


def shared(results: Results) -> Iterator[Verdict]:
    found = [results.ratio(section(kind, 32), "cpu", LMDB_ONE, OURS) for kind in READ_AND_WRITE]
    goal = "7. LMDB with one worker within 1.25 times the CPU of memory"
    figure = _or_reason(_named(READ_AND_WRITE, found, _times_exactly), results, LMDB_ONE)
    yield _at_most(goal, most(found), 1.25, figure)
    where = section("GET", 32)
    found = [results.ratio(where, "ceiling", LMDB_TWO, base) for base in (LMDB_ONE, OURS)]
    beside = results.ratio(where, "rate", LMDB_TWO, LMDB_ONE)
    goal = "7. Two workers answer at least 1.5 times the GETs of one, each with a core of its own"
    figure = _named(("one worker's", "memory's"), found, _times_exactly)
    figure += f"; on two cores that they share with the load generator {_times_exactly(beside)}"
    yield _at_least(goal, found[0], 1.5, _or_reason(figure, results, LMDB_TWO))


GOALS = (requests, memory, calls, floor, start, in_process, growth, shared)
