"""uvicorn's HTTP protocol, with one gap closed: a request that offers to change protocols keeps its body.

Java's own client makes such an offer (`Upgrade: h2c`) with every request over plain HTTP. Who does not take it up reads
the request as if it had not been made (RFC 9110, 7.8); the parser beneath uvicorn stops before the body instead.
"""

from __future__ import annotations

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class Protocol(HttpToolsProtocol):
    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._rest_after_offer(data[offer.args[0] :])
            except httptools.HttpParserError:
                self.send_400_response("Invalid HTTP request received.")
                return
            else:
                return

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
