"""The file of known deviations: what it forgives, when it stops, and what it says of a slip."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from contract_tests.rules import find_rule
from contract_tests.verdicts.deviations import (
    BadDeviations,
    Deviation,
    complaints,
    find_deviation,
    read_deviations,
)
from contract_tests.verdicts.verdict import Verdict
from tests.verdicts.conftest import Suite

RULE = "grafana-oncall/delete.status"
TEST = "contract_tests/grafana_oncall/test_delete.py::test_it[a-1]"
TODAY = date(2026, 5, 1)
ENTRY = f"- rule: {RULE}\n  reason: ticket 7\n  owner: api team\n  expires: 2026-06-30\n"


def read(folder: Path, text: str | bytes) -> tuple[Deviation, ...]:
    file = folder / "known.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_deviations(file)


def entry(rule: str = "", test: str = "", expires: date = TODAY) -> Deviation:
    return Deviation(rule, test, "ticket 7", "api team", expires, 3)


def verdict(outcome: str, test: str = TEST, rule: str = RULE) -> Verdict:
    return Verdict(id=test, outcome=outcome, rule=find_rule(rule))


def test_an_entry_is_read_with_its_line(tmp_path: Path) -> None:
    text = f"# ours\n{ENTRY}- test: '{TEST}'\n  reason: r\n  owner: o\n  expires: '2026-05-01'\n"
    assert read(tmp_path, text) == (
        Deviation(RULE, "", "ticket 7", "api team", date(2026, 6, 30), 2),
        Deviation("", TEST, "r", "o", TODAY, 6),
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[]"])
def test_a_file_may_hold_nothing(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == ()


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("rule: x", 1, "must be a list of entries"),
        ("- x", 1, "an entry must have keys: rule or test, reason, owner, expires"),
        ("- [", 1, "is not YAML"),
        (ENTRY + "- reason: r\n  owner: o\n  expires: 2026-06-30", 5, "an entry needs either rule or test"),
        (ENTRY + "  test: x", 1, "an entry needs either rule or test"),
        (ENTRY.replace("owner: api team", "boss: me"), 3, "'boss' is no key of an entry"),
        (ENTRY.replace("  owner: api team\n", ""), 1, "owner is missing"),
        (ENTRY.replace("api team", "''"), 3, "owner must be text"),
        (ENTRY.replace("api team", "~"), 3, "owner must be text"),
        (ENTRY.replace("api team", "[a]"), 3, "owner must be text"),
        (ENTRY.replace("2026-06-30", "soon"), 1, "expires must be a day such as 2027-01-31, not 'soon'"),
        (ENTRY.replace("delete.status", "delete.state"), 1, "there is no rule 'grafana-oncall/delete.state'"),
        (ENTRY + "  owner: b", 5, "owner is there twice"),
        (ENTRY + ENTRY, 5, f"{RULE} is in the list already, on line 1"),
    ],
)
def test_a_slip_is_one_sentence_with_file_and_line(
    tmp_path: Path, text: str, line: int, sentence: str
) -> None:
    with pytest.raises(BadDeviations) as raised:
        read(tmp_path, text)
    said = str(raised.value)
    assert said.startswith(f"{tmp_path / 'known.yaml'}:{line}: {sentence}")
    assert "\n" not in said


@pytest.mark.parametrize(("content", "sentence"), [(b"\xff", "is not UTF-8"), (b"\x00", "is not YAML")])
def test_a_file_that_is_no_text_is_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(BadDeviations, match=sentence):
        read(tmp_path, content)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadDeviations, match="cannot be read: No such file"):
        read_deviations(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("test", "covered"),
    [
        (TEST, True),
        ("contract_tests/grafana_oncall/*", True),
        ("*::test_it[?-1]", True),
        ("*::test_it", False),
        ("contract_tests/grafana_oncall/test_delete.py::test_it[ab-1]", False),
        ("test_it", False),
    ],
)
def test_a_test_is_named_by_its_id_or_a_glob(test: str, covered: bool) -> None:
    assert entry(test=test).covers(TEST, RULE) is covered


def test_a_rule_covers_its_own_laws_alone() -> None:
    assert entry(rule=RULE).covers(TEST, RULE)
    assert not entry(rule=RULE).covers(TEST, "grafana-oncall/delete.removes")
    assert not entry(rule=RULE).covers(TEST, "")


@pytest.mark.parametrize(("expires", "is_known"), [(TODAY, True), (date(2026, 4, 30), False)])
def test_an_entry_counts_until_the_end_of_its_day(expires: date, is_known: bool) -> None:
    known = [entry(rule=RULE, expires=expires)]
    assert (find_deviation(known, TEST, RULE, TODAY) is not None) is is_known


@pytest.mark.parametrize(
    ("outcomes", "complains"),
    [
        ([], False),
        (["expected"], False),
        (["expected", "kept"], False),
        (["not-judged"], False),
        (["inconclusive", "not-judged"], False),
        (["kept"], True),
        (["kept", "not-judged"], True),
    ],
)
def test_an_entry_whose_tests_were_judged_and_kept_is_a_failure(outcomes: list[str], complains: bool) -> None:
    found = list(complaints([entry(rule=RULE)], [verdict(outcome) for outcome in outcomes], TODAY))
    assert bool(found) is complains
    if found:
        assert (found[0].outcome, found[0].kind) == ("broken", "deviations")
        assert found[0].seen.startswith("line 3 of the file of known deviations is no deviation any more")


@pytest.mark.parametrize("outcome", ["broken", "kept", "not-judged"])
def test_an_entry_that_is_over_is_a_failure_whatever_its_tests_do(outcome: str) -> None:
    known = [entry(rule=RULE, expires=date(2026, 4, 30))]
    (found,) = complaints(known, [verdict(outcome)], TODAY)
    assert found.seen.startswith("line 3 of the file of known deviations ran out on 2026-04-30")
    assert "ticket 7 (api team" in found.expected


FAILS = f"@law({RULE!r})\ndef test_it(): assert 200 == 204"


@pytest.mark.parametrize(
    ("tests", "expires", "outcomes", "code"),
    [
        (FAILS, "2026-05-01", ["expected"], 0),
        (FAILS, "2026-04-30", ["broken", "broken"], 1),
        (FAILS.replace("200", "204"), "2026-05-01", ["kept", "broken"], 1),
        (FAILS.replace("assert", "pytest.skip() or"), "2026-05-01", ["not-judged"], 3),
    ],
)
def test_a_known_deviation_does_not_fail_a_run_until_it_is_over(
    suite: Suite, tests: str, expires: str, outcomes: list[str], code: int
) -> None:
    (suite.folder / "known.yaml").write_text(ENTRY.replace("2026-06-30", expires), "utf-8")
    run = suite.run(tests)
    assert [verdict.outcome for verdict in run.verdicts] == outcomes
    assert (run.exit_code, suite.code) == (code, code)


def test_an_expected_failure_quotes_reason_owner_and_day(suite: Suite) -> None:
    (suite.folder / "known.yaml").write_text(ENTRY, "utf-8")
    (expected,) = suite.run(FAILS).verdicts
    assert expected.reason == "known deviation: ticket 7 (api team, until 2026-06-30)"
    assert (expected.expected, expected.seen) == ("204", "200")
    assert "ticket 7 (api team, until 2026-06-30)" in suite.out
