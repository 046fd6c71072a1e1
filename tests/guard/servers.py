"""Servers on 127.0.0.1 that do exactly what a test says, byte for byte."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PATIENCE = 10
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Talk = Callable[["Line"], None]


@dataclass
class Line:
    """One connection, seen from the server."""

    connection: socket.socket
    number: int
    seen: bytes = b""
    _rest: bytes = b""

    def head(self) -> bytes:
        return self.until(re.compile(rb"\r\n\r\n"))

    def request(self) -> bytes:
        """The next whole request, b"" if the client has left."""
        head = self.head()
        length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
        if length:
            return head + self.exactly(int(length[1]))
        if re.search(rb"(?i)\ntransfer-encoding: *chunked", head):
            return head + self.until(re.compile(rb"(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n"))
        return head

    def until(self, mark: re.Pattern[bytes]) -> bytes:
        while not (found := mark.search(self._rest)):
            if not self._more():
                return b""
        return self._take(found.end())

    def exactly(self, count: int) -> bytes:
        while len(self._rest) < count and self._more():
            pass
        return self._take(count)

    def everything(self) -> bytes:
        while self._more():
            pass
        return self._take(len(self._rest))

    def _take(self, count: int) -> bytes:
        taken, self._rest = self._rest[:count], self._rest[count:]
        self.seen += taken
        return taken

    def _more(self) -> bool:
        part = self.connection.recv(65536)
        self._rest += part
        return bool(part)

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)


@dataclass
class Server:
    url: str
    lines: list[Line] = field(default_factory=list)

    @property
    def seen(self) -> bytes:
        return b"".join(line.seen for line in self.lines)

    def requests(self) -> int:
        return len(re.findall(rb" HTTP/1\.[01]\r\n", self.seen))


@contextmanager
def serving(talk: Talk) -> Iterator[Server]:
    """Each connection in a thread of its own, ended when `talk` returns."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}")
    threads: list[threading.Thread] = []

    def serve(line: Line) -> None:
        try:
            with suppress(ConnectionError, TimeoutError):
                talk(line)
        finally:
            line.connection.close()

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE)
            line = Line(connection, len(server.lines) + 1)
            server.lines.append(line)
            threads.append(threading.Thread(target=serve, args=(line,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for line in server.lines:
            with suppress(OSError):
                line.connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


def always(answer: bytes = OK) -> Talk:
    """The same answer to every request."""

    def talk(line: Line) -> None:
        while line.request():
            line.say(answer)

    return talk


def place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


def host(url: str) -> bytes:
    return urlsplit(url).netloc.encode()


def talk_to(url: str, *sent: bytes) -> bytes:
    """Sends, ends its side, and reads until the other side does."""
    with socket.create_connection(place(url), timeout=PATIENCE) as connection:
        for part in sent:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def ask(url: str, *sent: bytes) -> bytes:
    """Sends and reads until the other side closes."""
    with socket.create_connection(place(url), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in sent:
            connection.sendall(part)
        return b"".join(iter(lambda: connection.recv(65536), b""))
