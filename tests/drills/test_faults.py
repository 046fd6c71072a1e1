"""What a run says and leaves behind when its target misbehaves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.drills.suite import Ended, clean_up, command, environment, judge
from tests.faults.targets import (
    Fault,
    Target,
    dies,
    hangs,
    is_a_web_page,
    is_another_api,
    misbehaving,
    read_only,
    resets,
    throttled,
)
from tests.independent import grafana_oncall

DESCRIPTION = grafana_oncall.DESCRIPTION
SCOPE = ("--scope", "/api/v1/postmortems")
FEW = (*SCOPE, "--kind", "laws", "-k", "test_create_and_get or test_delete")
READING = (*SCOPE, "--kind", "laws", "-k", "test_list or test_tokens")
WRITING = (*FEW, "--write")
LIST = "/api/v1/postmortems/"


@pytest.fixture
def target() -> Iterator[Target]:
    with misbehaving(grafana_oncall.new_app()) as target:
        yield target


def creates(method: str, address: str) -> bool:
    return method == "POST"


def deletes(method: str, address: str) -> bool:
    return method == "DELETE"


def there(target: Target) -> set[str]:
    """The ids of all postmortems of the organization."""
    headers = {"Authorization": DESCRIPTION["CONTRACT_ONCALL_TOKEN"]}
    found: Any = httpx.get(f"{target.base_url}{LIST}?perpage=1000", headers=headers).json()
    return {postmortem["id"] for postmortem in found["results"]}


def run(target: Target, folder: Path, *flags: str) -> Ended:
    return judge(target.base_url, *flags, folder=folder, description=DESCRIPTION)


def test_a_target_that_behaves_is_judged_and_left_as_it_was(target: Target, tmp_path: Path) -> None:
    before = there(target)
    ended = run(target, tmp_path, *WRITING)
    assert ended.code == 0, ended.printed
    assert ended.outcomes["kept"] > 30
    assert len(ended.created) > 30
    assert there(target) == before


def test_of_a_run_that_left_nothing_no_ledger_stays_unless_it_was_asked_for(
    target: Target, tmp_path: Path
) -> None:
    flags = [*SCOPE, "--kind", "laws", "-k", "test_delete", "--write"]
    ended = subprocess.run(
        [sys.executable, "-m", "mockserver", "test", target.base_url, *flags],
        cwd=tmp_path,
        env=environment(DESCRIPTION),
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, list(tmp_path.iterdir())) == (0, []), ended.stdout


def test_a_target_that_dies_is_said_to_be_gone_and_cleaned_up_when_it_is_back(
    target: Target, tmp_path: Path
) -> None:
    before = there(target)
    target.will(dies(), after=10, only=deletes)
    ended = run(target, tmp_path, *WRITING, "--patience", "1s")
    assert ended.code == 4, ended.printed
    assert "the target is gone" in ended.printed or "cannot be reached" in ended.printed
    assert 0 < ended.outcomes["inconclusive"] <= 10
    target.revive()
    left = there(target) - before
    assert clean_up(ended, DESCRIPTION)[0] == 0
    assert left
    assert there(target) == before


def test_a_target_that_is_never_there_is_one_sentence_and_exit_code_3(tmp_path: Path) -> None:
    with misbehaving(grafana_oncall.new_app()) as gone:
        url = gone.base_url
    ended = judge(url, *WRITING, folder=tmp_path, description=DESCRIPTION)
    assert (ended.code, ended.outcomes) == (3, {})
    assert f"{url} cannot be reached" in ended.printed
    assert not ended.ledger.exists() or ended.created == []


def test_a_limit_that_passes_is_waited_for(target: Target, tmp_path: Path) -> None:
    target.will(throttled(1), after=20, times=2)
    ended = run(target, tmp_path, *WRITING)
    assert ended.code == 0, ended.printed
    assert ended.outcomes["kept"] > 30
    assert ended.outcomes["inconclusive"] == 0


def test_a_limit_that_does_not_pass_is_inconclusive_and_no_failure(target: Target, tmp_path: Path) -> None:
    target.will(throttled(3600), after=10)
    ended = run(target, tmp_path, *READING, "--patience", "2s")
    assert ended.code == 3, ended.printed
    assert ended.outcomes["inconclusive"]
    assert ended.outcomes["broken"] == 0


def test_an_answer_that_never_comes_is_inconclusive_and_its_create_is_found_again(
    target: Target, tmp_path: Path
) -> None:
    before = there(target)
    target.will(hangs(), after=10, times=1, only=creates)
    ended = run(target, tmp_path, *WRITING, "--answer-timeout", "1s")
    assert ended.code == 3, ended.printed
    assert ended.outcomes["inconclusive"] >= 1
    assert ended.outcomes["broken"] == 0
    assert there(target) == before


def test_a_create_whose_answer_was_lost_is_found_by_its_tag_and_removed(
    target: Target, tmp_path: Path
) -> None:
    before = there(target)
    target.will(resets(done=True), after=10, times=2, only=creates)
    ended = run(target, tmp_path, *WRITING)
    assert ended.code == 3, ended.printed
    assert ended.outcomes["broken"] == 0
    assert there(target) == before


def test_a_target_that_lets_nobody_write_says_so_and_is_read(target: Target, tmp_path: Path) -> None:
    target.will(read_only())
    ended = run(target, tmp_path, *READING, "--write")
    assert ended.code == 3, ended.printed
    assert "the target lets nobody write: a create was answered with 403" in ended.printed
    assert ended.outcomes["broken"] == 0
    assert ended.outcomes["kept"]


@pytest.mark.parametrize("fault", [is_a_web_page(), is_another_api()])
def test_what_is_not_the_api_is_not_judged(target: Target, tmp_path: Path, fault: Fault) -> None:
    target.will(fault)
    ended = run(target, tmp_path, *WRITING)
    assert (ended.code, ended.outcomes) == (3, {})
    assert "does not look like Grafana OnCall" in ended.printed
    assert {asked.method for asked in target.seen} == {"GET"}


def test_a_run_that_is_killed_leaves_a_ledger_to_clean_up_by(target: Target, tmp_path: Path) -> None:
    before = there(target)
    target.will(hangs(), after=30, times=1, only=creates)
    process = subprocess.Popen(
        command(target.base_url, *WRITING, folder=tmp_path),
        cwd=tmp_path,
        env=environment(DESCRIPTION),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    target.wait_for(31, only=creates)
    process.kill()
    process.wait(30)
    killed = Ended(-9, "", tmp_path, {})
    assert len(killed.created) >= 31
    code, said = clean_up(killed, DESCRIPTION)
    assert code == 0, said
    assert there(target) == before


def test_nothing_but_reads_reaches_a_target_that_may_not_be_written_to(
    target: Target, tmp_path: Path
) -> None:
    ended = run(target, tmp_path, *FEW)
    assert ended.code == 0, ended.printed
    assert {asked.method for asked in target.seen} <= {"GET", "HEAD", "OPTIONS"}


def test_no_more_requests_are_sent_than_were_allowed(target: Target, tmp_path: Path) -> None:
    before = there(target)
    target.seen.clear()
    ended = run(target, tmp_path, *WRITING, "--max-requests", "25")
    assert ended.code == 3, ended.printed
    # A look at the target before, and what is cleaned up after, are not held back.
    assert len([asked for asked in target.seen if asked.method != "DELETE"]) <= 25 + 5 + 25
    assert "25 requests are spent" in ended.printed
    assert there(target) == before
