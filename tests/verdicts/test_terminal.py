"""What a run prints: failures, numbers, and an end that says the exit code in words."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from contract_tests.rules import Rule
from contract_tests.verdicts import terminal
from contract_tests.verdicts.progress import Progress
from contract_tests.verdicts.tally import Tally
from contract_tests.verdicts.verdict import Budget, Facts, Need, Run, Verdict
from tests.verdicts.conftest import Suite
from tests.verdicts.samples import a_run

RULE = Rule("grafana-oncall/delete.status", "DELETE answers 204.", "observed", "Engine, January 2026")


def printed(run: Run) -> str:
    return "\n".join(terminal.lines(run))


def broken(number: int = 1, rule: Rule | None = RULE) -> Verdict:
    return Verdict(
        id=f"contract_tests/grafana_oncall/test_delete.py::test_it[{number}]",
        outcome="broken",
        kind="laws",
        rule=rule,
        expected="204",
        seen="200",
        seconds=0.5,
        requests=2,
        bundle="bundles/it",
    )


def test_a_failing_run_reads_like_this() -> None:
    kept = Verdict("contract_tests/model/test_x.py::test_y", "kept", "model", seconds=12.0, requests=100)
    skipped = Verdict("contract_tests/model/test_x.py::test_z", "not-judged", "model", reason="no token")
    run = Run(
        "https://oncall.example",
        "2026-05-01T10:00:00+00:00",
        seconds=100.0,
        seed=7,
        selected=5,
        verdicts=(broken(1), broken(2), kept, skipped),
        news=("a new property `region`",),
        facts=Facts(
            needs=(Need("oncall_token", True), Need("incident_id", False, "CONTRACT_INCIDENT_ID is not set")),
            budget=Budget(104, 500, 100.0, 600.0, 1, 0),
        ),
    )
    assert (
        printed(run)
        == """
broken    grafana-oncall/delete.status · observed
          DELETE answers 204.
          source    Engine, January 2026
          expected  204
          seen      200
          test      contract_tests/grafana_oncall/test_delete.py::test_it[1]
                    and 1 more test of this rule
          bundle    bundles/it

       kept  broken  warnings  expected  not judged  inconclusive    time
laws      ·       2         ·         ·           ·             ·   1.0 s
model     1       ·         ·         ·           1             ·  12.0 s
all       1       2         ·         ·           1             ·  13.0 s

not judged
    1  no token

news, compatible with the contract
  a new property `region`

needed, and not there (1 of 2)
  incident_id  CONTRACT_INCIDENT_ID is not set

https://oncall.example: 104 of 500 requests, 1 min 40 s of 10 min 0 s, 1 refused by the guard, seed 7
1 test did not run
exit 1: the contract is broken"""
    )


def test_hostile_text_stays_on_its_line_and_colours_nothing() -> None:
    text = printed(a_run())
    assert all(letter.isprintable() or letter == "\n" for letter in text.replace("\ufffe", ""))
    assert [line for line in text.splitlines() if line.startswith("exit")] == [
        "exit 4: something that the run created is still there"
    ]


def test_no_line_is_much_wider_than_a_screen() -> None:
    long = replace(broken(), expected="word " * 500, seen="x" * 900, reason="y " * 400)
    text = printed(Run("", "", verdicts=(long, replace(long, outcome="not-judged"))))
    assert max(map(len, text.splitlines())) < 700
    assert len(text.splitlines()) < 40


def test_of_very_many_failures_the_first_are_told() -> None:
    many = tuple(broken(n, replace(RULE, name=f"p/r{n}")) for n in range(60))
    text = printed(Run("", "", verdicts=many))
    assert text.count("\nbroken    ") == terminal.MOST
    assert "… and 20 more" in text


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(out: io.StringIO, steps: int, seconds: float) -> list[str]:
    """What is written when every test takes so long and the third one fails."""
    now = [0.0]
    shown = Progress(out, clock=lambda: now[0])
    shown.begin(steps)
    tally = Tally()
    for number in range(1, steps + 1):
        now[0] += seconds
        verdict = broken() if number == 3 else Verdict("x::y", "kept", "laws", requests=2)
        tally.add(verdict)
        shown.step(verdict, tally)
    shown.end()
    return out.getvalue().split("\n")


def test_elsewhere_a_line_now_and_then_says_how_far_it_is() -> None:
    assert progress(io.StringIO(), 6, 9.0) == [
        "broken    grafana-oncall/delete.status",
        "3/6 · laws · 1 broken · 6 requests · 27.0 s",
        "6/6 · laws · 1 broken · 12 requests · 54.0 s",
        "",
    ]


def test_on_a_screen_one_line_changes_and_is_gone_in_the_end() -> None:
    lines = progress(Screen(), 4, 1.0)
    wipe = "\r\x1b[2K"
    assert lines[0].split(wipe)[1:] == [
        "1/4 · laws · 0 broken · 2 requests · 1.0 s",
        "2/4 · laws · 0 broken · 4 requests · 2.0 s",
        "broken    grafana-oncall/delete.status",
    ]
    assert lines[1].endswith(wipe)


def test_a_rule_that_breaks_again_is_not_told_again() -> None:
    out = io.StringIO()
    shown, tally = Progress(out, clock=lambda: 0.0), Tally()
    for number in range(5):
        shown.step(broken(number), tally)
    assert out.getvalue() == "broken    grafana-oncall/delete.status\n"


TEST = "@pytest.mark.laws\ndef test_it():\n    assert 'seen\\x1b[31m' == 'expected'"


def test_the_suites_own_screen_is_all_that_is_printed(suite: Suite) -> None:
    suite.run(TEST)
    assert "test session starts" not in suite.out
    assert suite.out.splitlines()[0] == "broken    contract_tests/test_it.py::test_it"
    assert suite.out.splitlines()[-1] == "exit 1: the contract is broken"


@pytest.mark.parametrize("screen", ["own", "summary"])
def test_nothing_that_is_printed_controls_a_terminal(suite: Suite, screen: str) -> None:
    test = "@pytest.mark.laws\ndef test_it():\n    assert False, 'a\\x1b[31mb\\x07\\u202e'"
    suite.run(test, "-rA", SCREEN=screen)
    assert not [letter for letter in suite.out if not (letter.isprintable() or letter == "\n")]


def test_beside_pytests_own_text_there_is_the_summary(suite: Suite) -> None:
    suite.run(TEST, SCREEN="summary")
    assert "test session starts" in suite.out
    assert "exit 1: the contract is broken" in suite.out
