"""`mockserver rules` and `mockserver fixtures check` as a person meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mockserver.server import resources
from mockserver.server.rules import load_rules
from tests.test_cli import run


def test_every_rule_is_printed_vendor_by_vendor() -> None:
    ended = run("rules")
    lines = ended.stdout.splitlines()
    rules = [*load_rules("incident-io"), *load_rules("grafana-oncall")]
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [line for line in lines if not line.startswith(" ")][:-1] == ["incident-io", "grafana-oncall"]
    assert [line for line in lines if line.startswith("  ") and line[2] != " "] == [
        f"  {rule.id} ({rule.grade})" for rule in rules
    ]
    assert lines[-1].startswith(f"{len(rules)} rules: ")


def test_rules_can_be_chosen_by_vendor_and_grade_and_printed_as_json() -> None:
    ended = run("rules", "--provider", "incident-io", "--grade", "observed", "--grade", "assumed", "--json")
    shown = json.loads(ended.stdout)
    expected = [rule for rule in load_rules("incident-io") if rule.grade in ("observed", "assumed")]
    assert shown == [rule.as_json() for rule in expected]
    assert set(shown[0]) == {"provider", "id", "rule", "grade", "source"}


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["--grade", "certain"], "'certain' is not one of 'documented', 'observed', 'assumed'"),
        (["--provider", "nobody"], "'nobody' is not one of"),
        (["--specs", "."], ".: has no folder of a vendor; known are grafana-oncall, incident-io"),
    ],
)
def test_a_bad_flag_of_rules_is_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    ended = run("rules", *arguments, folder=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert sentence in ended.stderr


def only(folder: Path) -> Path:
    """The one file that is left in a folder of fixtures, to be written anew."""
    for file in folder.iterdir():
        file.unlink()
    return folder / "world.yaml"


@pytest.fixture
def worlds(tmp_path: Path) -> Path:
    """A copy of the fixtures as shipped."""
    shutil.copytree(resources.folder("fixtures"), tmp_path / "worlds")
    return tmp_path / "worlds"


def test_the_records_of_every_vendor_in_the_folder_are_counted(worlds: Path) -> None:
    shutil.rmtree(worlds / "incident-io")
    only(worlds / "grafana-oncall").write_text("organizations:\n  - {id: O1, name: One}\n")
    (worlds / "notes").mkdir()
    ended = run("fixtures", "check", str(worlds))
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0] == "grafana-oncall"
    counts = dict(line.split() for line in lines[1:])
    assert (counts.pop("organizations"), set(counts.values())) == ("1", {"0"})


def test_the_fixtures_as_shipped_load(worlds: Path) -> None:
    ended = run("fixtures", "check", str(worlds))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [line for line in ended.stdout.splitlines() if line[0] != " "] == ["incident-io", "grafana-oncall"]


@pytest.mark.parametrize(
    "text, sentence",
    [
        (
            "organizations:\n  - {id: O1, nmae: One}\n",
            ":2: organizations[0]: unknown key 'nmae'; did you mean 'name'?",
        ),
        (
            "alert_groups:\n  - {id: I1, organization: O9, title: A, started_at: 2020-06-19T12:00:00}\n",
            ":2: alert_groups[0].organization: there is no 'O9' in organizations",
        ),
    ],
)
def test_a_slip_is_one_sentence_and_the_other_vendor_is_still_counted(
    worlds: Path, text: str, sentence: str
) -> None:
    file = only(worlds / "grafana-oncall")
    file.write_text(text)
    ended = run("fixtures", "check", str(worlds))
    assert (ended.returncode, ended.stderr) == (2, f"mockserver: {file}{sentence}\n")
    assert ended.stdout.startswith("incident-io\n")
    assert "grafana-oncall" not in ended.stdout


def test_a_folder_without_fixtures_is_one_sentence(tmp_path: Path) -> None:
    ended = run("fixtures", "check", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"mockserver: {tmp_path}: does not have a folder of a vendor; known are incident-io, grafana-oncall\n"
    )
    assert "Path 'nowhere' does not exist" in run("fixtures", "check", "nowhere").stderr
