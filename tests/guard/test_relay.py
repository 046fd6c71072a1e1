"""The relay passes on what it is given, byte for byte."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from contract_tests.exchange import Answered, Asked
from contract_tests.guard.relay import Relay
from contract_tests.guard.seam import Forward, Handler, NoAnswer, RawBytes
from tests.guard.servers import OK, PATIENCE, Line, Server, Talk, always, ask, host, place, serving, talk_to

Serve = Callable[[Talk], Server]


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay(timeout=PATIENCE) as relay:
        yield relay


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda talk: stack.enter_context(serving(talk))


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


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1:80", "http://"])
def test_a_door_wants_a_url(relay: Relay, url: str) -> None:
    with pytest.raises(ValueError, match="is no http or https URL"):
        relay.door(url)
