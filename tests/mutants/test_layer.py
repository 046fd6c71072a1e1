"""The layer as a process: a server in front of a server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from contract_tests.mutants import layer

LAYER = [sys.executable, "-m", "contract_tests.mutants.layer"]
ROOT = Path(__file__).parents[2]
TOKEN = {"Authorization": "meowmeowmeow"}
KEY = {"Authorization": "Bearer inc-test-key"}
IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"


@contextmanager
def started(name: str, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*LAYER, name, *more, "--log-level", "error"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.terminate()


def processes_on(port: str) -> list[str]:
    """The commands of processes that call themselves by this port."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(file.read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it has ended meanwhile
            continue
    return [line for line in lines if f"--base-url http://127.0.0.1:{port}" in line]


@pytest.fixture(scope="module")
def healthy() -> Iterator[httpx.Client]:
    serve = (sys.executable, "-m", "mockserver", "serve", "--port", "0")
    with started("none", "--", *serve) as (_, url), httpx.Client(base_url=url) as client:
        yield client


def test_links_name_the_layer_and_not_what_is_behind_it(healthy: httpx.Client) -> None:
    page = healthy.get("/api/v1/resolution_notes/?perpage=1", headers=TOKEN).json()
    assert page["next"].startswith(f"{healthy.base_url}/api/v1/".replace("//api", "/api"))
    imported = healthy.post(IMPORT, headers=KEY, json={"title": "t", "content": "c"})
    assert imported.headers["Location"].startswith(str(healthy.base_url).rstrip("/"))


def test_the_control_api_is_reached_through_the_layer(healthy: httpx.Client) -> None:
    assert healthy.get("/_mock/health").json()["status"] == "ok"


def test_a_mutant_is_wrong_in_its_own_way_and_leaves_the_control_api_alone() -> None:
    with started("oncall-create-200", "--port", "0") as (_, url), httpx.Client(base_url=url) as client:
        body = {"alert_group_id": "I68T24C13IFW1", "text": "t"}
        assert client.post("/api/v1/postmortems/", headers=TOKEN, json=body).status_code == 200
        assert client.post("/_mock/reset").status_code == 204


def test_what_a_mutant_remembers_is_forgotten_when_the_mock_is_reset() -> None:
    path = "/api/v1/postmortems/P658FE5K87EWZ/"
    with (
        started("oncall-get-cached", "--seed", "1") as (_, url),
        httpx.Client(base_url=url, headers=TOKEN) as client,
    ):
        client.get(path)
        client.put(path, json={"text": "new"})
        assert client.get(path).json()["text"] == "Demo postmortem text"
        client.post("/_mock/reset")
        client.put(path, json={"text": "newer"})
        assert client.get(path).json()["text"] == "newer"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_0_and_takes_its_server_along(number: signal.Signals) -> None:
    with started("none") as (process, url):
        port = url.rpartition(":")[2]
        assert processes_on(port)
        process.send_signal(number)
        assert process.wait(20) == 0
        assert processes_on(port) == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_its_server_does_not_outlive_it() -> None:
    with started("none") as (process, url):
        port = url.rpartition(":")[2]
        process.kill()
        process.wait(20)
        deadline = time.monotonic() + 20
        while processes_on(port) and time.monotonic() < deadline:
            pass
        assert processes_on(port) == []


def test_an_unknown_mutant_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert layer.main(["oncall-unheard-of"]) == 2
    assert "no such mutant: oncall-unheard-of" in capsys.readouterr().err


def test_a_server_that_does_not_start_is_told_of() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*LAYER, "none", "--", sys.executable, "-c", "print('sorry')"]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert ended.returncode == 1
    assert "did not start; it said 'sorry'" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["x"], layer.SERVE),
        (["x", "--seed", "1"], [*layer.SERVE, "--seed", "1"]),
        (["x", "--", "--seed", "1"], [*layer.SERVE, "--seed", "1"]),
        (["x", "--", "serve-it", "--seed", "1"], ["serve-it", "--seed", "1"]),
    ],
)
def test_without_a_command_the_mock_is_started(arguments: list[str], command: list[str]) -> None:
    assert layer.split(arguments) == ("x", command)
