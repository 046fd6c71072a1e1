"""The command as a person meets it: a process of its own, its output, its exit code."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from mockserver import DEFAULT_HOST, DEFAULT_PORT, __version__
from mockserver.commands import options
from mockserver.core.errors import ConfigurationError
from mockserver.providers import REGISTRY
from mockserver.server.documents import load_document
from mockserver.server.serve import listen

COMMAND = [sys.executable, "-m", "mockserver"]
PATIENCE = 30


def run(*arguments: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=folder or Path(__file__).parent,
        env=environ(**environment),
    )


def environ(**more: str) -> dict[str, str]:
    return {"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": "", **more}


@contextmanager
def serving(
    *arguments: str, folder: Path | None = None, **environment: str
) -> Iterator[tuple[str, list[str]]]:
    """The base URL that the first line gives, and the lines of the table after it; ends cleanly by SIGTERM."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder or Path(__file__).parent,
        env=environ(**environment),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        first = process.stdout.readline().strip()
        lines: list[str] = []
        while first and not (lines and lines[-1].startswith("rate limits")):
            lines.append(process.stdout.readline().rstrip())
        yield first, lines
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_the_first_line_is_the_base_url_and_connections_are_accepted_from_then_on() -> None:
    with serving() as (base_url, _):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", base_url)
        assert httpx.get(f"{base_url}/_mock/health").status_code == 200


def test_the_default_address_is_the_documented_one() -> None:
    """Told by who is there already: the test takes the address, or somebody else has."""
    with suppress(OSError), socket.create_server(("127.0.0.1", 4010)):
        ended = run("serve")
        assert ended.stderr == "mockserver: --port 4010: the port is in use on 127.0.0.1\n"
    assert (DEFAULT_HOST, DEFAULT_PORT) == ("127.0.0.1", 4010)


def test_a_port_is_taken_before_anything_is_served() -> None:
    taken = listen("127.0.0.1", 0)
    port = taken.socket.getsockname()[1]
    with taken.socket, pytest.raises(ConfigurationError, match=f"--port {port}: the port is in use"):
        listen("127.0.0.1", port)


def test_a_wildcard_address_is_reached_by_a_loopback_name() -> None:
    with listen("0.0.0.0", 0).socket as taken:
        assert taken.getsockname()[0] == "0.0.0.0"
    with serving("--host", "0.0.0.0") as (base_url, _):
        assert base_url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{base_url}/_mock/health").status_code == 200


def test_a_reader_may_leave_after_the_first_line() -> None:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        base_url = process.stdout.readline().strip()
        process.stdout.close()
        assert httpx.get(f"{base_url}/_mock/health").status_code == 200
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0
        process.stderr.close()


def test_two_seeded_processes_answer_the_same_bytes() -> None:
    seen = []
    for _ in range(2):
        with serving("--seed", "5", "--base-url", "http://mock.test") as (base_url, _lines):
            body = {"alert_group_id": "IQUIET1PAGE11", "text": "same"}
            headers = {"Authorization": "meowmeowmeow"}
            answers = [
                httpx.post(f"{base_url}/api/v1/postmortems/", headers=headers, json=body) for _ in range(3)
            ]
            seen.append([(answer.headers.raw, answer.content) for answer in answers])
    assert seen[0] == seen[1]


def test_an_upload_that_is_still_coming_in_does_not_hold_up_the_end() -> None:
    with serving() as (base_url, _):
        host, _, port = base_url.removeprefix("http://").partition(":")
        upload = socket.create_connection((host, int(port)))
        upload.sendall(b"POST /api/v1/postmortems/ HTTP/1.1\r\nHost: m\r\nContent-Length: 100\r\n\r\nhalf")
        httpx.get(f"{base_url}/_mock/health")
    with upload:
        upload.settimeout(PATIENCE)
        assert upload.recv(1) == b""


