"""`mockserver replay` as a person meets it: its output, its exit codes."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from mockserver.server.app import create_server
from mockserver.server.settings import Settings
from tests.conftest import BOTH, MakeLiveServer
from tests.recorder import CREDENTIALS, Recorder, tour, write
from tests.test_cli import run


@pytest.fixture
def recorder() -> Recorder:
    with Recorder(create_server(Settings(providers=BOTH, seed=1))) as recorder:
        tour(recorder)
        return recorder


def test_a_recording_of_the_mock_matches_and_the_exit_code_is_0(tmp_path: Path, recorder: Recorder) -> None:
    ended = run("replay", str(recorder.write(tmp_path)))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "pm      10 of 10",
        "auth    1 of 1",
        "role    1 of 1",
        "route   1 of 1",
        "import  4 of 4",
        "matched 17 of 17",
    ]


def test_a_difference_is_shown_and_the_exit_code_is_1(tmp_path: Path, recorder: Recorder) -> None:
    recorder.exchanges[0]["response"]["body"] = recorder.exchanges[0]["response"]["body"].replace(
        "full", "fine"
    )
    recorder.exchanges[1]["request"]["body"] = "<90 bytes>"
    ended = run("replay", str(recorder.write(tmp_path)), "--only", "pm.create*", "--seed", "2")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.splitlines() == [
        "differs pm.create (line 1): POST /api/v1/postmortems/",
        "  body.text",
        '    expected "Über: the disk was fine, see IQUIET1PAGE11"',
        '    seen     "Über: the disk was full, see IQUIET1PAGE11"',
        "skipped pm.create.second (line 2): POST /api/v1/postmortems/",
        "  its body was not recorded, only its size",
        "pm  0 of 1 (1 skipped)",
        "matched 0 of 1 (1 skipped)",
    ]


def test_json_is_the_whole_output_and_holds_the_same(tmp_path: Path, recorder: Recorder) -> None:
    recorder.exchanges[-1]["response"]["status"] = 200
    ended = run("replay", str(recorder.write(tmp_path)), "--json")
    shown = json.loads(ended.stdout)
    assert (ended.returncode, shown["matched"], shown["of"]) == (1, 16, 17)
    assert shown["groups"]["import"] == {"matched": 3, "of": 4, "skipped": 0}
    assert shown["exchanges"][-1]["differences"][0] == {"place": "status", "expected": 200, "seen": 401}


def test_a_server_that_runs_is_replayed_to_and_keeps_what_was_written(
    tmp_path: Path, recorder: Recorder, make_live_server: MakeLiveServer
) -> None:
    file = recorder.write(tmp_path)
    live = make_live_server(seed=5, rate_factor=1.0)
    ended = run("replay", str(file), "--target", f"{live.base_url}/")
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "matched 17 of 17")
    again = run("replay", str(file), "--target", live.base_url, "--only", "pm.list")
    assert again.returncode == 1
    assert "body.count" in again.stdout


def test_each_sandbox_of_a_server_is_a_fresh_world_to_replay_to(
    tmp_path: Path, recorder: Recorder, make_live_server: MakeLiveServer
) -> None:
    file = recorder.write(tmp_path)
    live = make_live_server(rate_factor=1.0)
    for name in ("one", "two"):
        ended = run("replay", str(file), "--target", f"{live.base_url}/_mock/sandboxes/{name}")
        assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "matched 17 of 17")


def test_credentials_come_from_flag_or_environment_and_are_never_shown(
    tmp_path: Path, recorder: Recorder
) -> None:
    for exchange in recorder.exchanges:
        if exchange["as"] is not None:
            exchange["request"]["headers"]["Authorization"] = f"Bearer recorded-{exchange['as']}"
    recorder.exchanges[-1]["response"]["body"] = "meowmeowmeow"
    file = str(recorder.write(tmp_path))
    assert "matched 2 of 17" in run("replay", file).stdout
    ended = run(
        *("replay", file, "--credential", f"oncall={CREDENTIALS['oncall']}"),
        *("--credential", f"incident={CREDENTIALS['incident']}"),
        MOCKSERVER_CREDENTIAL_ONCALL="another",
        MOCKSERVER_CREDENTIAL_VIEWER=CREDENTIALS["viewer"],
    )
    assert "matched 16 of 17" in ended.stdout
    assert '    expected "<credential>"' in ended.stdout
    for secret in (*CREDENTIALS.values(), "recorded-"):
        assert secret not in ended.stdout


def test_the_mock_is_set_up_by_the_flags_of_serve(tmp_path: Path, recorder: Recorder) -> None:
    file = str(recorder.write(tmp_path))
    assert "matched 13 of 17" in run("replay", file, "--provider", "grafana-oncall").stdout
    assert "matched 17 of 17" not in run("replay", file, MOCKSERVER_RATE_LIMIT="0.005").stdout


def test_the_config_file_holds_flags_for_it(tmp_path: Path, recorder: Recorder) -> None:
    (tmp_path / "mockserver.toml").write_text('[replay]\nonly = ["auth.*"]\ncredential = ["viewer=x"]\n')
    ended = run("replay", str(recorder.write(tmp_path)), folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (2, "mockserver: --credential viewer: nothing was recorded as "
                                                "'viewer'; known are none\n")  # fmt: skip
    (tmp_path / "mockserver.toml").write_text('[replay]\nonly = ["auth.*"]\n')
    assert run("replay", "recording.jsonl", folder=tmp_path).stdout.endswith("matched 1 of 1\n")


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["none.jsonl"], "none.jsonl: cannot be read: No such file or directory"),
        (["bad.jsonl"], "bad.jsonl:2: request.method is missing"),
        (["recording.jsonl", "--only", "x*"], "--only x*: no exchange has such a name"),
        (
            ["recording.jsonl", "--target", "http://example.com"],
            "a replay writes there only with --allow-host",
        ),
        (["recording.jsonl", "--target", "nowhere"], "--target nowhere: must be http:// or https://"),
        (["recording.jsonl", "--credential", "secret-of-mine"], "must be NAME=VALUE"),
        (["recording.jsonl", "--credential", "nobody=secret-of-mine"], "nothing was recorded as 'nobody'"),
        (["recording.jsonl", "--seed", "x"], "'x' is not a valid integer"),
        (["recording.jsonl", "--fixtures", "nowhere"], "Path 'nowhere' does not exist"),
        ([], "Missing argument 'FILE'"),
    ],
)
def test_a_bad_file_or_flag_is_one_sentence_and_exit_code_2(
    tmp_path: Path, recorder: Recorder, arguments: list[str], sentence: str
) -> None:
    good = write(tmp_path, recorder.exchanges).read_text()
    (tmp_path / "bad.jsonl").write_text(good.splitlines()[0] + '\n{"name": "x", "request": {}}\n')
    ended = run("replay", *arguments, folder=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert sentence in ended.stderr
    assert "secret-of-mine" not in ended.stderr


def test_a_target_that_is_not_there_is_one_sentence_and_exit_code_3(
    tmp_path: Path, recorder: Recorder
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ended = run("replay", str(recorder.write(tmp_path)), "--target", url)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == f"mockserver: {url} cannot be reached: Connection refused\n"


def test_a_target_on_another_machine_is_tried_once_it_is_allowed(tmp_path: Path, recorder: Recorder) -> None:
    arguments = ("--target", "http://no.such.host.invalid", "--allow-host", "no.such.host.invalid")
    ended = run("replay", str(recorder.write(tmp_path)), *arguments)
    assert ended.returncode == 3
    assert "http://no.such.host.invalid cannot be reached: " in ended.stderr


def test_the_page_about_it_shows_what_it_prints(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "replay.md").read_text("utf-8")
    recording = page.partition("```json\n")[2].partition("```")[0]
    command, _, output = page.partition("```console\n$ mockserver ")[2].partition("```")[0].partition("\n")
    (tmp_path / "recording.jsonl").write_text(recording)
    assert run(*command.split(), folder=tmp_path).stdout == output
