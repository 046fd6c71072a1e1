"""A run's JSON tells all of it, and nothing that JSON or a reader could trip over."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from contract_tests.verdicts.verdict import Run, Verdict
from contract_tests.verdicts.written import of_run, read_json, to_run, write_json
from tests.verdicts.samples import a_run


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    run = a_run()
    write_json(run, tmp_path / "new" / "report.json")
    assert read_json(tmp_path / "new" / "report.json") == run


def test_the_json_counts_and_concludes() -> None:
    told = of_run(a_run())
    assert (told["version"], told["exit_code"]) == (1, 4)
    assert told["counts"]["broken"] == sum(it["outcome"] == "broken" for it in told["verdicts"])
    assert told["conclusion"] == "something that the run created is still there"


@pytest.mark.parametrize("told", [{}, {"version": 2}, [], "x"])
def test_what_is_no_report_of_this_version_is_refused(told: object) -> None:
    with pytest.raises(ValueError, match="version 1"):
        to_run(told)  # type: ignore[arg-type]


def test_a_body_of_any_bytes_comes_back(tmp_path: Path) -> None:
    run = a_run()
    bodies = [it.asked.body for verdict in run.verdicts for it in verdict.exchanges]
    assert b"\xff\x00\xfe" in bodies
    assert json.loads(json.dumps(of_run(run))) == of_run(run)


@pytest.mark.parametrize(
    ("outcomes", "change", "code", "conclusion"),
    [
        (["kept"], {}, 0, "the contract is kept"),
        (["kept", "expected", "broken-assumed"], {}, 0, "the contract is kept"),
        (["kept", "broken", "inconclusive"], {}, 1, "the contract is broken"),
        (["kept", "inconclusive"], {}, 3, "not everything could be judged"),
        (["not-judged"], {}, 3, "nothing was judged"),
        (["kept"], {"stopped": "the target is gone"}, 3, "the target is gone"),
        (["kept"], {"stopped": "a token is refused", "misuse": True}, 2, "a token is refused"),
        (["broken"], {"stopped": "interrupted"}, 1, "the contract is broken"),
    ],
)
def test_the_worst_decides_the_exit_code(
    outcomes: list[str], change: dict[str, str], code: int, conclusion: str
) -> None:
    run = Run("", "", verdicts=tuple(Verdict("x", outcome) for outcome in outcomes))
    run = replace(run, **change)  # type: ignore[arg-type]
    assert (run.exit_code, run.conclusion) == (code, conclusion)
