"""What the relay does when an answer does not come, or not whole."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from contextlib import suppress

import pytest

from contract_tests.exchange import Answered, Asked
from contract_tests.guard.relay import Relay
from contract_tests.guard.seam import Forward, Handler, NoAnswer
from tests.guard.guarded import (
    Serve,
)
from tests.guard.servers import OK, PATIENCE, Line, always, ask, place, serving, talk_to


def test_an_answer_that_comes_before_the_body_was_read_is_relayed(relay: Relay, serve: Serve) -> None:
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmuch"

    def talk(line: Line) -> None:
        line.head()
        line.say(answer)

    door = relay.door(serve(talk).url)
    size = 16 * 1024 * 1024 + 1
    for _ in range(5):
        assert (
            ask(door, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size, b"x" * size)
            == answer
        )


def test_a_client_that_leaves_before_its_body_has_sent_nothing(relay: Relay, serve: Serve) -> None:
    server = serve(always())
    door = relay.door(server.url)
    assert talk_to(door, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{}") == b""
    assert server.lines == []


def failing(kinds: list[tuple[str, bool]]) -> Handler:
    async def handle(asked: Asked, forward: Forward) -> Answered:
        try:
            return await forward()
        except NoAnswer as failure:
            kinds.append((failure.kind, failure.sent))
            return Answered(404, (), failure.reason.encode())

    return handle


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"SSH-2.0-OpenSSH\r\n\r\n",
    ],
)
def test_an_answer_that_is_cut_off_is_none(relay: Relay, serve: Serve, part: bytes) -> None:
    def talk(line: Line) -> None:
        line.request()
        line.say(part)

    kinds: list[tuple[str, bool]] = []
    server = serve(talk)
    door = relay.door(server.url, failing(kinds))
    assert talk_to(door, b"POST / HTTP/1.1\r\nHost: h\r\n\r\n").startswith(b"HTTP/1.1 404 ")
    assert kinds == [("unreachable", True)]
    assert server.requests() == 1


def test_a_server_that_is_not_there_was_sent_nothing(relay: Relay) -> None:
    with serving(always()) as server:
        gone = server.url
    kinds: list[tuple[str, bool]] = []
    door = relay.door(gone, failing(kinds))
    assert b"no connection to 127.0.0.1:" in talk_to(door, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert kinds == [("unreachable", False)]


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_allowed(relay: Relay, serve: Serve) -> None:
    kinds: list[tuple[str, bool]] = []

    def talk(line: Line) -> None:
        line.everything()

    server = serve(talk)
    door = relay.door(server.url, failing(kinds), timeout=0.05)
    assert b"no whole answer in 0.05 s" in talk_to(door, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert kinds == [("timeout", True)]


@pytest.mark.parametrize("method, answered, requests", [("GET", b"200", 3), ("POST", b"502", 2)])
def test_only_a_safe_request_is_sent_again_when_a_kept_connection_breaks(
    relay: Relay, serve: Serve, method: str, answered: bytes, requests: int
) -> None:
    """The server answers the first request of a connection, and ends instead of answering the second."""

    def talk(line: Line) -> None:
        line.request()
        line.say(OK)
        line.request()

    server = serve(talk)
    request = f"{method} / HTTP/1.1\r\nHost: h\r\n\r\n".encode()
    raw = talk_to(relay.door(server.url), request * 2)
    assert raw.startswith(OK + b"HTTP/1.1 " + answered)
    assert server.requests() == requests


def test_a_connection_that_was_closed_meanwhile_is_not_used(relay: Relay, serve: Serve) -> None:
    def talk(line: Line) -> None:
        line.request()
        line.say(OK)

    server = serve(talk)
    door = relay.door(server.url)
    with socket.create_connection(place(door), timeout=PATIENCE) as client:
        for _ in range(5):
            client.sendall(b"POST / HTTP/1.1\r\nHost: h\r\n\r\n")
            assert client.recv(len(OK), socket.MSG_WAITALL) == OK
            server.lines[-1].connection.close()
    assert server.requests() == 5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Of 127.0.0.1, signed by itself, made for this run; and its key."""
    command = shutil.which("openssl")
    if command is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    made, key = str(folder / "made.pem"), str(folder / "key.pem")
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        [command, "req", *kind, *names, "-keyout", key, "-out", made], check=True, capture_output=True
    )
    return made, key


@pytest.mark.parametrize("trusted", [True, False])
def test_a_server_must_have_a_certificate_that_is_trusted(
    serve: Serve, certificate: tuple[str, str], trusted: bool
) -> None:
    made, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)

    def talk(line: Line) -> None:
        with suppress(ssl.SSLError):
            line.connection = context.wrap_socket(line.connection, server_side=True)
            always()(line)

    server = serve(talk)
    with Relay(timeout=PATIENCE, verify=made if trusted else None) as relay:
        door = relay.door(server.url.replace("http:", "https:"))
        raw = talk_to(door, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * 2)
    assert raw == OK * 2 if trusted else b"certificate verify failed" in raw
    assert server.requests() == (2 if trusted else 0)
    assert len(server.lines) == (1 if trusted else 2)