def test_the_table_names_vendor_base_url_credential_and_a_curl_line_that_works() -> None:
    with serving() as (base_url, lines):
        text = "\n".join(lines)
        for provider in REGISTRY.values():
            assert provider.title in lines
            assert f"Authorization: {provider.credential}" in text
        assert text.count(base_url) == 7
        assert lines[-1] == "rate limits as the vendor's"
        assert httpx.get(f"{base_url}/_mock/docs/grafana-oncall/").status_code == 200
        (path,) = re.findall(r"curl http://[^/]+(/api\S+) -H 'Authorization: meowmeowmeow'", text)
        assert httpx.get(base_url + path, headers={"Authorization": "meowmeowmeow"}).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_even_while_a_client_keeps_its_connection(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    base_url = process.stdout.readline().strip()
    with httpx.Client(base_url=base_url) as client:
        assert client.get("/_mock/health").status_code == 200
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")


def test_a_port_in_use_is_one_sentence_and_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", "--port", str(port))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"mockserver: --port {port}: the port is in use on 127.0.0.1\n"


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["serve", "--port", "99999"], "Invalid value for '--port': 99999 is not in the range"),
        (["serve", "--rate-limit", "fast"], "'fast' is neither on, off nor a number above 0"),
        (["serve", "--rate-limit", "-1"], "'-1' is neither on, off nor a number above 0"),
        (["serve", "--control-token", ""], "a token is printable ASCII, and not empty"),
        (["serve", "--control-token", "schlüssel"], "a token is printable ASCII, and not empty"),
        (["serve", "--base-url", "nonsense"], "'nonsense' is no http or https address"),
        (["serve", "--base-url", "http://u:p@host/"], "is no http or https address without credentials"),
        (
            ["serve", "--port", "0", "--webhook", "http://example.test/"],
            "example.test is neither loopback nor allowed",
        ),
        (["serve", "--provider", "nobody"], "'nobody' is not one of 'incident-io', 'grafana-oncall'"),
        (["serve", "--fixtures", "nowhere"], "Path 'nowhere' does not exist"),
        (["serve", "--host", "no.such.host.invalid"], "--host no.such.host.invalid: there is no such host"),
        (["serve", "--unknown"], "No such option"),
        (["nothing"], "No such command 'nothing'"),
        (["--config", "nowhere.toml", "serve"], "nowhere.toml: cannot be read: No such file or directory"),
    ],
)
def test_a_bad_flag_is_one_sentence_and_exit_code_2(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    ended = run(*arguments, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("mockserver: ")
    assert ended.stderr.count("\n") == 1
    assert sentence in ended.stderr


def test_a_fixture_with_a_typo_is_one_sentence_with_file_line_and_key(tmp_path: Path) -> None:
    (tmp_path / "grafana-oncall").mkdir()
    file = tmp_path / "grafana-oncall" / "world.yaml"
    file.write_text("organizations:\n  - {id: O1, nmae: One}\n")
    ended = run("serve", "--port", "0", "--provider", "grafana-oncall", "--fixtures", str(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr == (
        f"mockserver: {file}:2: organizations[0]: unknown key 'nmae'; did you mean 'name'?\n"
    )


def test_a_broken_document_is_one_sentence_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "incident-io").mkdir()
    file = tmp_path / "incident-io" / "openapi.yaml"
    file.write_text("openapi: 3.0.3\ninfo: {title: [\n")
    ended = run("serve", "--port", "0", "--provider", "incident-io", "--specs", str(tmp_path))
    assert ended.returncode == 2
    assert re.fullmatch(rf"mockserver: {re.escape(str(file))}:\d+: .+\n", ended.stderr)


def test_one_vendor_alone_is_served_when_it_alone_is_asked_for() -> None:
    with serving("--provider", "grafana-oncall") as (base_url, lines):
        assert "incident.io" not in lines
        assert httpx.get(f"{base_url}/_mock/health").json()["providers"] == ["grafana-oncall"]


def test_a_flag_wins_over_the_environment_and_that_over_the_config_file(tmp_path: Path) -> None:
    (tmp_path / "mockserver.toml").write_text('[serve]\nrate-limit = "2"\nprovider = ["grafana-oncall"]\n')
    with serving(folder=tmp_path) as (_, lines):
        assert lines[-1] == "rate limits 2 times the vendor's"
        assert "incident.io" not in lines
    with serving(folder=tmp_path, MOCKSERVER_RATE_LIMIT="off") as (_, lines):
        assert lines[-1] == "rate limits off"
    with serving("--rate-limit", "0.5", folder=tmp_path, MOCKSERVER_RATE_LIMIT="off") as (_, lines):
        assert lines[-1] == "rate limits 0.5 times the vendor's"


@pytest.mark.parametrize(
    "content, problem",
    [
        ("[serve\n", r"Expected ']'"),
        ("[sreve]\n", "'sreve' is no command; known are"),
        ("[serve]\nprot = 1\n", "[serve] has an unknown key 'prot'"),
        ("[serve]\nport = 'x'\n", "'x' is not a valid integer"),
    ],
)
def test_a_slip_in_the_config_file_is_one_sentence(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "mockserver.toml").write_text(content)
    ended = run("serve", folder=tmp_path)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert problem in ended.stderr


def test_links_carry_the_base_url_that_was_given() -> None:
    with serving("--base-url", "http://oncall.test/", "--seed", "1") as (base_url, _):
        headers = {"Authorization": "meowmeowmeow"}
        body = {"alert_group_id": "IQUIET1PAGE11", "text": "second"}
        assert httpx.post(f"{base_url}/api/v1/postmortems/", headers=headers, json=body).status_code == 201
        found = httpx.get(f"{base_url}/api/v1/postmortems/?perpage=1", headers=headers).json()
        assert found["next"] == "http://oncall.test/api/v1/postmortems/?page=2&perpage=1"


def test_a_seeded_server_sends_no_date_and_no_server_names_itself() -> None:
    with serving("--seed", "1") as (base_url, _):
        headers = httpx.get(f"{base_url}/nowhere").headers
        assert list(headers) == ["content-length"]
    with serving() as (base_url, _):
        headers = httpx.get(f"{base_url}/nowhere").headers
        assert set(headers) == {"date", "content-length"}


def test_the_log_names_requests_and_never_their_credentials() -> None:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--log-level", "debug"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent,
    )
    assert process.stdout is not None
    base_url = process.stdout.readline().strip()
    httpx.get(f"{base_url}/api/v1/postmortems/%0aforged", headers={"Authorization": "secret-of-mine"})
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE)
    assert "GET /api/v1/postmortems/%0Aforged" in err
    assert "secret-of-mine" not in err
    assert "\nforged" not in err


def test_version_and_routes_and_help_are_printed() -> None:
    assert run("--version").stdout == f"mockserver, version {__version__}\n"
    routes = run("routes").stdout
    assert "  PATCH   /api/v1/postmortems/{id}/  partial_update_postmortem\n" in routes
    assert "Incidents V2_ImportPostmortemDocument" in routes
    assert "incident-io" not in run("routes", "--provider", "grafana-oncall").stdout
    for arguments in ((), ("--help",), ("serve", "-h"), ("fixtures",), ("fixtures", "check", "-h")):
        ended = run(*arguments)
        assert (ended.returncode, ended.stdout.startswith("Usage: mockserver")) == (0, True)


def test_the_command_knows_every_vendor() -> None:
    assert set(options.PROVIDERS) == set(REGISTRY)


def test_what_has_no_model_is_counted_in_the_table_and_marked_among_the_routes(tmp_path: Path) -> None:
    document = load_document("incident-io")
    document["paths"]["/v9/things"] = {
        "get": {"operationId": "Things_List", "responses": {"200": {"description": "d"}}}
    }
    (tmp_path / "incident-io").mkdir()
    (tmp_path / "incident-io" / "openapi.json").write_text(json.dumps(document))
    with serving("--specs", str(tmp_path)) as (base_url, lines):
        assert "canned      1 operation has no model and answers what the document shows" in lines
        assert (
            httpx.get(f"{base_url}/v9/things", headers={"Authorization": "Bearer inc-test-key"}).status_code
            == 200
        )
    printed = run("routes", "--specs", str(tmp_path)).stdout.splitlines()
    assert [line for line in printed if "canned" in line] == ["  GET     /v9/things  Things_List  (canned)"]
