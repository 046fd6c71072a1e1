"""The command, over a few mutants and the laws that know them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import main

NAMES = ("oncall-filter-ignored", "oncall-harmless-indented", "oncall-next-drops-perpage")
LAWS = "test_list.py or test_pages.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: pytest does not run inside pytest."""
    command = [sys.executable, "-m", "mockserver", "mutants", *arguments, "--kind", "laws", "--no-healthy"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


def test_defects_are_found_and_a_harmless_change_is_not(tmp_path: Path) -> None:
    file = tmp_path / "mutants.json"
    ended = run(*NAMES, "-k", LAWS, "--json", str(file))
    assert "2 of 2 defects killed, 0 false alarms on 1 harmless changes" in ended.stdout
    assert ended.returncode == 0, ended.stderr
    told = json.loads(file.read_text("utf-8"))
    assert {one["name"]: one["killed"] for one in told["mutants"]} == {
        "oncall-filter-ignored": True,
        "oncall-harmless-indented": False,
        "oncall-next-drops-perpage": True,
    }


def test_a_survivor_is_told_and_ends_with_1() -> None:
    ended = run("oncall-resolve-without-user", "-k", "test_list.py")
    assert "Survivors (1)" in ended.stdout
    assert ended.returncode == 1


def test_mutants_are_listed_with_their_sentences() -> None:
    listed = CliRunner().invoke(main, ["mutants", "incident-no-*", "--list"]).output
    assert "incident-no-location" in listed
    assert "An import has no Location." in listed


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    draw = ["mutants", "--sample", "5", "--list", "--seed"]
    first, again, other = (CliRunner().invoke(main, [*draw, seed]).output for seed in ("7", "7", "8"))
    assert first == again != other
    assert len(first.splitlines()) == 5


@pytest.mark.parametrize("flags", [["unheard-of"], ["--class", "unheard-of"]])
def test_what_names_no_mutant_is_a_slip(flags: list[str]) -> None:
    assert CliRunner().invoke(main, ["mutants", *flags]).exit_code == 2
