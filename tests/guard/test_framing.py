"""Where a message ends does not depend on how it was cut on its way."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.guard.connection import Connection
from contract_tests.guard.framing import Chunked, Unframed, answer_head, head_end, request_head
from contract_tests.guard.inbox import Received, receive


class Wire(asyncio.Transport):
    """A connection's other end, which swallows what is written."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...
    def get_extra_info(self, name: str, default: object = None) -> object:
        return default

    def write(self, data: bytes | bytearray | memoryview) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


def received(pieces: list[bytes]) -> list[Received]:
    """The requests in a stream that comes in pieces."""

    async def read() -> list[Received]:
        client = Connection()
        client.connection_made(Wire())
        reading = asyncio.create_task(everything(client))
        for piece in pieces:
            client.data_received(piece)
            await asyncio.sleep(0)
        client.eof_received()
        return await reading

    async def everything(client: Connection) -> list[Received]:
        found = []
        while (one := await receive(client, "target.example", {"127.0.0.1:1"})) is not None:
            found.append(one)
            if not one.keep:
                break
        return found

    return asyncio.run(read())


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    return [stream[start:end] for start, end in pairwise(edges)]


bodies = st.lists(st.binary(max_size=40), max_size=4)
STREAMS = st.lists(
    st.one_of(
        st.just(b"GET /a HTTP/1.1\r\nHost: target.example\r\nX-Contract-Test: t\r\n\r\n"),
        st.binary(max_size=60).map(
            lambda body: (
                b"POST /b HTTP/1.1\r\nHost: target.example\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            )
        ),
        bodies.map(
            lambda pieces: (
                b"PUT /c HTTP/1.1\r\nHost: target.example\r\nTransfer-Encoding: chunked\r\n\r\n"
                + b"".join(b"%X;a=b\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece)
                + b"0\r\nX-Sum: 1\r\n\r\n"
            )
        ),
        st.just(b"\r\nGET /d HTTP/1.1\r\nHost: target.example\r\n\r\n"),
    ),
    min_size=1,
    max_size=5,
)


@given(STREAMS, st.lists(st.integers(0, 2000), max_size=12))
def test_the_same_requests_are_read_however_the_stream_is_cut(stream: list[bytes], places: list[int]) -> None:
    whole = b"".join(stream)
    found = received(cut(whole, places))
    assert found == received([whole])
    assert len(found) == len(stream)
    assert not any(one.flaw for one in found)
    label = b"X-Contract-Test: t\r\n"
    assert b"".join(one.raw for one in found) == b"".join(
        one.replace(label, b"", 1) if one.startswith(b"GET /a") else one.removeprefix(b"\r\n")
        for one in stream
    )


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=5), st.lists(st.integers(0, 300), max_size=8))
def test_a_chunked_body_is_put_together_however_it_is_cut(pieces: list[bytes], places: list[int]) -> None:
    stream = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    buffer, chunked = bytearray(), Chunked(0)
    ends = []
    for part in cut(stream, places):
        buffer += part
        ends.append(chunked.whole(buffer))
    assert ends == [False] * (len(ends) - 1) + [True]
    assert (b"".join(chunked.pieces), chunked.at) == (b"".join(pieces), len(stream))


@given(st.binary(max_size=80))
def test_no_bytes_are_too_odd_to_be_told_from_a_request(noise: bytes) -> None:
    """No more than a flaw, or no end."""
    for one in received([noise + b"\r\n\r\n"]):
        assert one.flaw or one.asked.method


@pytest.mark.parametrize(
    "line", [b"x", b"-1", b"+1", b"0x1", b"", b" 1", b"1 2", b"1\n", b"1;a=\x00", b"f" * 16, b"7fffffff"]
)
def test_a_size_that_servers_may_read_differently_is_none(line: bytes) -> None:
    with pytest.raises(Unframed):
        Chunked(0).whole(bytearray(line + b"\r\nabc\r\n0\r\n\r\n"))


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 1\r\nContent-Length: 1",
        "Content-Length: 1, 1",
        "Content-Length: +1",
        "Content-Length: ",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding:\x0bchunked",
        "Transfer-Encoding : chunked",
        " Transfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked",
        "Host: a\r\nHost: b",
    ],
)
def test_a_request_whose_end_servers_may_read_differently_has_a_flaw(headers: str) -> None:
    assert request_head(f"POST / HTTP/1.1\r\n{headers}\r\n\r\n".encode()).flaw


@pytest.mark.parametrize(
    "head, method, framing",
    [
        ("200 OK\r\nContent-Length: 3", "GET", "length"),
        ("200 OK\r\nContent-Length: 3", "HEAD", "none"),
        ("200 OK\r\nContent-Length: 3", "head", "length"),
        ("204 No\r\nContent-Length: 3", "GET", "none"),
        ("304 No\r\nTransfer-Encoding: chunked", "GET", "none"),
        ("101 Other", "GET", "none"),
        ("200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3", "GET", "chunked"),
        ("200 OK\r\nTransfer-Encoding: gzip, Chunked", "GET", "chunked"),
        ("200 OK\r\nTransfer-Encoding: gzip", "GET", "close"),
        ("200 OK\r\nContent-Length: 3\r\nContent-Length: 4", "GET", "close"),
        ("200 OK\r\nContent-Length: 3\r\nContent-Length: 3", "GET", "length"),
        ("200 OK\r\nContent-Length: x", "GET", "close"),
        ("200 OK", "GET", "close"),
    ],
)
def test_an_answer_is_framed_as_the_rfc_says(head: str, method: str, framing: str) -> None:
    assert answer_head(f"HTTP/1.1 {head}\r\n\r\n".encode(), method).framing == framing


@pytest.mark.parametrize("line", ["ICY 200 OK", "HTTP/2 200", "HTTP/1.1 20", "", "HTTP/1.1 099 x"])
def test_what_has_no_status_line_is_no_answer(line: str) -> None:
    with pytest.raises(Unframed):
        answer_head(f"{line}\r\n\r\n".encode(), "GET")


@pytest.mark.parametrize("head", [b"a\r\n\r\n", b"a\n\n", b"a\n\r\n", b"a\r\nb: c\r\n\r\n"])
def test_a_head_ends_with_its_first_empty_line(head: bytes) -> None:
    assert head_end(bytearray(head + b"more\r\n\r\n")) == len(head)
    assert head_end(bytearray(head[:-1])) == -1
