"""The way to a Redis server: what it does when the server is stopped, halted, restarted, or talks TLS."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.server.shared.log import Unavailable
from mockserver.server.shared.redis_address import read_address
from mockserver.server.shared.redis_line import REST, Line
from mockserver.server.shared.redis_script import Script
from tests.shared.storecluster import UNITED, store_cluster
from tests.shared.storeserver import StoreServer, needs_server
from tests.shared.tlsdoor import tls_door

pytestmark = needs_server

NEXT = Script("return redis.call('INCR', KEYS[1])")


class Hands:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def line(durable_server: StoreServer, hands: Hands) -> Iterator[Line]:
    line = Line(read_address(durable_server.url), timer=hands)
    yield line
    line.close()


def test_a_command_is_answered_in_bytes(line: Line) -> None:
    assert line.write("SET", "name", b"\x00\xff") == b"OK"
    assert line.read("GET", "name") == b"\x00\xff"
    assert line.read("GET", "nobody") is None


def test_a_script_is_sent_once_and_then_called_by_name(line: Line) -> None:
    assert [NEXT.write(line, ("counter",)) for _ in range(3)] == [1, 2, 3]
    line.write("SCRIPT", "FLUSH")
    assert NEXT.write(line, ("counter",)) == 4


def test_a_reader_does_not_notice_a_restart(line: Line, durable_server: StoreServer) -> None:
    line.write("SET", "name", "kept")
    durable_server.kill()
    durable_server.start()
    assert line.read("GET", "name") == b"kept"


def test_a_write_on_a_broken_connection_is_not_sent_again(
    line: Line, durable_server: StoreServer, hands: Hands
) -> None:
    assert NEXT.write(line, ("counter",)) == 1
    durable_server.kill()
    durable_server.start()
    with pytest.raises(Unavailable):
        NEXT.write(line, ("counter",))
    hands.at += REST
    assert NEXT.write(line, ("counter",)) == 2


def test_a_server_that_is_gone_is_not_asked_for_a_while(
    line: Line, durable_server: StoreServer, hands: Hands
) -> None:
    durable_server.stop()
    with pytest.raises(Unavailable):
        line.read("GET", "name")
    durable_server.start()
    with pytest.raises(Unavailable, match="a moment ago"):
        line.read("GET", "name")
    hands.at += REST
    assert line.read("GET", "name") is None


def test_a_server_that_hangs_costs_a_bounded_wait_and_then_none(
    line: Line, durable_server: StoreServer, hands: Hands
) -> None:
    line.write("SET", "name", "kept")
    durable_server.halt()
    started = time.monotonic()
    for _ in range(100):
        with pytest.raises(Unavailable):
            line.read("GET", "name")
    assert time.monotonic() - started < 10  # one patience of a second; a hundred would be more
    durable_server.go_on()
    hands.at += REST
    assert line.read("GET", "name") == b"kept"


def test_one_that_tells_says_once_that_the_server_is_lost_and_once_that_it_is_back(
    durable_server: StoreServer, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(read_address(durable_server.url), timer=hands, tells=True)
    line.read("GET", "name")
    durable_server.stop()
    for _ in range(3):
        hands.at += REST
        with pytest.raises(Unavailable):
            line.read("GET", "name")
    durable_server.start()
    hands.at += REST
    line.read("GET", "name")
    lost, back = caplog.messages
    assert lost.startswith(f"{durable_server.url} is lost: Error")
    assert back == f"{durable_server.url} is back"
    line.close()


def test_what_the_server_refuses_is_no_answer(line: Line) -> None:
    line.write("SET", "name", "text")
    with pytest.raises(Unavailable, match="WRONGTYPE"):
        line.read("LLEN", "name")


def test_a_server_behind_tls_is_believed_with_its_authoritys_certificate_only(
    durable_server: StoreServer, tmp_path: Path
) -> None:
    with tls_door(durable_server.folder / "socket", tmp_path / "ca.pem") as port:
        line = Line(read_address(f"rediss://127.0.0.1:{port}/1?ssl_ca_certs={tmp_path}/ca.pem"))
        assert line.write("SET", "name", "kept") == b"OK"
        assert line.read("GET", "name") == b"kept"
        line.close()
        stranger = Line(read_address(f"rediss://127.0.0.1:{port}/1"))
        with pytest.raises(Unavailable, match="certificate"):
            stranger.read("GET", "name")
        stranger.close()


def test_a_cluster_that_is_gone_or_has_lost_a_part_is_unavailable_and_found_again(hands: Hands) -> None:
    with store_cluster() as cluster:
        line = Line(replace(read_address(cluster.url), cluster=True), timer=hands)
        names = [f"{{{name}}}" for name in "cbadef"]
        for name in names:
            line.write("SET", name, "kept")
        for lost in (cluster.servers[1:2], cluster.servers):
            for server in lost:
                server.halt()
            for name in names[:2]:
                hands.at += REST
                started = time.monotonic()
                with suppress(Unavailable):
                    line.read("GET", name)
                assert time.monotonic() - started < 10
            for server in lost:
                server.go_on()
        for server in cluster.servers:
            server.kill()
        for name in names:
            hands.at += REST
            with pytest.raises(Unavailable):
                line.read("GET", name)
        for server in cluster.servers:
            server.start()
        for server in cluster.servers:
            server.wait_for(UNITED)
        hands.at += REST
        assert [line.read("GET", name) for name in names] == [b"kept"] * 6
        line.close()
