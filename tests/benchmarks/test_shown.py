"""Tables, chart and page of what was measured."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.chart import LEFT, RIGHT, WIDTH, chart, place, ticks
from benchmarks.contestants import CONTESTANTS, FLOOR, OURS, PRISM
from benchmarks.page import drawn, page
from benchmarks.results import Results
from benchmarks.run import select
from benchmarks.tables import contestants, growths, number, rates, table

SVG = "{http://www.w3.org/2000/svg}"
COSTS = {"slow <&>": {"POST": 900.0, "GET": 800.0}, OURS: {"POST": 63.0, "GET": 35.0, "LIST": 55.0}}


@pytest.fixture
def results() -> Results:
    made = Results(facts={"date": "2026-11-22", "quick": "yes", "node": "24"})
    for name, cost in ((OURS, 35.4), (PRISM, 2263.0)):
        for connections in (1, 32):
            for column, value in (("cpu", cost), ("rate", 1e6 / cost), ("p50", cost), ("p99", 10 * cost)):
                made.add(f"GET/{connections}", name, column, value)
        made.add("memory", name, "rss", 95.0)
    made.missing["WireMock"] = "there is no java"
    return made


def test_numbers_are_told_in_three_figures() -> None:
    assert [number(value) for value in (None, 0.123, 3.456, 35.4, 134.4, 2263.0, 18947.0)] == [
        *("–", "0.12", "3.5", "35"),
        *("134", "2,260", "18,900"),
    ]


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(["a"], [["b|c"]]).splitlines() == ["| a |", "| --- |", "| b\\|c |"]


def test_every_line_of_a_table_has_as_many_cells(results: Results) -> None:
    lines = contestants(results, [OURS, PRISM], {OURS: "x", PRISM: "y"}).splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1
    assert "35 / 35" in lines[2]
    assert "2,260 / 2,260" in lines[3]


def test_rates_come_with_the_times_in_milliseconds(results: Results) -> None:
    assert "28,200 (0.04 / 0.35)" in rates(results, [OURS], 32)


def test_growth_is_shown_as_a_ratio() -> None:
    made = Results()
    made.add("records", "page", "few", 20)
    made.add("records", "page", "many", 25)
    assert (
        growths(made, "records", "records", "100", "100,000").splitlines()[-1] == "| page | 20 | 25 | 1.25 |"
    )


def test_the_scale_holds_every_value() -> None:
    assert ticks([35.0, 900.0]) == [20, 50, 100, 200, 500, 1000]
    assert ticks([10.0, 10.0]) == [10, 20]


def test_the_scale_is_logarithmic_from_edge_to_edge() -> None:
    scale = [10.0, 100.0, 1000.0]
    assert [place(value, scale) for value in scale] == pytest.approx(
        [LEFT, (LEFT + WIDTH - RIGHT) / 2, WIDTH - RIGHT]
    )


def test_the_chart_is_an_image_with_a_dot_for_every_cost() -> None:
    drawing = ElementTree.fromstring(chart(COSTS, "CPU", "today", OURS))
    dots = [node.get("class") for node in drawing.iter() if node.get("class") in ("POST", "GET", "LIST")]
    assert sorted(filter(None, dots)) == sorted(["POST", "GET", "LIST", "POST", "GET", "POST", "GET", "LIST"])


def test_the_chart_has_the_cheapest_on_top_and_marks_ours() -> None:
    drawing = ElementTree.fromstring(chart(COSTS, "CPU", "today", OURS))
    names = [node for node in drawing.iter(f"{SVG}text") if node.get("text-anchor") == "end"]
    assert [node.text for node in names] == [OURS, "slow <&>"]
    assert names[0].get("class") == "text ours"


def test_the_page_has_verdicts_tables_and_what_is_missing(results: Results) -> None:
    said = page(results)
    assert "- **not met** 1. Memory" not in said
    assert "- **not measured** 1. Memory" in said
    assert "- Not measured: WireMock, because there is no java." in said
    assert "a quick run on a busy machine" in said
    assert "](benchmarks.svg)" in said
    assert f"| {OURS} |" in said
    assert f"| {FLOOR} |" not in said


def test_there_is_no_chart_of_nothing(results: Results) -> None:
    assert drawn(Results()) is None
    assert drawn(results) is not None


def test_contestants_and_sections_are_selected_by_name() -> None:
    assert [each.key for each in select(["ours", "prism", "growth"]).contestants] == ["ours", "prism"]
    assert select(["ours", "growth"]).sections == ("growth",)
    assert select([]).contestants == CONTESTANTS


def test_a_name_that_is_nobodys_is_refused() -> None:
    with pytest.raises(ValueError, match="'nobody' is none of"):
        select(["nobody"])
