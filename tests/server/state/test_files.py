"""A state that is kept in a file from one run to the next."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.server.state import files
from tests.conftest import MakeServer
from tests.server.test_sandboxes import NEW, ONCALL
from tests.test_cli import COMMAND, PATIENCE, environ, run

LIST = "/api/v1/postmortems/"
SMALL = "version: 1\ngrafana-oncall: {}\n"


@contextmanager
def served(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ(),
    )
    assert process.stdout is not None
    try:
        with httpx.Client(base_url=process.stdout.readline().strip(), headers=ONCALL) as client:
            yield process, client
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def count(client: httpx.Client) -> int:
    found = client.get(LIST).json()["count"]
    assert isinstance(found, int)
    return found


def ended(process: subprocess.Popen[str], number: signal.Signals) -> int:
    process.send_signal(number)
    return process.wait(timeout=PATIENCE)


def test_what_was_written_is_there_again_after_a_clean_stop_and_not_after_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    with served("--state", file, "--seed", "1") as (process, client):
        assert client.post(LIST, json=NEW).status_code == 201
        assert ended(process, signal.SIGTERM) == 0
    kept = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    with served("--state", file, "--seed", "1") as (process, client):
        assert count(client) == 2
        assert client.post(LIST, json=NEW).status_code == 201
        ended(process, signal.SIGKILL)
    assert file.read_text() == kept
    assert os.listdir(tmp_path) == ["world.yaml"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (SMALL.replace("1", "2"), r"world.yaml:1: version '2' is unknown here"),
        (SMALL + "grafana", r"world.yaml:4: "),
        ("", r"world.yaml: is empty"),
        (SMALL.replace("{}", "{users: [{}]}"), r"world.yaml:2: users\[0\]: 'id' is missing"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line_and_left_alone(
    tmp_path: Path, content: str, problem: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(content)
    ended = run("serve", "--port", "0", "--state", str(file))
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    with pytest.raises(ConfigurationError, match=problem):
        raise ConfigurationError(ended.stderr)
    assert file.read_text() == content


def test_a_place_that_nothing_can_be_saved_to_is_told_at_the_start(tmp_path: Path) -> None:
    for file, problem in (
        (tmp_path / "none" / "world.yaml", "nothing can be saved in its folder: No such file"),
        (tmp_path, "is no file"),
    ):
        with pytest.raises(ConfigurationError, match=problem):
            files.load_kept(file)


def test_saving_keeps_permissions_and_follows_links(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    place, link = tmp_path / "there" / "world.yaml", tmp_path / "link.yaml"
    place.write_text("old")
    place.chmod(0o640)
    link.symlink_to(place)
    files.save(link, "new é")
    assert link.is_symlink()
    assert place.read_text("utf-8") == "new é"
    assert place.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("broken", ["fsync", "fdopen"])
def test_a_save_that_fails_leaves_the_old_file_whole_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("old")

    def fail(*arguments: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(ConfigurationError, match=r"world.yaml: cannot be saved: No space left"):
        files.save(file, "new")
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["world.yaml"]


def test_only_the_default_sandbox_is_loaded_and_it_is_not_let_go(
    make_server: MakeServer, tmp_path: Path
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("version: 1\ngrafana-oncall: {organizations: [{id: O1, name: Mine}]}\n")
    sandboxes = make_server(state=file, max_sandboxes=2).sandboxes
    for name in ("a", "b", "c"):
        assert len(sandboxes.named(name).worlds["grafana-oncall"].store.snapshot()["users"].records) > 0
    assert [sandbox.name for sandbox in sandboxes] == ["default", "c"]
    assert "name: Mine" in sandboxes.export(sandboxes.default)
    sandboxes.reset()
    assert "name: Mine" not in sandboxes.export(sandboxes.default)


def test_a_vendor_that_is_not_served_is_not_lost_with_the_file(
    make_server: MakeServer, tmp_path: Path
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(SMALL)
    with pytest.raises(ConfigurationError, match="grafana-oncall is in the state and is not served here"):
        make_server(state=file, providers=("incident-io",))


def test_a_state_wins_over_fixtures_which_are_for_every_other_sandbox(
    make_server: MakeServer, tmp_path: Path
) -> None:
    state, fixtures = tmp_path / "state.yaml", tmp_path / "fixtures.yaml"
    state.write_text("version: 1\ngrafana-oncall: {organizations: [{id: O1, name: Kept}]}\n")
    fixtures.write_text("version: 1\ngrafana-oncall: {organizations: [{id: O1, name: Fresh}]}\n")
    sandboxes = make_server(state=state, fixtures=fixtures).sandboxes
    assert "name: Kept" in sandboxes.export(sandboxes.default)
    assert "name: Fresh" in sandboxes.export(sandboxes.named("a"))
    checked = run("fixtures", "check", str(fixtures))
    assert (checked.returncode, checked.stdout.splitlines()[0]) == (0, "grafana-oncall")
    fixtures.write_text("version: 1\ngrafana-oncall: {organizations: [{id: O1}]}\n")
    checked = run("fixtures", "check", str(fixtures))
    assert (checked.returncode, checked.stderr.count("fixtures.yaml:2: ")) == (2, 1)
