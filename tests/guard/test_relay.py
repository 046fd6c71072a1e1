"""The relay passes on what it is given, byte for byte."""

from __future__ import annotations

import socket

import pytest

from contract_tests.exchange import Answered, Asked
from contract_tests.guard.relay import Relay
from contract_tests.guard.seam import Forward
from tests.guard.guarded import (
    Serve,
)
from tests.guard.servers import OK, PATIENCE, Line, always, ask, host, place, talk_to

REQUESTS = {
    "odd case and order": b"GET /a?b=%41&&c HTTP/1.1\r\nx-B:  two \r\nHOST: {host}\r\nX-a:1\r\nX-A: \xe9\r\n",
    "a body with a length": b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\n\0\xff\r\n\n",
    "chunks with an extension and a trailer": (
        b"PUT / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n"
    ),
    "a method of one's own": b"0 /x HTTP/1.1\r\nHost: {host}\r\n",
    "a body of GET": b"GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.0": b"GET / HTTP/1.0\r\nHost: {host}\r\nConnection: keep-alive\r\n",
    "an offer of another protocol": b"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n",
    "an absolute target": b"GET http://vendor.invalid/ HTTP/1.1\r\nHost: {host}\r\n",
    "no header but one": b"OPTIONS * HTTP/1.1\r\nHost: {host}\r\n",
    "an empty label": b"GET / HTTP/1.1\r\nHost: {host}\r\nX-Contract-Testing: mine\r\n",
    "100 KB of headers": b"GET / HTTP/1.1\r\nHost: {host}\r\nX-Long: " + b"x" * 100_000 + b"\r\n",
}


@pytest.mark.parametrize("request_bytes", REQUESTS.values(), ids=list(REQUESTS))
def test_a_request_leaves_as_it_came_but_for_host(relay: Relay, serve: Serve, request_bytes: bytes) -> None:
    server = serve(always())
    door = relay.door(server.url)
    if b"\r\n\r\n" not in request_bytes:
        request_bytes += b"\r\n"
    assert talk_to(door, request_bytes.replace(b"{host}", host(door))) == OK
    assert server.seen == request_bytes.replace(b"{host}", host(server.url))


