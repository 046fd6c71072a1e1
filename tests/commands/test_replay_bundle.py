"""`mockserver replay BUNDLE`: says of each exchange of a failure whether the answer is still the recorded one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.rules import find_rule
from contract_tests.verdicts.bundle import write_bundle
from contract_tests.verdicts.verdict import Verdict
from tests.live import LiveServer
from tests.test_cli import run

LAW = "contract_tests/grafana_oncall/test_delete.py::test_what_was_deleted_answers_404[GET]"
TOKEN, KEY = "meowmeowmeow", "inc-test-key"
INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
Seen = Callable[..., Exchange]


@pytest.fixture
def seen(live_server: LiveServer) -> Seen:
    """An exchange with a mock, as a bundle holds it: without its credential."""

    def see(method: str, path: str, token: str = TOKEN, **members: object) -> Exchange:
        answer = httpx.request(
            method, live_server.base_url + path, headers={"Authorization": token}, json=members or None
        )
        asked = [("Authorization", token.replace(TOKEN, "<oncall_token>").replace(KEY, "<incident_key>"))]
        asked += [("Content-Type", "application/json")] if members else []
        answered = Answered(answer.status_code, tuple(answer.headers.multi_items()), answer.content)
        body = answer.request.content
        return Exchange(Asked(method, path, tuple(asked), body), answered)

    return see


@pytest.fixture
def life(seen: Seen) -> list[Exchange]:
    """A postmortem is created, read, deleted, and gone."""
    made = seen("POST", "/api/v1/postmortems/", alert_group_id="IQUIET1PAGE11", text="A full disk")
    assert made.answered is not None
    place = f"/api/v1/postmortems/{made.answered.json()['id']}/"
    return [made, seen("GET", place), seen("DELETE", place), seen("GET", place)]


def bundle(folder: Path, exchanges: list[Exchange], target: str | None = None) -> str:
    verdict = Verdict(
        id=LAW,
        outcome="broken",
        rule=find_rule("grafana-oncall/delete.removes"),
        expected="404",
        seen="200",
        exchanges=tuple(exchanges),
    )
    options = {"--write": "True", "--allow-host": "a.example b.example", "--report-html": "x.html"}
    return str(write_bundle(verdict, folder, target=target, options=options))


def answered(exchange: Exchange, status: int, body: bytes) -> Exchange:
    assert exchange.answered is not None
    return replace(exchange, answered=replace(exchange.answered, status=status, body=body))


def test_a_fresh_mock_answers_as_one_did_and_the_exit_code_is_0(tmp_path: Path, life: list[Exchange]) -> None:
    ended = run("replay", bundle(tmp_path, life))
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0] == LAW
    assert lines[1].startswith("grafana-oncall/delete.removes (")
    assert lines[2:4] == ["expected 404", "seen 200"]
    assert [line[:25] for line in lines[4:8]] == [
        "as recorded    1  POST /a",
        "as recorded    2  GET /ap",
        "as recorded    3  DELETE ",
        "as recorded    4  GET /ap",
    ]
    assert lines[7].endswith("  404")


def test_what_was_recorded_of_a_defect_is_shown_beside_what_comes_now(
    tmp_path: Path, life: list[Exchange]
) -> None:
    life[-1] = answered(life[-1], 200, b'{"id": "PSTILLTHERE11"}')
    ended = run("replay", bundle(tmp_path, life), "--target", "mock")
    assert ended.returncode == 1
    shown = ended.stdout.splitlines()
    at = next(number for number, line in enumerate(shown) if line.startswith("differs        4"))
    assert [line.strip() for line in shown[at + 1 : at + 4]] == ["status", "recorded 200", "now      404"]
    assert '{"detail": "Not found."}' in ended.stdout


def test_the_command_that_runs_the_law_is_offered(tmp_path: Path, life: list[Exchange]) -> None:
    law = "contract_tests.grafana_oncall.test_delete::test_what_was_deleted_answers_404[GET]"
    last = run("replay", bundle(tmp_path, life)).stdout.splitlines()[-1]
    assert last == f"the law itself: python -m pytest --pyargs '{law}'"


def test_a_server_that_runs_is_asked_with_ids_of_its_own(
    tmp_path: Path, life: list[Exchange], live_server: LiveServer
) -> None:
    ended = run(
        "replay",
        bundle(tmp_path, life, "https://a.example"),
        "--target",
        live_server.base_url,
        CONTRACT_ONCALL_TOKEN=TOKEN,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert life[1].asked.target not in ended.stdout
    flags = "--allow-host=a.example --allow-host=b.example --write"
    assert ended.stdout.splitlines()[-1].endswith(f"--target={live_server.base_url} {flags}")


def test_a_server_that_runs_is_not_asked_with_the_mocks_credentials(
    tmp_path: Path, life: list[Exchange], live_server: LiveServer
) -> None:
    ended = run("replay", bundle(tmp_path, life), "--target", live_server.base_url)
    assert ended.returncode == 2
    assert "needs a credential: CONTRACT_ONCALL_TOKEN is not set" in ended.stderr


def test_a_credential_of_any_vendor_goes_where_it_stood_and_is_not_shown(tmp_path: Path, seen: Seen) -> None:
    exchange = seen("GET", f"/v2/incidents/{INCIDENT}", f"Bearer {KEY}")
    assert exchange.answered is not None
    assert exchange.answered.status == 200
    broken = answered(exchange, 201, f'{{"echo": "{KEY}"}}'.encode())
    ended = run("replay", bundle(tmp_path, [exchange, broken]))
    assert ended.returncode == 1
    assert "as recorded    1" in ended.stdout
    assert KEY not in ended.stdout


def test_json_is_the_whole_output(tmp_path: Path, life: list[Exchange]) -> None:
    told = json.loads(run("replay", bundle(tmp_path, life), "--json").stdout)
    assert (told["matched"], told["of"]) == (4, 4)


def test_what_had_no_answer_or_cannot_be_sent_is_skipped(tmp_path: Path, life: list[Exchange]) -> None:
    silent = replace(life[0], answered=None, note="timeout")
    odd = replace(life[0], asked=replace(life[0].asked, target="*"))
    cut = replace(life[0], note="the first 9 of 900 bytes of the request's body")
    half = replace(life[0], note="the first 9 of 900 bytes of the answer's body")
    ended = run("replay", bundle(tmp_path, [silent, odd, life[0], cut, half]))
    assert ended.returncode == 0
    assert ended.stdout.count("no whole answer to compare with") == 2
    assert ended.stdout.count("cannot be sent again") == 2
    assert "as recorded    3" in ended.stdout


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("bundle.json", None, "cannot be read: No such file or directory"),
        ("bundle.json", "{", "is not JSON"),
        ("bundle.json", '{"version": 9}', "is not of version 1"),
        ("exchanges.json", '{"version": 1}', "is no bundle as the contract suite leaves it"),
        (
            "exchanges.json",
            '{"version": 1, "exchanges": [{}]}',
            "is no bundle as the contract suite leaves it",
        ),
        ("exchanges.json", '{"version": 1, "exchanges": []}', "holds no exchange"),
    ],
)
def test_what_is_no_bundle_is_one_sentence(
    tmp_path: Path, life: list[Exchange], name: str, content: str | None, sentence: str
) -> None:
    folder = bundle(tmp_path, life)
    (Path(folder) / name).unlink()
    if content is not None:
        (Path(folder) / name).write_text(content, "utf-8")
    ended = run("replay", folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert sentence in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_server_that_is_gone_is_exit_code_3(tmp_path: Path, life: list[Exchange]) -> None:
    ended = run(
        "replay", bundle(tmp_path, life), "--target", "http://127.0.0.1:9", CONTRACT_ONCALL_TOKEN=TOKEN
    )
    assert ended.returncode == 3
    assert "cannot be reached" in ended.stderr
