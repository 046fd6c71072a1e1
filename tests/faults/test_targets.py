"""The targets of the fault drill misbehave as they say, and only when they are told to."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.targets import (
    Target,
    breaks_off,
    dies,
    drips,
    hangs,
    is_a_web_page,
    is_another_api,
    misbehaving,
    read_only,
    resets,
    throttled,
)
from tests.independent import grafana_oncall

LIST = "/api/v1/postmortems/"
BODY = {"alert_group_id": "IHARBRNEW1111", "text": "The crane fell"}


@pytest.fixture
def target() -> Iterator[Target]:
    with misbehaving(grafana_oncall.new_app()) as target:
        yield target


@pytest.fixture
def client(target: Target) -> Iterator[httpx.Client]:
    headers = {"Authorization": "harbour-admin"}
    with httpx.Client(base_url=target.base_url, headers=headers, timeout=20) as client:
        yield client


def count(client: httpx.Client) -> int:
    number: int = client.get(LIST).raise_for_status().json()["count"]
    return number


def to_the_end(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def test_a_target_that_nothing_is_planned_for_is_its_app(target: Target, client: httpx.Client) -> None:
    created = client.post(LIST, json=BODY)
    assert (created.status_code, created.json()["text"]) == (201, "The crane fell")
    path = f"{LIST}{created.json()['id']}/"
    assert client.get(path).json()["text"] == "The crane fell"
    assert client.head(path).content == b""
    chunks = client.put(
        path, content=iter([b'{"text": ', b'"after"}']), headers={"Content-Type": "application/json"}
    )
    assert chunks.json()["text"] == "after"
    assert client.delete(path).status_code == 204
    assert client.get(path, params={"a": "b c"}).status_code == 404
    assert [asked.method for asked in target.seen] == ["POST", "GET", "HEAD", "PUT", "DELETE", "GET"]
    assert target.seen[-1].target == f"{path}?a=b+c"


def test_it_dies_after_some_requests_and_comes_back_with_what_it_had(
    target: Target, client: httpx.Client
) -> None:
    before = count(client)
    target.will(dies(), after=2)
    assert client.post(LIST, json=BODY).status_code == 201
    assert count(client) == before + 1
    with pytest.raises(httpx.TransportError):
        client.post(LIST, json=BODY)
    for _ in range(3):
        with pytest.raises(httpx.ConnectError):
            client.get(LIST)
    target.revive()
    assert count(client) == before + 1


def test_it_ends_connections_that_are_open_when_it_dies(target: Target, client: httpx.Client) -> None:
    host, port = target.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 404"
        target.will(dies())
        with pytest.raises(httpx.TransportError):
            client.get(LIST)
        with pytest.raises(ConnectionResetError):
            to_the_end(idle)


def test_it_throttles_the_next_requests_and_does_nothing_of_them(
    target: Target, client: httpx.Client
) -> None:
    before = count(client)
    target.will(throttled(7), times=3)
    for _ in range(3):
        answer = client.post(LIST, json=BODY)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        assert answer.json() == {"detail": "Request was throttled. Expected available in 7 seconds."}
    assert count(client) == before


def test_it_hangs_on_some_requests_and_answers_the_others(target: Target, client: httpx.Client) -> None:
    target.will(hangs(), only=lambda method, path: method == "PUT")
    assert client.get(LIST).status_code == 200
    host, port = target.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        target.wait_for(1, only=lambda method, path: method == "PUT")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert client.get(LIST).status_code == 200


@pytest.mark.parametrize("done", [False, True])
def test_it_resets_a_connection_with_or_without_doing_what_was_asked(
    target: Target, client: httpx.Client, done: bool
) -> None:
    before = count(client)
    target.will(resets(done=done), times=1)
    with pytest.raises((httpx.ReadError, httpx.WriteError)):
        client.post(LIST, json=BODY)
    assert count(client) == before + done


def test_it_breaks_off_in_the_middle_of_an_answer(target: Target, client: httpx.Client) -> None:
    before = count(client)
    target.will(breaks_off(), times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(LIST, json=BODY)
    assert count(client) == before + 1


def test_a_read_only_one_refuses_writes_in_the_vendors_words(target: Target, client: httpx.Client) -> None:
    before = count(client)
    target.will(read_only())
    for method, path in (
        ("POST", LIST),
        ("PUT", f"{LIST}X/"),
        ("PATCH", f"{LIST}X/"),
        ("DELETE", f"{LIST}X/"),
    ):
        answer = client.request(method, path, json=BODY)
        words = {"detail": "You do not have permission to perform this action."}
        assert (answer.status_code, answer.json()) == (403, words)
    assert count(client) == before


def test_it_may_be_something_else_altogether(target: Target, client: httpx.Client) -> None:
    target.will(is_a_web_page(), times=2)
    for method in ("GET", "POST"):
        page = client.request(method, LIST)
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    target.will(is_another_api())
    assert client.get(LIST).json() == {"status": "ok", "version": "1.2.3"}


def test_it_answers_byte_by_byte(target: Target, client: httpx.Client) -> None:
    whole = client.get(LIST)
    target.will(drips(0))
    with client.stream("GET", LIST) as answer:
        pieces = list(answer.iter_raw())
    assert b"".join(pieces) == whole.content
    assert len(pieces) > 3


def test_what_is_planned_happens_in_order(target: Target, client: httpx.Client) -> None:
    target.will(throttled(), times=2)
    target.will(is_another_api(), after=1, times=1)
    statuses = [client.post(LIST, json={}).status_code for _ in range(5)]
    assert statuses == [429, 429, 400, 200, 400]
    target.will(read_only())
    target.behave()
    assert client.post(LIST, json={}).status_code == 400
