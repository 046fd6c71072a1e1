"""The load generator counts whole answers, and ends at the first wrong one."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from benchmarks import bursts
from benchmarks.arena import NotTheWork
from benchmarks.load import Framing, Job, WrongAnswer, run

REQUEST = "GET / HTTP/1.1\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
JOB = Job(port=0, request=REQUEST, status=200, shortest=5, longest=5, connections=3, count=20)


@contextmanager
def serving(answer: Callable[[int], bytes | None]) -> Iterator[int]:
    """A server whose answer to the n-th request of all is `answer(n)`; None closes the connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    lock, seen = threading.Lock(), iter(range(1, 1_000_000))

    def talk(connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
            while connection.recv(4096):
                with lock:
                    said = answer(next(seen))
                if said is None:
                    return
                connection.sendall(said)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            talking.append(threading.Thread(target=talk, args=(connection,)))
            talking[-1].start()

    talking: list[threading.Thread] = []
    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        for thread in (accepting, *talking):
            thread.join()
        listener.close()


@pytest.mark.parametrize("answer", [ANSWER, CHUNKS], ids=["length", "chunks"])
def test_an_answer_is_whole_at_its_last_byte_and_not_before(answer: bytes) -> None:
    framing = Framing(JOB)
    assert [framing.whole(answer[:at]) for at in range(len(answer) + 1)] == [False] * len(answer) + [True]


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER.replace(b"200 OK", b"500 No"),
        ANSWER.replace(b": 5", b": 4"),
        ANSWER + b"more",
        ANSWER.replace(b"Content-Length", b"Content-Type"),
        CHUNKS.replace(b"200 OK", b"404 No"),
        CHUNKS.replace(b"5\r\nhello\r\n", b""),
        CHUNKS.replace(b"5\r\nhello", b"ff\r\n" + 255 * b"x"),
    ],
)
def test_an_answer_that_is_not_the_expected_one_is_told(answer: bytes) -> None:
    job = replace(JOB, shortest=len(b"5\r\nhello\r\n0\r\n\r\n")) if b"chunked" in answer else JOB
    with pytest.raises(WrongAnswer):
        Framing(job).whole(answer)


def test_a_burst_counts_each_answer_once_and_not_those_that_warm() -> None:
    served: list[int] = []

    def answer(number: int) -> bytes:
        served.append(number)
        return ANSWER

    with serving(answer) as port:
        burst = run(replace(JOB, port=port, pids=[os.getpid()]))
    assert burst.requests == 20
    assert len(served) == 23
    assert burst.cpu == burst.busiest > 0
    assert 0 < burst.p50 <= burst.p99 <= burst.seconds


def test_the_busiest_process_is_told_apart_from_all_of_them() -> None:
    with serving(lambda number: ANSWER) as port:
        burst = run(replace(JOB, port=port, pids=[os.getpid(), os.getpid()]))
    assert burst.cpu > burst.busiest > 0


def test_fewer_requests_than_connections_are_no_trouble() -> None:
    with serving(lambda number: ANSWER) as port:
        assert run(replace(JOB, port=port, connections=8, count=2)).requests == 2


def test_a_wrong_answer_in_the_middle_of_a_burst_ends_it() -> None:
    wrong = ANSWER.replace(b"200 OK", b"503 No")
    with (
        serving(lambda number: wrong if number == 15 else ANSWER) as port,
        pytest.raises(WrongAnswer, match="503"),
    ):
        run(replace(JOB, port=port))


def test_a_connection_that_the_server_closes_ends_the_burst() -> None:
    with (
        serving(lambda number: None if number == 15 else ANSWER) as port,
        pytest.raises(WrongAnswer, match="closed"),
    ):
        run(replace(JOB, port=port))


def test_a_load_generator_that_says_nothing_is_not_waited_for_without_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bursts, "PATIENCE", 0.1)
    loader = bursts.Loader()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        job = Job(silent.getsockname()[1], REQUEST, 200, 0, 0, 1, count=1)
        with pytest.raises(NotTheWork, match=r"silent: GET .*: the load generator said nothing"):
            loader.run("silent", job)
        loader.close()
