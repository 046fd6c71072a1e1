"""A bundle is a folder from which a failure can be seen again."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from contract_tests.deployment import PREFIX, Deployment
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.rules import find_rule
from contract_tests.verdicts.bundle import folder_name, law_of, write_bundle
from contract_tests.verdicts.verdict import Verdict

LAW = "contract_tests/grafana_oncall/test_delete.py::test_delete_does_not_mind_a_body[{-text/plain]"
JSON = ("Content-Type", "application/json")
TOKEN = ("Authorization", "<oncall_token>")
# What shells, curl and files trip over.
HOSTILE = [
    b'it\'s "quoted" $HOME `id` \\n %s !! ~ * ; & | < > # {}',
    b"@/etc/hostname",
    b"-d @x",
    b"two\nlines\n",
    b"carriage\r\nreturn",
    b"nul\x00byte \xff\xfe",
    "Ünïcödé \U0001f525 and \u202e backwards".encode(),
    b"x" * 200_000,
    b"\x1b[31mred",
]


class Server:
    """Notes what comes; answers with ids that count up."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str, dict[str, str], bytes]] = []
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                came.append((self.command, self.path, dict(self.headers.items()), body))
                answer = json.dumps({"author": {"id": "UOFNOUSE"}, "id": f"PLIVE{len(came)}"}).encode()
                self.send_response_only(201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def asking(method: str, target: str, body: bytes = b"", *headers: tuple[str, str]) -> Exchange:
    length = [("Content-Length", str(len(body)))] if body or method in ("POST", "PUT") else []
    return Exchange(
        Asked(method, target, (("Host", "elsewhere"), *headers, *length), body),
        Answered(200, (JSON,), b'{"id": "PRECORDED1"}'),
        label="test",
    )


def bundled(folder: Path, exchanges: Sequence[Exchange], target: str | None = None) -> Path:
    verdict = Verdict(
        id=LAW,
        outcome="broken",
        kind="laws",
        provider="grafana-oncall",
        rule=find_rule("grafana-oncall/delete.status"),
        expected="(204, b'')",
        seen="(200, b'{}')",
        exchanges=tuple(exchanges),
    )
    return write_bundle(verdict, folder, target=target, seed=7, options={"fail-on": "documented"})


def sent_by(script: Path, server: Server) -> list[tuple[str, str, dict[str, str], bytes]]:
    environment = {**os.environ, "CONTRACT_ONCALL_TOKEN": "it's $a token"}
    ended = subprocess.run([str(script), server.url], capture_output=True, text=True, env=environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    return server.came


def words_of(script: Path) -> list[str]:
    """The script as a shell takes it apart. (Comments hold no quotes that matter: they end with their line.)"""
    return shlex.split(script.read_text("utf-8"), comments=True)


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@needs_curl
@pytest.mark.parametrize("body", HOSTILE)
def test_the_script_sends_the_very_bytes(tmp_path: Path, server: Server, body: bytes) -> None:
    folder = bundled(
        tmp_path, [asking("PUT", "/a%20b/?q=it's%00&x=$(id)", body, TOKEN, ("X-Odd", "caf\xe9 'n'"))]
    )
    ((method, path, headers, came),) = sent_by(folder / "curl.sh", server)
    assert (method, path, came) == ("PUT", "/a%20b/?q=it's%00&x=$(id)", body)
    assert headers == {
        "Host": server.url.removeprefix("http://"),
        "Authorization": "it's $a token",
        "X-Odd": "caf\xe9 'n'",
        "Content-Length": str(len(body)),
    }


@pytest.mark.parametrize("body", HOSTILE)
def test_a_body_is_one_word_of_the_script_or_a_file(tmp_path: Path, body: bytes) -> None:
    folder = bundled(tmp_path, [asking("PUT", "/", body)])
    words = words_of(folder / "curl.sh")
    if "--data-raw" in words:
        assert words[words.index("--data-raw") + 1].encode() == body
    else:
        assert words[words.index("--data-binary") + 1] == "@$here/body-1.bin"
        assert (folder / "body-1.bin").read_bytes() == body


@needs_curl
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PURGE"])
def test_the_script_adds_no_header_and_no_body(tmp_path: Path, server: Server, method: str) -> None:
    folder = bundled(tmp_path, [asking(method, "/../x/./y", b"", ("X-Empty", ""))])
    ((came, path, headers, body),) = sent_by(folder / "curl.sh", server)
    assert (came, path, body) == (method, "/../x/./y", b"")
    assert headers.keys() == {"Host", "X-Empty"} | ({"Content-Length"} if method == "POST" else set())


@needs_curl
def test_the_script_carries_ids_on(tmp_path: Path, server: Server) -> None:
    created = Exchange(
        Asked("POST", "/things", (JSON,), b"{}"),
        Answered(201, (), b'{"author": {"id": "UKNOWN1"}, "id" :\t"PRECORDED1"}'),
    )
    later = asking("PATCH", "/things/PRECORDED1/?of=UNUSED", b'{"parent": "PRECORDED1"}')
    assert sent_by(bundled(tmp_path, [created, later]) / "curl.sh", server)[1][1::2] == (
        "/things/PLIVE1/?of=UNUSED",
        b'{"parent": "PLIVE1"}',
    )


def test_the_script_names_the_variable_of_a_credential_and_stops_without_it(tmp_path: Path) -> None:
    folder = bundled(tmp_path, [asking("GET", "/", b"", ("Authorization", "Bearer <incident_key>"))])
    ended = subprocess.run(
        ["bash", str(folder / "curl.sh"), "http://127.0.0.1:9"], capture_output=True, text=True, env={}
    )
    assert ended.returncode != 0
    assert "CONTRACT_INCIDENT_KEY: is not set: a credential" in ended.stderr
    assert "'Authorization: Bearer '\"$CONTRACT_INCIDENT_KEY\"" in (folder / "curl.sh").read_text("utf-8")


def test_only_names_of_credentials_stand_for_variables(tmp_path: Path) -> None:
    folder = bundled(tmp_path, [asking("POST", "/", b"<script> <br> <oncall_token>")])
    told = json.loads((folder / "bundle.json").read_text("utf-8"))
    assert told["credentials"] == {"<oncall_token>": "CONTRACT_ONCALL_TOKEN"}
    assert "CONTRACT_SCRIPT" not in (folder / "curl.sh").read_text("utf-8")


def test_every_credential_of_a_deployment_has_its_variable(tmp_path: Path) -> None:
    names = [it.name for it in fields(Deployment) if "token" in it.name or "key" in it.name]
    assert len(names) > 10
    headers = [("Authorization", f"<{name}>") for name in names]
    told = json.loads(
        (bundled(tmp_path, [asking("GET", "/", b"", *headers)]) / "bundle.json").read_text("utf-8")
    )
    assert told["credentials"] == {f"<{name}>": PREFIX + name.upper() for name in names}


def test_the_path_of_the_targets_address_is_not_sent_twice(tmp_path: Path) -> None:
    folder = bundled(tmp_path, [asking("GET", "/prefix/api/v1/x")], "https://oncall.example/prefix")
    (exchange,) = json.loads((folder / "exchanges.json").read_text("utf-8"))["exchanges"]
    assert exchange["asked"]["target"] == "/api/v1/x"
    assert "target=https://oncall.example/prefix\n" in (folder / "curl.sh").read_text("utf-8")


def test_the_bundle_says_what_was_judged_and_how(tmp_path: Path) -> None:
    told = json.loads((bundled(tmp_path, []) / "bundle.json").read_text("utf-8"))
    assert (told["version"], told["test"], told["seed"]) == (1, LAW, 7)
    assert told["law"].startswith("contract_tests.grafana_oncall.test_delete::test_delete_does_not")
    assert (told["rule"]["name"], told["rule"]["grade"]) == ("grafana-oncall/delete.status", "assumed")
    assert (told["expected"], told["seen"]) == ("(204, b'')", "(200, b'{}')")
    assert told["options"] == {"fail-on": "documented"}


@pytest.mark.parametrize(
    "test", ["a/b.py::t[../../etc/passwd\x00]", "x.py::" + "long" * 100, "x.py::t[\u202e/ü]", ".py::.."]
)
def test_a_folder_has_a_name_that_every_file_system_takes(test: str) -> None:
    name = folder_name(test)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert 9 <= len(name) < 100


def test_tests_of_similar_names_have_folders_of_their_own() -> None:
    assert folder_name("x.py::t[a/b]") != folder_name("x.py::t[a-b]")


def test_a_test_of_somebody_else_is_no_law() -> None:
    assert law_of("tests/test_x.py::test_y") == law_of("contract_tests/x.py") == ""


WITHOUT_THE_SUITE = """
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "contract_tests" else real(name, *more)
"""


def run_again(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """With pytest and httpx, but without the suite."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", "test_again.py", *options]
    clean = {name: it for name, it in os.environ.items() if not name.startswith(("CONTRACT_", "PYTEST_"))}
    clean |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
    (folder / "conftest.py").write_text(WITHOUT_THE_SUITE, "utf-8")
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=clean)


def recorded_at(server: Server) -> list[Exchange]:
    """What `server` answers to two requests, as if somewhere else."""
    first = b'{"author": {"id": "UOFNOUSE"}, "id": "PRECORDED1"}'
    second = b'{"author": {"id": "UOFNOUSE"}, "id": "PRECORDED2"}'
    return [
        Exchange(Asked("POST", "/things", (TOKEN, JSON), b"{}"), Answered(201, (), first)),
        Exchange(Asked("GET", "/things/PRECORDED1", (TOKEN,)), Answered(201, (), second)),
    ]


def test_without_the_suite_the_test_fails_as_long_as_answers_are_as_recorded(
    tmp_path: Path, server: Server
) -> None:
    folder = bundled(tmp_path, recorded_at(server))
    ended = run_again(folder, CONTRACT_TARGET=server.url, CONTRACT_ONCALL_TOKEN="a-token")
    assert ended.returncode == 1, ended.stdout
    assert "what was found is still there" in ended.stdout
    assert [(path, headers["Authorization"]) for _, path, headers, _ in server.came] == [
        ("/things", "a-token"),
        ("/things/PLIVE1", "a-token"),
    ]


def test_without_the_suite_another_answer_is_shown_and_not_judged(tmp_path: Path, server: Server) -> None:
    first, second = recorded_at(server)
    other = Exchange(second.asked, Answered(500, (), b"oops"))
    ended = run_again(
        bundled(tmp_path, [first, other]), CONTRACT_TARGET=server.url, CONTRACT_ONCALL_TOKEN="a-token"
    )
    assert ended.returncode == 0, ended.stdout
    assert "was 500, is 201" in ended.stdout
    assert "2 skipped" in ended.stdout


def test_with_the_suite_the_law_itself_is_run(tmp_path: Path) -> None:
    folder = bundled(tmp_path, [])
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", "test_again.py"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
    )
    assert ended.returncode == 0, ended.stdout
    assert "1 passed, 1 skipped" in ended.stdout
