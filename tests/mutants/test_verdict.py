"""From what pytest said to what is said of a mutant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests.mutants import report, run
from contract_tests.mutants.catalogue import MUTANTS
from contract_tests.mutants.mutant import HARMLESS, INCIDENT, ONCALL, Mutant, as_it_is
from contract_tests.mutants.verdict import (
    ABSENT,
    BROKE,
    HUNG,
    KILLED,
    SHADOWED,
    SURVIVED,
    Judged,
    Verdict,
    verdicts,
)
from contract_tests.mutants.worker import Job, Outcome

DEFECT = Mutant("oncall-x", "bodies", (ONCALL,), "It is wrong.", as_it_is)
CHANGE = Mutant("oncall-harmless-x", HARMLESS, (ONCALL,), "It is new.", as_it_is, "They say so.")
JOB = Job(DEFECT, "laws", ONCALL)
FUZZED = "contract_tests/schema/test_schema.py::test_x"


def said(outcome: Outcome | None, faults: str = "", kind: str = "laws") -> list[str]:
    return [one.verdict for one in verdicts(replace(JOB, kind=kind), outcome, faults, 1.0, 1.0, 60)]


def test_a_failed_test_is_a_kill() -> None:
    assert said(Outcome(1, passed=3, failures=[("a", "E assert")])) == [KILLED]


def test_a_failed_set_up_is_a_kill() -> None:
    assert said(Outcome(1, passed=3, errors=[("a", "E assert")])) == [KILLED]


def test_what_cannot_be_removed_is_a_kill() -> None:
    assert said(Outcome(4, passed=3)) == [KILLED]


def test_no_failure_is_none() -> None:
    assert said(Outcome(0, passed=3)) == [SURVIVED]


@pytest.mark.parametrize("words", ["the mock did not start; it said ''", "the mock ended with 1"])
def test_a_server_that_does_not_run_is_no_kill(words: str) -> None:
    assert said(Outcome(1, passed=3, errors=[("a", words)])) == [BROKE]


@pytest.mark.parametrize("code", [2, 3])
def test_an_error_of_pytest_is_no_kill(code: int) -> None:
    assert said(Outcome(code, passed=1)) == [BROKE]


def test_a_module_that_cannot_be_collected_is_no_kill() -> None:
    assert said(Outcome(1, broken=["ImportError"])) == [BROKE]


def test_an_act_that_failed_is_no_kill() -> None:
    assert said(Outcome(1, passed=3, failures=[("a", "E assert")]), "KeyError: 'text'") == [BROKE]


def test_a_test_that_does_not_end_is_a_kill_and_said_to_be_one() -> None:
    assert said(None) == [HUNG]
    assert Verdict("laws", HUNG).kills


@pytest.mark.parametrize("outcome", [Outcome(5), Outcome(0, skipped=4)])
def test_no_tests_say_nothing(outcome: Outcome) -> None:
    assert said(outcome) == [ABSENT]


@pytest.mark.parametrize(
    ("titles", "alone"),
    [
        (["Custom check failed: `shadow`"], SURVIVED),
        (["ST101 Undocumented HTTP status code", "Custom check failed: `shadow`"], KILLED),
        (["ST101 Undocumented HTTP status code"], KILLED),
        ([], KILLED),  # an answer that openapi-core does not take
    ],
)
def test_what_the_shadow_alone_has_found_is_no_kill_of_schemathesis(titles: list[str], alone: str) -> None:
    message = "\n".join(f"E     ❌ {title}: 1" for title in titles)
    assert said(Outcome(1, failures=[(FUZZED, message)]), kind="schema") == [alone, KILLED]


def judged(mutant: Mutant, *given: Verdict) -> Judged:
    return Judged(mutant, given)


def test_a_report_names_survivors_and_false_alarms_with_their_sentences() -> None:
    text = "\n".join(
        report.lines(
            [judged(DEFECT, Verdict("laws", SURVIVED)), judged(CHANGE, Verdict("laws", KILLED, "test_a"))]
        )
    )
    assert "0 of 1 defects killed, 1 false alarms on 1 harmless changes" in text
    assert "oncall-x (bodies): It is wrong." in text
    assert "oncall-harmless-x: It is new. They say so." in text
    assert "test_a" in text


def test_a_table_counts_kills_by_class_and_kind() -> None:
    rows = list(report.lines([judged(DEFECT, Verdict("schema", SURVIVED), Verdict(SHADOWED, KILLED))]))
    assert rows[0].split()[-5:] == ["schemathesis", "and", "shadow", "any", "of"]
    assert rows[1].split() == ["bodies", "0", "1", "1", "1"]


@pytest.mark.parametrize(
    ("one", "good"),
    [
        (judged(DEFECT, Verdict("laws", KILLED)), True),
        (judged(DEFECT, Verdict("laws", SURVIVED)), False),
        (judged(CHANGE, Verdict("laws", SURVIVED)), True),
        (judged(CHANGE, Verdict("laws", KILLED)), False),
        (judged(DEFECT, Verdict("laws", KILLED), Verdict("model", BROKE)), False),
    ],
)
def test_only_dead_defects_and_live_changes_are_good(one: Judged, good: bool) -> None:
    assert report.is_good([one]) is good


def test_json_counts_what_each_kind_killed() -> None:
    counts = report.as_json([judged(DEFECT, Verdict("laws", KILLED)), judged(CHANGE)], [])
    assert (
        counts["killed"],
        counts["defects"],
        counts["killed_by"]["laws"],
        counts["killed_by"]["model"],
    ) == (1, 1, 1, 0)
    assert counts["false_alarms"] == []


def test_harmless_changes_are_judged_as_a_deployment_is_and_not_fuzzed() -> None:
    jobs = run.jobs_of(CHANGE, run.Settings())
    assert {job.kind for job in jobs} == {"laws", "model", "concurrency"}
    assert all(job.on_target for job in jobs)
    assert not any(job.on_target for job in run.jobs_of(DEFECT, run.Settings()))


def test_what_is_about_both_vendors_is_run_against_the_tests_of_both() -> None:
    jobs = run.jobs_of(MUTANTS["none"], run.Settings(kinds=("laws",)))
    assert {job.vendor for job in jobs} == {ONCALL, INCIDENT}
