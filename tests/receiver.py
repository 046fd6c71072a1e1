"""Somebody who receives webhooks: a server on a thread that keeps what it is sent and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`statuses` are answered one after the other, and 204 when they have run out."""

    url: str
    statuses: list[int] = field(default_factory=list)
    inbox: Queue[Received] = field(default_factory=Queue)

    def next(self) -> Received:
        return self.inbox.get(timeout=PATIENCE)


@contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    receiver = Receiver("", list(statuses))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.statuses.pop(0) if receiver.statuses else 204
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("location", receiver.url + "/moved")
            self.send_header("content-length", "0")
            self.end_headers()
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.inbox.put(Received(self.path, headers, body))

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join(PATIENCE)
        server.server_close()
