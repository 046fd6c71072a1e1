"""Answers a simple request as soon as it is whole: without a task, with head and body in one write.

Simple is a request for a vendor's path whose body, if there is one, has a length, and which finds its connection at
rest. Everything else takes uvicorn's own way through the ASGI application, and is told to uvicorn from its beginning:
what is for the control API, comes in chunks, offers another protocol, waits to be asked for its body, is queued behind
another.

So does whatever turns out to be unusual only when the engine has been asked: an answer that a fault delays or breaks, a
crash, a header that cannot be sent. What the engine said is carried along then, so that it is asked once.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE
from uvicorn.server import ServerState

from mockserver.core.exchange import Headers, Request
from mockserver.server.access import AccessLog
from mockserver.server.asgi import OUTCOME, REQUEST
from mockserver.server.control import CONTROL
from mockserver.server.engine import Engine, Reply
from mockserver.server.protocol import Protocol
from mockserver.server.sandboxes import DEFAULT
from mockserver.server.sandboxing import HEADER, Choice, NoSuchName, choose

# Headers that decide whether a request is simple. Whoever sends one of the last three is not.
LENGTH, SANDBOX = b"content-length", HEADER.lower().encode()
NOTABLE = frozenset({LENGTH, SANDBOX, b"transfer-encoding", b"expect", b"sec-fetch-site"})
# With so many digits it is certainly less than LARGEST_BODY.
DIGITS = 7
# The parser of targets reads no more than this; in bytes.
LONGEST_TARGET = 65_000
# What an answer says of the connection or of its own length is uvicorn's to carry out.
FRAMING = frozenset({b"connection", b"content-length", b"transfer-encoding"})
# In seconds; timers are no more precise.
A_MOMENT = 0.001


class FastProtocol(Protocol):
    """`access` is told of every answer, if there is one. One engine call and one write for a simple request."""

    _simple = False  # the message that is coming in
    _ignored = False  # it came after the last one that is answered here
    _sandbox: bytes | None = None
    _idle_timer: asyncio.TimerHandle | None = None
    _default_headers: list[tuple[bytes, bytes]] | None = None  # those that `_default_lines` were made from
    _default_lines = b""

    def __init__(
        self,
        engine: Engine,
        access: AccessLog | None,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._engine = engine
        self._access = access
        self._willing = config.limit_concurrency is None and not config.root_path

    def on_message_begin(self) -> None:
        self._within = True
        self._simple = self._willing
        self._sandbox = None
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self.headers.append((name, value))
        if name in NOTABLE:
            if name == LENGTH:
                self._simple = self._simple and len(value) <= DIGITS
            elif name != SANDBOX:
                self._simple = False
            elif self._sandbox is None:
                self._sandbox = value

    def on_headers_complete(self) -> None:
        url, cycle = self.url, self.cycle
        if (
            not self._simple
            or not url.startswith(b"/")
            or not url.isascii()
            or b"#" in url
            or len(url) > LONGEST_TARGET
            or self._odd_method is not None
            or self.parser.should_upgrade()
            or (cycle is not None and not cycle.response_complete)
            or self.flow.write_paused
            or self.transport.is_closing()
        ):
            self._take_uvicorns_way()
            return
        path, _, self._query = url.decode("ascii").partition("?")
        self._name, self._mount, self._path = DEFAULT, "", path
        # What is written in another way may be a path of the control API, too.
        if "%" in path or (
            (self._sandbox is not None or path.startswith(CONTROL)) and not self._choose(path)
        ):
            self._take_uvicorns_way()
            return
        self._untold = 0
        self._heads += 1
        self._body: list[bytes] = []
        self._keep_alive = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"

    def _choose(self, path: str) -> bool:
        """The sandbox. False if the request is for the control API, or for no sandbox that there could be."""
        header = None if self._sandbox is None else self._sandbox.decode("latin-1")
        try:
            choice: Choice = choose(path, header)
        except NoSuchName:
            return False
        self._name, self._mount, self._path = choice.name, choice.mount, choice.path
        return not (choice.path == CONTROL or choice.path.startswith(f"{CONTROL}/"))

    def on_body(self, body: bytes) -> None:
        if self._simple:
            self._untold = 0
            self._body.append(body)
        elif not self._ignored:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._simple:
            if not self._ignored:
                super().on_message_complete()
            return
        self._untold = 0
        self._within = False
        method = self.parser.get_method().decode("ascii")
        request = Request(
            method, self._path, self._query, Headers(self.headers), b"".join(self._body), False, self._mount
        )
        # A connection that idles holds no bodies.
        self._body = []
        try:
            reply = self._engine.answer(self._name, request)
        except Exception as crash:  # noqa: BLE001 - the application raises it again, where it is logged and worded
            self._hand_over(request, crash)
            return
        answer, state = reply.answer, self.server_state
        lines = header_lines(answer.headers)
        if reply.effect is not None or lines is None or answer.status not in STATUS_LINE:
            self._hand_over(request, reply)
            return
        if self._default_headers is not state.default_headers:
            self._default_headers = state.default_headers
            self._default_lines = b"".join(b"%b: %b\r\n" % pair for pair in state.default_headers)
        self.transport.write(
            b"%b%b%bcontent-length: %d\r\n%b\r\n%b"
            % (
                STATUS_LINE[answer.status],
                self._default_lines,
                lines,
                len(answer.body),
                b"" if self._keep_alive else b"connection: close\r\n",
                b"" if method == "HEAD" else answer.body,
            )
        )
        if self._access is not None:
            self._access.note(self._as_scope(method), answer.status)
        state.total_requests += 1
        if not self._keep_alive:
            self.transport.close()
            return
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._look_for_idleness)

    def _as_scope(self, method: str) -> Scope:
        """As much of one as the log looks at."""
        path, _, query = self.url.partition(b"?")
        return {
            "type": "http",
            "method": method,
            "path": path.decode("ascii"),
            "query_string": query,
            "headers": self.headers,
            "client": self.client,
        }

    def _take_uvicorns_way(self) -> None:
        """Tells uvicorn of the message from its beginning to the end of its head."""
        self._simple = False
        self._ignored = self.transport.is_closing()
        if self._ignored:
            return
        url, headers = self.url, self.headers
        super().on_message_begin()
        super().on_url(url)
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def _hand_over(self, request: Request, outcome: Reply | Exception) -> None:
        """A message that has been answered already, to be sent in uvicorn's way."""
        keep_alive = self._keep_alive
        self._take_uvicorns_way()
        if not self._ignored:
            self.scope[REQUEST] = request  # type: ignore[literal-required]
            self.scope[OUTCOME] = outcome  # type: ignore[literal-required]
            self.cycle.keep_alive = keep_alive
            super().on_message_complete()

    def _look_for_idleness(self) -> None:
        """One timer for many answers: it looks how long ago the last of them was, and goes on for what is left."""
        self._idle_timer = None
        if self._idle_since is None:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > A_MOMENT:
            self._idle_timer = self.loop.call_later(left, self._look_for_idleness)
        else:
            self.timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        super().connection_lost(exc)


@lru_cache(maxsize=1024)
def header_lines(headers: tuple[tuple[str, str], ...]) -> bytes | None:
    """As uvicorn writes them. None if it would not, or would do more than write them."""
    lines = []
    for name, value in headers:
        try:
            raw, text = name.lower().encode("latin-1"), value.encode("latin-1")
        except UnicodeEncodeError:
            return None
        if raw in FRAMING or HEADER_RE.search(raw) or HEADER_VALUE_RE.search(text):
            return None
        lines.append(b"%b: %b\r\n" % (raw, text))
    return b"".join(lines)
