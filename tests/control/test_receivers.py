"""A receiver of webhooks that means harm to the one who sends them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver.server.courier import LONGEST_ERROR, Courier

PATIENCE = 30
WITHOUT_END = [
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
]
NONSENSE = [
    b"HTTP/1.1 200 \x1b[2J\x00\r\n\r\n",
    b"x" * 50_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500_000,
]


@contextmanager
def answering(answer: bytes, *, endless: bool) -> Iterator[str]:
    """A server that answers one request, and whether it ever stops; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    connection.sendall(answer)
                    while endless:
                        connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(PATIENCE)
        assert not thread.is_alive(), "it was listened to for ever"


def delivered(url: str) -> tuple[int | None, str]:
    told: list[tuple[int | None, str]] = []
    done = threading.Event()

    def tell(status: int | None, error: str) -> None:
        told.append((status, error))
        done.set()

    courier = Courier()
    try:
        courier.send(url, b"{}", {"content-type": "application/json"}, tell)
        assert done.wait(PATIENCE)
    finally:
        courier.close()
    return told[0]


@pytest.mark.parametrize("answer", WITHOUT_END)
def test_an_answer_without_an_end_is_not_listened_to(answer: bytes) -> None:
    with answering(answer, endless=True) as url:
        assert delivered(url) == (200, "")


@pytest.mark.parametrize("answer", NONSENSE, ids=["a reason to clear the screen", "no HTTP", "a long header"])
def test_nonsense_is_told_briefly(answer: bytes) -> None:
    with answering(answer, endless=False) as url:
        status, error = delivered(url)
    assert status is None
    assert 0 < len(error) <= LONGEST_ERROR
