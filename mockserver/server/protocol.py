"""uvicorn's HTTP protocol, with some gaps closed.

A request that offers to change protocols keeps its body. Java's own client makes such an offer (`Upgrade: h2c`) with
every request over plain HTTP; who does not take it up reads the request as if it had not been made (RFC 9110, 7.8).

A method that nobody has heard of is a method (RFC 9110, 9.1): it reaches the vendor, who refuses it.

A shutdown does not wait for an upload that is still coming in, nor for an answer that a fault holds back.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import sys

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.server.asgi import WIRE

ODD_METHOD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) (?=/\S* HTTP/1\.[01]\r\n)")
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

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wire = Wire(transport)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._rest_after_offer(data[offer.args[0] :])
            except httptools.HttpParserInvalidMethodError:
                odd = ODD_METHOD.match(data)
                if odd is None or self._odd_method is not None:
                    self.send_400_response("Invalid HTTP request received.")
                    return
                self._odd_method = odd[1].decode("ascii")
                self.parser = httptools.HttpRequestParser(self)
                data = b"POST" + data[odd.end(1) :]
            except httptools.HttpParserError:
                self.send_400_response("Invalid HTTP request received.")
                return
            else:
                return

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.scope[WIRE] = self._wire  # type: ignore[literal-required]
        if self._odd_method is not None:
            self.scope["method"], self._odd_method = self._odd_method, None

    def shutdown(self) -> None:
        if self._wire.held:
            self.transport.abort()
        elif self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            self.transport.close()
        else:
            super().shutdown()

    def on_message_complete(self) -> None:
        """Reported before the body, too, where the parser is about to stop for an offer."""
        if not (self.parser.should_upgrade() and self._framing()):
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
