"""An ASGI app on a port of its own, in a thread of the process that asks for it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def serving(app: ASGIApp, certificate: Path | None = None) -> Iterator[str]:
    """Yields the base URL. The socket listens before the server runs, so that there is nothing to wait for.

    `certificate` holds one and its key, for HTTPS.
    """
    config = uvicorn.Config(
        app, log_level="critical", lifespan="off", ws="none", server_header=False, ssl_certfile=certificate
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http{'s' * bool(certificate)}://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)
    assert not thread.is_alive(), "the server did not end"
