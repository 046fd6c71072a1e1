"""Medians, paired ratios, and what is said where something is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.results import Results, least, most, paired_ratio, quantile


@pytest.fixture
def results() -> Results:
    made = Results()
    for ours, peer in ((10.0, 40.0), (20.0, 60.0), (10.0, 50.0)):
        made.add("GET/32", "ours", "cpu", ours)
        made.add("GET/32", "peer", "cpu", peer)
    return made


def test_a_quantile_is_a_value_that_was_seen() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert [quantile(values, share) for share in (0.5, 0.99, 1.0)] == [50.0, 99.0, 100.0]
    assert quantile([7.0], 0.99) == 7.0


def test_a_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    assert paired_ratio([10, 200, 30], [1, 10, 1]) == 20


def test_rounds_that_do_not_match_make_no_ratio() -> None:
    with pytest.raises(ValueError, match="zip"):
        paired_ratio([1, 2], [1])


def test_the_median_of_a_cell(results: Results) -> None:
    assert results.median("GET/32", "peer", "cpu") == 50


def test_a_ratio_is_of_the_row_to_the_base(results: Results) -> None:
    assert results.ratio("GET/32", "cpu", "peer", "ours") == 4
    assert results.ratio("GET/32", "cpu", "ours", "peer") == 0.25


def test_what_was_not_measured_has_neither_median_nor_ratio_nor_growth(results: Results) -> None:
    assert results.median("GET/1", "ours", "cpu") is None
    assert results.ratio("GET/32", "cpu", "ours", "nobody") is None
    assert results.growth("GET/32", "ours") is None


def test_growth_is_many_by_few() -> None:
    made = Results()
    for few, many in ((2.0, 3.0), (4.0, 4.0), (1.0, 1.2)):
        made.add("records", "page", "few", few)
        made.add("records", "page", "many", many)
    assert made.growth("records", "page") == 1.2


def test_rows_come_in_the_order_in_which_they_were_measured(results: Results) -> None:
    results.add("GET/1", "another", "cpu", 1)
    assert results.rows("GET/32") == ["ours", "peer"]


def test_results_survive_a_file(results: Results, tmp_path: Path) -> None:
    results.missing["peer"] = "there is none"
    results.facts["date"] = "2026-11-22"
    results.save(tmp_path / "kept")
    assert Results.load(tmp_path / "kept") == results


def test_another_process_results_are_taken_in(results: Results) -> None:
    other = Results(facts={"records": "100"}, missing={"routes": "none"})
    other.add("calls", "ours", "GET", 35)
    results.take(other)
    assert results.median("calls", "ours", "GET") == 35
    assert (results.facts, results.missing) == ({"records": "100"}, {"routes": "none"})


def test_the_least_and_the_most_of_some_are_not_told_for_those_of_all() -> None:
    assert (least([3.0, 1.0]), most([3.0, 1.0])) == (1.0, 3.0)
    assert least([3.0, None]) is None
    assert most([3.0, None]) is None
    assert least([]) is None