def test_the_label_of_the_test_does_not_leave(relay: Relay, serve: Serve) -> None:
    server = serve(always())
    labels = []

    async def handle(asked: Asked, forward: Forward) -> Answered:
        labels.append((forward.label, asked.header("X-Contract-Test")))
        return await forward()

    door = relay.door(server.url, handle, default_label="nobody")
    lines = b"GET / HTTP/1.1\r\nHost: h\r\nx-contract-TEST: test_x\r\nA: b\r\n\r\n"
    talk_to(door, lines, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert labels == [("test_x", None), ("nobody", None)]
    assert server.seen == b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"


ANSWERS = {
    "a length": b"HTTP/1.1 201 Made\r\nx-odd:1\r\nContent-Length: 3\r\n\r\nabc",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n",
    "not modified": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
    "1xx first": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "no reason": b"HTTP/1.1 599\r\nContent-Length: 1\r\n\r\nx",
    "a header that is none": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 1\r\n\r\nx",
    "lines that end in LF": b"HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
    "to the end": b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nas long as it takes",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
    "more than announced": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nxyz",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))
@pytest.mark.parametrize("pieces", [1, 1000])
def test_an_answer_comes_back_as_it_left(relay: Relay, serve: Serve, answer: bytes, pieces: int) -> None:
    def talk(line: Line) -> None:
        line.request()
        line.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = -(-len(answer) // pieces)
        for start in range(0, len(answer), size):
            line.say(answer[start : start + size])

    door = relay.door(serve(talk).url)
    assert talk_to(door, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n") == answer


def test_an_answer_to_head_ends_with_its_headers(relay: Relay, serve: Serve) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
    server = serve(always(answer))
    door = relay.door(server.url)
    assert talk_to(door, b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" * 2) == answer * 2
    assert len(server.lines) == 1


def test_a_body_that_should_not_be_there_reaches_the_client(relay: Relay, serve: Serve) -> None:
    def talk(line: Line) -> None:
        line.request()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        line.say(b"{}")

    door = relay.door(serve(talk).url)
    assert talk_to(door, b"HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") == OK


def test_pipelined_requests_are_answered_in_their_order_over_one_connection(
    relay: Relay, serve: Serve
) -> None:
    def talk(line: Line) -> None:
        while request := line.request():
            word = request.split(b" ")[1]
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(word), word))

    server = serve(talk)
    stream = b"".join(
        b"POST /%d HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" % number for number in range(5)
    )
    raw = talk_to(relay.door(server.url), stream)
    assert raw.split(b"\r\n\r\n")[1:] == [
        b"/%dHTTP/1.1 200 OK\r\nContent-Length: 2" % number for number in range(4)
    ] + [b"/4"]
    assert len(server.lines) == 1


@pytest.mark.parametrize("where", ["in the request", "in the answer"])
def test_a_connection_is_closed_on_both_sides_when_either_says_so(
    relay: Relay, serve: Serve, where: str
) -> None:
    close = b"Connection: close\r\n"
    request = b"GET / HTTP/1.1\r\nHost: h\r\n" + (close if "request" in where else b"") + b"\r\n"
    answer = b"HTTP/1.1 204 None\r\n" + (close if "answer" in where else b"") + b"\r\n"

    def talk(line: Line) -> None:
        line.request()
        line.say(answer)

    server = serve(talk)
    door = relay.door(server.url)
    assert ask(door, request) == answer
    assert ask(door, request) == answer
    assert len(server.lines) == 2


def test_a_client_that_waits_for_100_continue_gets_one_and_no_second(relay: Relay, serve: Serve) -> None:
    def talk(line: Line) -> None:
        line.head()
        line.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        line.exactly(2)
        line.say(OK)

    server = serve(talk)
    head = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with socket.create_connection(place(relay.door(server.url)), timeout=PATIENCE) as client:
        client.sendall(head)
        told = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.recv(len(told), socket.MSG_WAITALL) == told
        client.sendall(b"{}")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1000, socket.MSG_WAITALL) == OK
    assert server.seen == head + b"{}"


MALFORMED = {
    "no colon": b"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : h\r\n\r\n",
    "a NUL": b"GET / HTTP/1.1\r\nHost: h\r\nX: \0\r\n\r\n",
    "a header on two lines": b"GET / HTTP/1.1\r\nX: y\r\n z\r\n\r\n",
    "a path of bytes": b"GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n",
    "a path with a space": b"GET / x HTTP/1.1\r\nHost: h\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: h\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\0\xff\r\n\r\n",
    "lines that end in LF": b"GET / HTTP/1.1\nHost: h\n\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
    "a negative length": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n{}",
    "a length and chunks": b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another coding": b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a chunk that is none": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n{}",
    "a chunk that is longer": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("malformed", MALFORMED.values(), ids=list(MALFORMED))
def test_what_is_no_proper_request_is_relayed_as_it_is_and_known_for_it(
    relay: Relay, serve: Serve, malformed: bytes
) -> None:
    answer = b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"
    flaws = []

    def talk(line: Line) -> None:
        line.everything()
        line.say(answer * 2)

    async def handle(asked: Asked, forward: Forward) -> Answered:
        flaws.append(forward.flaw)
        return await forward()

    server = serve(talk)
    assert talk_to(relay.door(server.url, handle), malformed) == answer * 2
    assert server.seen == malformed
    assert all(flaws)
    assert len(flaws) == 1


@pytest.mark.parametrize("malformed", [b"GET / HTTP/1.1\r\nHost: h\r\n", b"x" * (1024 * 1024 + 1)])
def test_what_has_no_head_is_refused(relay: Relay, serve: Serve, malformed: bytes) -> None:
    server = serve(always())
    assert talk_to(relay.door(server.url), malformed).startswith(b"HTTP/1.1 400 ")
    assert server.lines == []
