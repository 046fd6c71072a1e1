"""Each goal's line says what was measured, and is met, not met or not measured."""

from __future__ import annotations

import pytest

from benchmarks.asked import INCIDENT_IO, ONCALL
from benchmarks.contestants import (
    BACKEND,
    CONNEXION,
    FLOOR,
    LMDB_ONE,
    LMDB_TWO,
    OURS,
    PRISM,
    TUNED,
    VALIDATING_PEERS,
)
from benchmarks.goals import READ_AND_WRITE, Verdict, verdicts
from benchmarks.inprocess import FRESH, HTTPX, OVER_CONNEXION
from benchmarks.results import Results
from benchmarks.starting import FULL_JSON, HELP, SMALL


@pytest.fixture
def at_the_bound() -> Results:
    """Everything exactly as good as the goals want it."""
    made = Results(facts={"records": "100000"})
    costs = {OURS: 10.0, CONNEXION: 200.0, PRISM: 300.0, BACKEND: 30.0, TUNED: 10.0, LMDB_ONE: 12.5}
    for kind in READ_AND_WRITE:
        for name, cost in costs.items():
            made.add(f"{kind}/32", name, "cpu", cost)
    made.add("GET/32", FLOOR, "cpu", 1.25)
    made.add("POST/32", FLOOR, "cpu", 1.0)
    for name, rate in ((OURS, 110.0), (LMDB_ONE, 100.0), (LMDB_TWO, 150.0)):
        made.add("GET/32", name, "ceiling", rate)
    for name in (OURS, *VALIDATING_PEERS):
        made.add("memory", name, "rss", 60)
    for vendor in (INCIDENT_IO, ONCALL):
        made.add("calls", vendor, "POST", 60)
        made.add("calls", vendor, "GET", 35)
        for what in ("page", "filter"):
            made.add("records", f"{vendor}, {what}", "few", 2)
            made.add("records", f"{vendor}, {what}", "many", 3)
    for name, cpu in ((OURS, 0.5), (SMALL, 0.5), (HELP, 0.25), (FULL_JSON, 2.5)):
        made.add("start", name, "wall", 0.5)
        made.add("start", name, "cpu", cpu)
    made.add("operations", "first route, found", "many", 1.0)
    made.add("operations", "last route, found", "many", 1.1)
    for kind in ("POST", "GET"):
        made.add("in-process", HTTPX, kind, 100)
        made.add("in-process", OVER_CONNEXION, kind, 400)
        made.add("in-process", FRESH, kind, 1000)
    return made


def one(results: Results, words: str) -> Verdict:
    (found,) = [verdict for verdict in verdicts(results) if words in verdict.goal]
    return found


def test_what_reaches_the_bound_meets_every_goal(at_the_bound: Results) -> None:
    assert [verdict for verdict in verdicts(at_the_bound) if not verdict.met] == []


def test_nothing_measured_is_nothing_met_and_nothing_missed() -> None:
    assert {verdict.word for verdict in verdicts(Results())} == {"not measured"}


@pytest.mark.parametrize(
    ("section", "row", "column", "value", "words"),
    [
        ("LIST/32", CONNEXION, "cpu", 199.0, "stock Connexion's"),
        ("POST/32", PRISM, "cpu", 299.0, "Prism's"),
        ("GET/32", BACKEND, "cpu", 29.9, "openapi-backend's"),
        ("GET/32", TUNED, "cpu", 9.9, "WireMock's"),
        ("memory", CONNEXION, "rss", 59.0, "Memory"),
        ("calls", ONCALL, "POST", 61.0, "calls of a valid POST"),
        ("calls", INCIDENT_IO, "GET", 36.0, "calls of a valid GET"),
        ("GET/32", FLOOR, "cpu", 1.2, "GET within 8 times"),
        ("POST/32", FLOOR, "cpu", 0.9, "POST within 10 times"),
        ("start", OURS, "wall", 0.51, "Cold start"),
        ("start", HELP, "cpu", 0.26, "--help"),
        ("start", FULL_JSON, "cpu", 2.6, "337 operations from JSON"),
        ("operations", "last route, found", "many", 1.2, "last of 337"),
        ("in-process", OVER_CONNEXION, "GET", 390.0, "In-process"),
        ("in-process", FRESH, "POST", 1001.0, "fresh sandbox"),
        ("records", f"{ONCALL}, filter", "many", 3.1, "100,000 records"),
        ("LIST/32", LMDB_ONE, "cpu", 12.6, "LMDB with one worker"),
        ("GET/32", LMDB_TWO, "ceiling", 149.0, "Two workers"),
    ],
)
def test_a_little_less_misses_the_goal(
    at_the_bound: Results, section: str, row: str, column: str, value: float, words: str
) -> None:
    at_the_bound.values[section, row, column] = [value]
    missed = [verdict.goal for verdict in verdicts(at_the_bound) if not verdict.met]
    assert len(missed) == 1
    assert words in missed[0]


def test_a_kind_of_work_that_was_not_measured_leaves_the_goal_open(at_the_bound: Results) -> None:
    del at_the_bound.values["LIST/32", PRISM, "cpu"]
    assert one(at_the_bound, "Prism's").word == "not measured"


def test_a_figure_names_the_work_and_its_ratio(at_the_bound: Results) -> None:
    at_the_bound.values["GET/32", CONNEXION, "cpu"] = [75.0]
    verdict = one(at_the_bound, "less than stock Connexion's")
    assert verdict.word == "not met"
    assert verdict.figure.startswith("POST 20×, GET 7.5×, LIST 20×")


def test_where_there_is_a_reason_for_no_figure_it_is_said() -> None:
    results = Results(missing={LMDB_ONE: "this mockserver has no --store"})
    assert one(results, "LMDB").figure == "this mockserver has no --store"
