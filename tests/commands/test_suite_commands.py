"""The commands that stand on the suite, where it cannot run and where a flag is wrong."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from mockserver.cli import main
from mockserver.core.errors import ConfigurationError


@pytest.mark.parametrize("command", [["test"], ["mutants", "--list"], ["cleanup", __file__]])
def test_without_the_extra_the_command_says_what_to_install(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "schemathesis" else found(name)
    )
    with pytest.raises(ConfigurationError, match=r"needs schemathesis: pip install .*\[test\]"):
        main(command, standalone_mode=False)


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["http://example.org"], "example.org is not among the hosts that may be judged"),
        (["https://example.org", "--allow-host", "example.org"], "nothing is known of the target"),
        (["--write"], "--write is about a target"),
        (["--known", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["--max-time", "soon"], "'soon' is no time"),
    ],
)
def test_a_wrong_flag_is_one_sentence_before_anything_is_sent(
    flags: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONTRACT_ONCALL_TOKEN", raising=False)
    monkeypatch.delenv("CONTRACT_INCIDENT_KEY", raising=False)
    with pytest.raises(ConfigurationError, match=sentence):
        main(["test", *flags], standalone_mode=False)


def test_known_deviations_are_read_before_anything_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    file.write_text("- rule: grafana-oncall/list.shape\n")
    with pytest.raises(ConfigurationError, match=r"known\.yaml:1"):
        main(["test", "--known", str(file)], standalone_mode=False)


def test_what_is_no_ledger_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    file.write_text("{}\n")
    with pytest.raises(ConfigurationError, match="is no ledger"):
        main(["cleanup", str(file)], standalone_mode=False)


def test_a_cleanup_at_no_rate_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    file.write_text("{}\n")
    with pytest.raises(ConfigurationError, match="--rate 'fast' is none such as 5/s"):
        main(["cleanup", str(file), "--rate", "fast"], standalone_mode=False)
