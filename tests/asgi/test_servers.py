"""The application under the ASGI servers of others, each as its users start it."""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.golden import Replay
from tests.inprocess import RawHeaders, Received
from tests.test_golden import BASE_URL, DIFFERENCES, FOLDER, QUIRKS, exchanges

PATIENCE = 60
APP = "mockserver.asgi:app"
SERVERS = {
    "uvicorn": ("-m", "uvicorn", "--port", "{port}", "--log-level", "warning", APP),
    "granian": ("-m", "granian", "--interface", "asgi", "--port", "{port}", APP),
    "hypercorn": ("-m", "hypercorn", "--bind", "127.0.0.1:{port}", APP),
}
# Ordinary requests; what is odd on the wire is between a server and its parser.
GROUPS = ("rn", "role", "filter", "page", "order", "ag")
# Whatever names a server or dates an answer is the server's.
OF_THE_SERVER = {"date", "server", "transfer-encoding", "connection", "alt-svc"}
ONCALL = {"Authorization": "meowmeowmeow"}
USER = "/api/v1/users/current/"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextlib.contextmanager
def started(server: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its base URL, once it answers; ended by SIGTERM."""
    port = free_port()
    command = [word.format(port=port) for word in SERVERS[server]]
    more = {f"MOCKSERVER_{name}": value for name, value in environment.items()}
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"PATH": "", "PYTHONPATH": ":".join(filter(None, sys.path)), **more},
    )
    try:
        base_url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{base_url}/_mock/health", timeout=PATIENCE)
                break
        yield process, base_url
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.communicate()


class Sent:
    """A transport for Replay: one connection for each request."""

    def __init__(self, base_url: str) -> None:
        self._address = urlsplit(base_url).netloc

    def exchange(self, method: str, target: bytes | str, headers: RawHeaders, body: bytes = b"") -> Received:
        connection = http.client.HTTPConnection(self._address, timeout=PATIENCE)
        with contextlib.closing(connection):
            path = target if isinstance(target, str) else target.decode("latin-1")
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers:
                if name != b"host":
                    connection.putheader(name.decode(), value.decode("latin-1"))
            if body:
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            kept = [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in answer.getheaders()
                if name.lower() not in OF_THE_SERVER
            ]
            return Received(answer.status, kept, answer.read())

    def close(self) -> None:
        pass


@pytest.fixture(scope="module", params=SERVERS)
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server of each kind, told by its environment what the recording needs."""
    name = request.param
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    settings = {
        "PROVIDER": "grafana-oncall",
        "RATE_LIMIT": "off",
        "FIXTURES": str(FOLDER),
        "BASE_URL": BASE_URL,
    }
    with started(name, **settings, ALLOW_PREFER="1") as (_, url):
        yield url


@pytest.fixture
def client(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=base_url, headers={"Authorization": "admin-token"}, timeout=PATIENCE
    ) as client:
        yield client


def test_recorded_exchanges_are_answered_as_recorded(base_url: str, client: httpx.Client) -> None:
    assert client.post("/_mock/reset").status_code == 204
    chosen = [one for one in exchanges() if one.group in ("supplied", *GROUPS)]
    found = Replay(Sent(base_url)).run(chosen)
    assert {name: told for name, told in found.items() if name not in QUIRKS | DIFFERENCES} == {}
    assert len(chosen) > 100


def test_sandboxes_are_chosen_by_header_and_by_prefix(client: httpx.Client) -> None:
    new = {"alert_group_id": "I2UU73G65BDMG", "text": "in the other one"}
    made = client.post("/_mock/sandboxes/other/api/v1/resolution_notes/", json=new)
    assert made.status_code == 201
    path = f"/api/v1/resolution_notes/{made.json()['id']}/"
    assert client.get(path, headers={"X-Mock-Sandbox": "other"}).json()["text"] == "in the other one"
    assert client.get(path).status_code == 404


def test_a_request_may_be_refused_in_the_vendors_words_by_a_fault(client: httpx.Client) -> None:
    refused = client.get(USER, headers={"Prefer": "code=503"})
    assert refused.status_code == 503
    assert client.get(USER, headers={"Prefer": "wait=0.01"}).status_code == 200


@pytest.mark.parametrize("act", [{"reset": True}, {"truncate": True}], ids=str)
def test_an_answer_that_a_fault_breaks_never_comes_whole(client: httpx.Client, act: dict[str, bool]) -> None:
    rule = {"act": act, "match": {"times": 1, "path": USER}}
    assert client.post("/_mock/faults", json=rule).status_code == 201
    with pytest.raises(httpx.TransportError):
        client.get(USER)
    assert client.get(USER).status_code == 200


def test_a_slip_in_the_environment_is_one_sentence_and_no_server() -> None:
    with started("uvicorn", PROTOCOL="quick") as (process, _):
        said, _ = process.communicate(timeout=PATIENCE)
    assert "mockserver: Invalid value for '--protocol'" in said
    assert "Traceback" not in said
    assert process.returncode not in (0, None)


def test_the_state_is_kept_from_run_to_run(tmp_path: Path) -> None:
    settings = {"STATE": str(tmp_path / "state.yaml"), "RATE_LIMIT": "off"}
    new = {"alert_group_id": "IQUIET1PAGE11", "text": "kept"}
    with started("uvicorn", **settings) as (_, url):
        made = httpx.post(f"{url}/api/v1/postmortems/", json=new, headers=ONCALL, timeout=PATIENCE)
    with started("uvicorn", **settings) as (_, url):
        path = f"{url}/api/v1/postmortems/{made.json()['id']}/"
        assert httpx.get(path, headers=ONCALL, timeout=PATIENCE).json()["text"] == "kept"


def test_importing_the_application_makes_nothing(tmp_path: Path) -> None:
    """Neither a mistake in the environment nor a document is looked at before there is a server."""
    script = "import json, mockserver.asgi as asgi; print(json.dumps(asgi.app._mock))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=tmp_path,
        env={"PATH": "", "PYTHONPATH": ":".join(filter(None, sys.path)), "MOCKSERVER_SEED": "none"},
        check=True,
    )
    assert json.loads(done.stdout) is None
