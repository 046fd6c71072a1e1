"""uvicorn's HTTP protocol, with its gaps closed.

A request that offers to change protocols keeps its body. Java's own client makes such an offer (`Upgrade: h2c`) with
every request over plain HTTP; who does not take it up reads the request as if it had not been made (RFC 9110, 7.8).

A method that nobody has heard of is a method (RFC 9110, 9.1): it reaches the vendor, who refuses it.

A shutdown does not wait for an upload that is still coming in, nor for an answer that a fault holds back.

A head without an end, or a trailer, is not kept for ever: the parser itself has no limit.

The name in an absolute target stands above the header Host (RFC 9112, 3.2.2), so that a server judges by one name.

What is no HTTP is refused after the answers to what came before it, however few packets all of it took.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import sys
from collections.abc import Callable
from functools import partial

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.server.asgi import WIRE

ODD_METHOD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) (?=/\S* HTTP/1\.[01]\r\n)")
AUTHORITY = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
# In bytes; roughly, as what has come in at once is looked at at once.
LARGEST_HEAD = 256 * 1024
TOO_LARGE = b"The head of the request is too large."
FRAMING = frozenset({b"content-length", b"transfer-encoding"})


# Linger for no time at all: what is closed then is reset.
AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Wire:
    """What a fault may do to a connection. While one is `held`, a shutdown cuts it."""

    __slots__ = ("_transport", "held")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.held = False

    def reset(self) -> None:
        """The client is told of a reset, and of nothing that was still on its way."""
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self._transport.abort()

    def close(self) -> None:
        """What has been sent arrives, and nothing after it."""
        self._transport.close()


class Protocol(HttpToolsProtocol):
    _odd_method: str | None = None
    _within = False  # a message
    _heads = 0  # so far
    _untold = 0  # bytes since the parser last had something to tell of, but for single headers
    _refusal: Callable[[], None] | None = None  # waits for an answer to be complete
    _idle_since: float | None = None  # for a subclass to set and to look at; whatever comes in ends it

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wire = Wire(transport)

    def data_received(self, data: bytes) -> None:
        """Every request passes here: in one piece, and without a call that it does not need."""
        self._untold += len(data)
        self._idle_since = None
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        while data:
            # What the parser stumbles over begins the data only where no other message does, or still goes on.
            begins, heads = not self._within, self._heads
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._rest_after_offer(data[offer.args[0] :])
            except httptools.HttpParserError as error:
                data = self._rest_after(error, data if begins and heads == self._heads else b"")
            else:
                break
        if self._untold > LARGEST_HEAD and not self.transport.is_closing():
            self._send_431_response()

    def _rest_after(self, error: httptools.HttpParserError, message: bytes) -> bytes:
        """What to read on with: a message that only its method is odd of, with one that the parser knows."""
        odd = ODD_METHOD.match(message) if isinstance(error, httptools.HttpParserInvalidMethodError) else None
        if odd is None or self._odd_method is not None:
            self.send_400_response("Invalid HTTP request received.")
            return b""
        self._odd_method = odd[1].decode("ascii")
        self.parser = httptools.HttpRequestParser(self)
        self._within = False
        return b"POST" + message[odd.end(1) :]

    def send_400_response(self, msg: str) -> None:
        self._refuse(partial(super().send_400_response, msg))

    def _send_431_response(self) -> None:
        head = [
            b"HTTP/1.1 431 Request Header Fields Too Large",
            b"content-type: text/plain; charset=utf-8",
            b"content-length: %d" % len(TOO_LARGE),
            b"connection: close",
        ]
        self._refuse(partial(self._send_last, b"\r\n".join([*head, b"", TOO_LARGE])))

    def _send_last(self, answer: bytes) -> None:
        self.transport.write(answer)
        self.transport.close()

    def _refuse(self, refusal: Callable[[], None]) -> None:
        """After the answers to what came before it, or at once, if it is the body of what is being answered."""
        cycle = self.cycle
        if self.transport.is_closing():
            return
        if cycle is None or cycle.response_complete or (cycle.more_body and not cycle.response_started):
            refusal()
        elif cycle.more_body:
            self.transport.close()
        else:
            self._refusal = refusal

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._refusal is not None:
            self._refuse(self._refusal)

    def on_message_begin(self) -> None:
        self._within = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._untold = 0
        self._heads += 1
        absolute = AUTHORITY.match(self.url)
        if absolute is not None:
            self.headers[:] = [(b"host", absolute[1]), *(pair for pair in self.headers if pair[0] != b"host")]
        super().on_headers_complete()
        self.scope[WIRE] = self._wire  # type: ignore[literal-required]
        if self._odd_method is not None:
            self.scope["method"], self._odd_method = self._odd_method, None

    def on_body(self, body: bytes) -> None:
        self._untold = 0
        super().on_body(body)

    def shutdown(self) -> None:
        if self._wire.held:
            self.transport.abort()
        elif self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            self.transport.close()
        else:
            super().shutdown()

    def on_message_complete(self) -> None:
        """Reported before the body, too, where the parser is about to stop for an offer."""
        self._untold = 0
        if not (self.parser.should_upgrade() and self._framing()):
            self._within = False
            super().on_message_complete()

    def _framing(self) -> list[bytes]:
        """The header lines that say how long the body is; none if there is no body."""
        return [name + b": " + value + b"\r\n" for name, value in self.headers if name in FRAMING]

    def _rest_after_offer(self, rest: bytes) -> bytes:
        """What a fresh parser is to read on with: the body, where one is still to come, else the next request."""
        framing = self._framing()
        self.parser = httptools.HttpRequestParser(_BodyFirst(self) if framing else self)
        return b"".join([b"POST / HTTP/1.1\r\n", *framing, b"\r\n", rest]) if framing else rest


class _BodyFirst:
    """Passes on what a parser reports, but for the head of the first message, which the protocol has seen already."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._first = True
        self.on_body = protocol.on_body

    def on_message_begin(self) -> None:
        if not self._first:
            self._protocol.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._first:
            self._protocol.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._first:
            self._protocol.on_header(name, value)

    def on_headers_complete(self) -> None:
        if not self._first:
            self._protocol.on_headers_complete()

    def on_message_complete(self) -> None:
        self._first = False
        self._protocol.on_message_complete()
