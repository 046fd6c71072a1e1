from __future__ import annotations

from pathlib import Path

import httpx

from tests.server.faults.asking import LIST, ONCALL
from tests.test_cli import run, serving


def test_files_profiles_and_prefer_are_flags(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("rules: [{match: {method: POST}, act: {status: 500}}]")
    flags = ("--faults", str(file), "--profile", "rate-limited", "--profile", "maintenance", "--allow-prefer")
    with serving(*flags) as (base_url, lines):
        assert lines[-2] == "faults      3 rules in every sandbox"
        seen = [httpx.get(f"{base_url}{LIST}", headers=ONCALL).status_code for _ in range(3)]
        assert seen == [503, 503, 429]
        preferred = httpx.get(f"{base_url}{LIST}", headers={**ONCALL, "Prefer": "code=404"})
        assert preferred.status_code == 404


def test_flags_may_come_from_the_environment(tmp_path: Path) -> None:
    with serving(MOCKSERVER_PROFILE="maintenance") as (base_url, _):
        assert httpx.get(f"{base_url}{LIST}", headers=ONCALL).status_code == 503


def test_a_slip_in_a_fault_file_or_profile_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("rules:\n  - act: {status: 200}\n")
    ended = run("serve", "--port", "0", "--faults", str(file))
    assert (ended.returncode, ended.stdout) == (2, "")
    problem = "200 is no failure: the model answers those itself (400 to 599 are meant)"
    assert ended.stderr == f"mockserver: {file}:2: rules[0].act.status: {problem}\n"
    ended = run("serve", "--port", "0", "--profile", "nothing")
    assert ended.returncode == 2
    assert ended.stderr.startswith("mockserver: there is no profile 'nothing'; there are flaky, maintenance")
