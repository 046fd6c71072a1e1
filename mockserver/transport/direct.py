"""One server, asked in the caller's own thread: the engine for the vendors' paths, the control API driven by hand."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp

from mockserver.core.errors import MockError
from mockserver.core.exchange import LARGEST_BODY, Answer, Headers, Request
from mockserver.server.app import MockServer
from mockserver.server.asgi import WHOLE
from mockserver.server.control import CONTROL
from mockserver.server.engine import Reply
from mockserver.server.sandboxing import HEADER, Choice, NoSuchName, choose

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
RawHeaders = Sequence[tuple[bytes, bytes]]


class NeedsLoop(MockError):
    """What was asked for waits for something, which needs a server that runs: `mockserver.running()`, or `serve`."""


class Loop(Protocol):
    """Where a server runs, once it does: from then on everything is done in its thread."""

    @property
    def running(self) -> bool: ...

    def run(self, work: Callable[[], Result]) -> Result:
        """Does the work in the loop's thread and waits for it."""


class Direct:
    """Safe to be used from several threads: one request is answered after the other.

    `loop` is where the same server is served over a socket, too, if it ever is.
    """

    def __init__(self, mock: MockServer, loop: Loop | None = None) -> None:
        self.base_url = mock.settings.base_url
        self._mock = mock
        self._loop = loop
        self._lock = threading.Lock()

    def exchange(self, method: str, target: bytes, headers: RawHeaders, body: bytes) -> Reply:
        """`target` is path and query as they would stand in a request line."""
        path, _, query = target.partition(b"?")
        # As an HTTP server hands them on.
        sent = Headers([(name.lower(), value.strip(b" \t")) for name, value in headers])
        try:
            choice: Choice | None = choose(path.decode("latin-1"), sent.first(HEADER))
        except NoSuchName:
            choice = None
        if choice is None or _below_control(choice.path):
            return self._do(lambda: Reply(self._ask(method, path, query, sent, body)))
        oversized = len(body) > LARGEST_BODY
        request = Request(
            method=method,
            path=choice.path,
            query=query.decode("latin-1"),
            headers=sent,
            body=b"" if oversized else body,
            oversized=oversized,
            mount=choice.mount,
        )
        name = choice.name
        return self._do(lambda: self._answer(name, request))

    def forget(self, sandbox: str) -> None:
        """Lets go of a sandbox, if there is one of this name, without a request: for who makes one for every test."""
        self._do(lambda: self._mock.sandboxes.delete(sandbox))

    def starting(self, start: Callable[[], None]) -> None:
        """Runs `start` while nobody is being answered."""
        with self._lock:
            start()

    def _do(self, work: Callable[[], Result]) -> Result:
        with self._lock:
            if self._loop is None or not self._loop.running:
                return work()
        return self._loop.run(work)

    def _answer(self, name: str, request: Request) -> Reply:
        """A crash of the mock is journaled as over the wire, and raised: it is no answer of any vendor's."""
        reply = None
        try:
            reply = self._mock.engine.answer(name, request)
        finally:
            if reply is None:
                self._mock.engine.crashed(name, request)
        return reply

    def _ask(self, method: str, path: bytes, query: bytes, headers: Headers, body: bytes) -> Answer:
        url = urlsplit(self.base_url)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": url.scheme,
            "path": unquote(path.decode("latin-1")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": list(headers.raw),
            "client": ("127.0.0.1", 0),
            "server": (url.hostname, url.port),
            WHOLE: True,
        }
        return drive(self._mock.app, scope, body)


def _below_control(path: str) -> bool:
    if "%" in path:
        path = unquote(path)
    return path == CONTROL or path.startswith(f"{CONTROL}/")


def drive(app: ASGIApp, scope: MutableMapping[str, Any], body: bytes) -> Answer:
    """Runs an application that never waits to its end, without a loop. Raises NeedsLoop if it waits after all."""
    upload = iter([{"type": "http.request", "body": body, "more_body": False}])
    messages: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return next(upload, {"type": "http.disconnect"})

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    async def run() -> None:
        await app(scope, receive, send)

    running = run()
    waits = NeedsLoop(f"{scope['method']} {scope['path']} is answered over a socket only: use base_url")
    try:
        running.send(None)
    except StopIteration:
        pass
    except RuntimeError as error:  # what asyncio and anyio say where they miss a loop
        raise waits from error
    except Exception:
        if not messages:
            raise
        logger.exception("%s %s has failed", scope["method"], scope["path"])  # and said so: a 500
    else:
        running.close()
        raise waits
    start, *rest = messages
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
    return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))
