"""What stands between a door and its server."""

from __future__ import annotations

import socket

import pytest

from contract_tests.exchange import Answered, Asked
from contract_tests.guard.relay import Relay
from contract_tests.guard.seam import Forward, RawBytes
from tests.guard.guarded import (
    Serve,
)
from tests.guard.servers import OK, PATIENCE, always, ask, place, talk_to


def test_no_more_connections_than_allowed_are_open_at_a_time(relay: Relay, serve: Serve) -> None:
    server = serve(always())
    door = relay.door(server.url, connections=1)
    clients = [socket.create_connection(place(door), timeout=PATIENCE) for _ in range(8)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for client in clients:
        assert client.recv(len(OK), socket.MSG_WAITALL) == OK
        client.close()
    assert len(server.lines) == 1


def test_a_handler_may_answer_send_another_request_and_change_the_answer(relay: Relay, serve: Serve) -> None:
    server = serve(always())

    async def handle(asked: Asked, forward: Forward) -> Answered:
        if asked.target == "/never":
            return Answered(418, (("X-A", "b"),), b"tea")
        got = await forward(Asked("PUT", "/other", (("Host", "x"), ("Content-Length", "9")), b"abc"))
        return Answered(299, got.headers, got.body + b"!")

    door = relay.door(server.url, handle)
    raw = talk_to(
        door, b"GET /never HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    )
    never = b"HTTP/1.1 418 I'm a Teapot\r\nX-A: b\r\nContent-Length: 3\r\n\r\ntea"
    assert raw == never + b"HTTP/1.1 299 \r\nContent-Length: 3\r\n\r\n{}!"
    assert server.seen == b"PUT /other HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"


def test_a_handler_may_answer_bytes_of_its_own(relay: Relay, serve: Serve) -> None:
    async def handle(asked: Asked, forward: Forward) -> RawBytes:
        return RawBytes(b"nonsense", "keep" if asked.target == "/a" else "close")

    door = relay.door(serve(always()).url, handle)
    assert (
        ask(door, b"GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n") == b"nonsense" * 2
    )


def test_a_handler_may_reset_the_connection(relay: Relay, serve: Serve) -> None:
    async def handle(asked: Asked, forward: Forward) -> RawBytes:
        return RawBytes(b"", "reset")

    door = relay.door(serve(always()).url, handle)
    with pytest.raises(ConnectionResetError):
        ask(door, b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")


def test_what_a_handler_raises_is_raised_at_the_end(serve: Serve) -> None:
    async def handle(asked: Asked, forward: Forward) -> RawBytes:
        raise KeyError("a mistake")

    with pytest.raises(KeyError, match="a mistake"), Relay() as relay:
        assert ask(relay.door(serve(always()).url, handle), b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n") == b""


def test_a_door_keeps_the_path_of_its_server_and_its_port_if_told(relay: Relay, serve: Serve) -> None:
    server = serve(always())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert relay.door(f"{server.url}/_mock/x/", port=port) == f"http://127.0.0.1:{port}/_mock/x"


def test_two_doors_lead_to_their_own_servers(relay: Relay, serve: Serve) -> None:
    one, two = serve(always()), serve(always(b"HTTP/1.1 204 No\r\n\r\n"))
    doors = relay.door(one.url), relay.door(two.url)
    request = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    assert [talk_to(door, request) for door in doors] == [OK, b"HTTP/1.1 204 No\r\n\r\n"]
    assert (one.requests(), two.requests()) == (1, 1)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1:80", "http://"])
def test_a_door_wants_a_url(relay: Relay, url: str) -> None:
    with pytest.raises(ValueError, match="is no http or https URL"):
        relay.door(url)
