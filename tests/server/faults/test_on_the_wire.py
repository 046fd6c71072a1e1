"""What a fault does to a connection, over a real socket."""

from __future__ import annotations

import http.client
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest

from tests.conftest import MakeServer
from tests.live import PATIENCE, LiveServer, serving
from tests.server.faults.asking import LIST, NEW, ONCALL, created, listed, rule

REQUEST = f"GET {LIST} HTTP/1.1\r\nHost: m\r\nAuthorization: meowmeowmeow\r\n\r\n".encode()


@pytest.fixture
def online(live_server: LiveServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server.base_url, timeout=PATIENCE) as client:
        yield client


@contextmanager
def connected(live: LiveServer, request: bytes = REQUEST) -> Iterator[socket.socket]:
    with socket.create_connection(live.address, timeout=PATIENCE) as connection:
        connection.sendall(request)
        yield connection


def rest(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received


def silent(connection: socket.socket) -> bool:
    """Nothing has come, not even an end."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    return False


@pytest.mark.parametrize("act", [{"reset": True}, {"reset": True, "delay": 0.01}])
def test_a_reset_connection_is_reset(
    live_server: LiveServer, online: httpx.Client, act: dict[str, Any]
) -> None:
    rule(online, act, times=1)
    with connected(live_server) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert listed(online).status_code == 200


def test_a_client_sees_a_lost_answer_as_an_error_and_the_work_is_done(online: httpx.Client) -> None:
    rule(online, {"reset": True, "after": True}, method="POST", times=1)
    with pytest.raises(httpx.TransportError):
        created(online)
    assert listed(online).json()["count"] == 2


def test_who_hangs_or_waits_keeps_nobody_else_waiting(live_server: LiveServer, online: httpx.Client) -> None:
    rule(online, {"hang": True}, nth=1)
    rule(online, {"delay": 3600}, nth=2)
    with connected(live_server) as hanging, connected(live_server) as waiting:
        while sum(shown["hit"] for shown in online.get("/_mock/faults").json()["rules"]) < 2:
            pass
        assert [listed(online).status_code for _ in range(20)] == [200] * 20
        assert silent(hanging)
        assert silent(waiting)


@pytest.mark.parametrize("act", [{"hang": True}, {"delay": 3600}, {"drip": 3600}])
def test_a_shutdown_waits_for_no_fault(
    make_server: MakeServer, act: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(lambda base_url: make_server(base_url=base_url)) as live:
        with httpx.Client(base_url=live.base_url) as client:
            rule(client, act)
            connection = socket.create_connection(live.address, timeout=PATIENCE)
            connection.sendall(REQUEST)
            while not client.get("/_mock/faults").json()["rules"][0]["hit"]:
                pass
        assert connection.fileno() > 0
    with connection, suppress(ConnectionResetError):
        rest(connection)
    # A server that had to cancel what was still running says so as an error.
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_truncated_body_is_promised_whole(
    live_server: LiveServer, online: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    whole = listed(online).content
    rule(online, {"truncate": True})
    with connected(live_server) as connection:
        head, _, body = rest(connection).partition(b"\r\n\r\n")
    assert b"HTTP/1.1 200" in head
    assert f"content-length: {len(whole)}".encode() in head
    assert body == whole[: len(whole) // 2]
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        listed(online)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_body_that_drips_arrives_whole_and_the_connection_lives_on(live_server: LiveServer) -> None:
    connection = http.client.HTTPConnection(*live_server.address, timeout=PATIENCE)
    with httpx.Client(base_url=live_server.base_url) as client:
        whole = listed(client).content
        rule(client, {"drip": 0.001, "delay": 0.001}, times=2)
    for _ in range(3):
        connection.request("GET", LIST, headers=ONCALL)
        assert connection.getresponse().read() == whole
    connection.close()


@pytest.mark.parametrize("act", [{"drip": 3600}, {"truncate": True}, {"delay": 0.001}, {"malformed": True}])
def test_head_gets_its_headers_at_once(live_server: LiveServer, act: dict[str, Any]) -> None:
    connection = http.client.HTTPConnection(*live_server.address, timeout=PATIENCE)
    with httpx.Client(base_url=live_server.base_url) as client:
        rule(client, act)
    for _ in range(2):
        connection.request("HEAD", LIST, headers=ONCALL)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        assert int(answer.headers["content-length"]) > 100
    connection.close()


@pytest.mark.parametrize("ending", ["reset", "hang"])
def test_head_is_broken_like_anything_else(
    live_server: LiveServer, online: httpx.Client, ending: str
) -> None:
    added = rule(online, {ending: True})
    with connected(live_server, REQUEST.replace(b"GET", b"HEAD")) as connection:
        while not online.get(f"/_mock/faults/{added['id']}").json()["hit"]:
            pass
        if ending == "hang":
            assert silent(connection)
        else:
            with pytest.raises(ConnectionResetError):
                connection.recv(1)


def test_an_answer_without_a_body_is_never_cut(online: httpx.Client) -> None:
    rule(online, {"truncate": True, "malformed": True, "drip": 3600})
    answer = online.delete(f"{LIST}P658FE5K87EWZ/", headers=ONCALL)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_client_that_was_answered_nothing_may_try_again(online: httpx.Client) -> None:
    rule(online, {"reset": True}, nth=[1, 2])
    with httpx.Client(base_url=online.base_url, transport=httpx.HTTPTransport(retries=0)) as client:
        seen: list[object] = []
        for _ in range(3):
            try:
                seen.append(client.post(LIST, headers=ONCALL, json=NEW).status_code)
            except httpx.TransportError as error:
                seen.append(type(error).__name__)
    assert seen[-1] == 201
    assert 201 not in seen[:2]
