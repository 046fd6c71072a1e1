"""Where requests go: which hosts, which bytes, and what becomes of a target that does not answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.server.app import MockServer
from mockserver.server.compiled import CompiledOperation
from mockserver.server.replay.targets import Deployment, InProcess, Unreachable
from tests.live import LiveServer


@contextmanager
def answering(answer: bytes | None, last: bytes = b"\r\n\r\n") -> Iterator[tuple[str, list[bytes]]]:
    """A server for one request, which ends with `last`; what it was sent. An answer of None is none."""
    received: list[bytes] = []
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while not b"".join(received).endswith(last):
                    received.append(connection.recv(65536))
                if answer is None:
                    done.wait(30)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
        done.set()
        thread.join(30)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: 1\r\na: 2\r\n\r\nhi"


def test_a_request_goes_out_to_the_byte() -> None:
    with answering(OK, last=b"the body") as (url, received):
        seen = Deployment(f"{url}/below/").send(
            "FOO", "/x/%41?b=%20", [("Authorization", " t ")], b"the body"
        )
    head, _, body = b"".join(received).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert (lines[0], body) == (b"FOO /below/x/%41?b=%20 HTTP/1.1", b"the body")
    assert sorted(lines[1:]) == sorted(
        [b"Host: " + url.removeprefix("http://").encode(), b"Authorization:  t "]
    )
    assert (seen.status, seen.headers["a"], seen.body) == (200, "1, 2", b"hi")


@pytest.mark.parametrize(
    "answer", [b"", b"not http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"]
)
def test_a_broken_answer_is_no_answer_to_that_exchange(answer: bytes) -> None:
    with answering(answer) as (url, _):
        seen = Deployment(url).send("GET", "/", [], None)
    assert seen.status is None
    assert seen.problem.startswith("no answer: ")


def test_a_target_that_says_nothing_is_unreachable() -> None:
    with (
        answering(None) as (url, _),
        pytest.raises(Unreachable, match=r"gave no answer within 0\.05 seconds"),
    ):
        Deployment(url, timeout=0.05).send("GET", "/", [], None)


def test_a_target_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(
        Unreachable, match=rf"http://127\.0\.0\.1:{port} cannot be reached: Connection refused"
    ):
        Deployment(f"http://127.0.0.1:{port}").send("GET", "/", [], None)


@pytest.mark.parametrize(
    "url", ["http://localhost:4010", "http://127.0.0.1", "http://127.9.9.9:1/x", "https://[::1]:4010/"]
)
def test_this_machine_is_fine_as_a_target(url: str) -> None:
    assert Deployment(url).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "https://10.0.0.1:80/x", "http://localhost.example.com", "http://0.0.0.0:4010"],
)
def test_another_machine_has_to_be_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"is another machine; .* --allow-host"):
        Deployment(url)
    with pytest.raises(ConfigurationError):
        Deployment(url, ["example.org"])
    host = url.removeprefix("https://").removeprefix("http://").partition("/")[0].partition(":")[0]
    assert Deployment(url, [host.upper()]).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:4010",
        "ftp://localhost",
        "http://",
        "http://localhost:x",
        "http://localhost/?a",
        "http://localhost/ü",
        "http://localhost/a b",
        "http://[::1",
        "//localhost",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^--target"):
        Deployment(url)


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Deployment("http://somebody:secret@localhost")
    assert "secret" not in str(caught.value)


def test_a_mock_in_this_process_and_one_behind_a_socket_give_the_same_answers(
    server: MockServer, live_server: LiveServer
) -> None:
    inside = InProcess(server.app, server.settings.base_url)
    outside = Deployment(live_server.base_url)
    try:
        for method, path, body in [
            ("GET", "/api/v1/postmortems/?perpage=1", None),
            ("POST", "/api/v1/postmortems/", b"{"),
            ("HEAD", "/api/v1/postmortems/P658FE5K87EWZ/", None),
            ("GET", "/nowhere", None),
        ]:
            headers = [("Authorization", "  meowmeowmeow"), ("Content-Type", "application/json")]
            headers += [("Content-Length", str(len(body)))] if body is not None else []
            one, other = (target.send(method, path, headers, body) for target in (inside, outside))
            assert (one.status, one.body) == (other.status, other.body)
            assert set(other.headers) - set(one.headers) <= {"date"}
    finally:
        inside.close()


def test_a_mock_that_crashes_answers_as_the_vendor_would(
    server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CompiledOperation, "answer", None)
    target = InProcess(server.app, server.settings.base_url)
    try:
        assert target.send("GET", "/api/v1/postmortems/", [], None).status == 500
    finally:
        target.close()
