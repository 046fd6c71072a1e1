"""What a person and a program are shown of a replay."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.server.replay import report
from mockserver.server.replay.comparing import ABSENT, Difference
from mockserver.server.replay.recording import Body, Exchange, RecordedRequest, RecordedResponse
from mockserver.server.replay.running import Outcome, Result


def result(name: str, outcome: Outcome, *differences: Difference, sent: str = "GET /x") -> Result:
    request = RecordedRequest("GET", "/x", "", {}, Body())
    exchange = Exchange(7, name, None, request, RecordedResponse(200, {}, Body()))
    return Result(exchange, outcome, name, sent, differences)


RESULTS = [
    result("b.one", Outcome.MATCHED),
    result("a.one", Outcome.DIFFERS, Difference("status", 200, 404), Difference("Allow", "GET", ABSENT)),
    result("b.two", Outcome.SKIPPED),
    result("alone", Outcome.MATCHED),
]


def test_a_diff_names_the_exchange_and_shows_both_sides_of_each_place() -> None:
    assert list(report.lines(RESULTS[1])) == [
        "differs a.one (line 7): GET /x",
        "  status",
        "    expected 200",
        "    seen     404",
        "  Allow",
        '    expected "GET"',
        "    seen     nothing",
    ]
    assert list(report.lines(RESULTS[0])) == []
    assert list(report.lines(RESULTS[2])) == [
        "skipped b.two (line 7): GET /x",
        "  its body was not recorded, only its size",
    ]


def test_the_summary_counts_by_group_and_ends_with_all() -> None:
    assert list(report.summary(RESULTS)) == [
        "b      1 of 1 (1 skipped)",
        "a      0 of 1",
        "alone  1 of 1",
        "matched 2 of 3 (1 skipped)",
    ]


def test_the_json_says_the_same() -> None:
    shown = json.loads(report.as_json(RESULTS))
    assert (shown["matched"], shown["of"], shown["skipped"]) == (2, 3, 1)
    assert shown["groups"]["b"] == {"matched": 1, "of": 1, "skipped": 1}
    assert shown["exchanges"][1] == {
        "name": "a.one",
        "line": 7,
        "request": "GET /x",
        "outcome": "differs",
        "differences": [
            {"place": "status", "expected": 200, "seen": 404},
            {"place": "Allow", "expected": "GET"},
        ],
    }


@pytest.mark.parametrize("long", ["x" * 1000, ["x" * 1000], {"k": "x" * 1000}])
def test_long_values_are_cut_to_where_they_begin_to_differ(long: Any) -> None:
    other = json.loads(json.dumps(long).replace("x" * 600, "x" * 599 + "y", 1))
    shown = list(report.lines(result("a", Outcome.DIFFERS, Difference("body", long, other))))
    assert all(len(line) < 190 for line in shown)
    assert "xy" in shown[3]
    assert shown[2] != shown[3]


def test_nothing_that_is_shown_reaches_into_the_terminal() -> None:
    nasty = "\x1b[31m\x9b\u202e\ud800"
    for line in report.lines(
        result(nasty[:0] + "a", Outcome.DIFFERS, Difference(nasty, nasty, nasty), sent=nasty)
    ):
        assert line.isprintable()
