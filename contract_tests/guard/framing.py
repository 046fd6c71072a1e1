"""Where an HTTP/1.1 message ends. Bytes are looked at here, never changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from contract_tests.exchange import Headers

HEAD_LIMIT = 1024 * 1024
BODY_LIMIT = 64 * 1024 * 1024

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(%s) ([!-~]+) HTTP/1\.([01])" % _TOKEN)
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?")
_HEADER = re.compile(rb"(%s):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)" % _TOKEN)
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00-\x08\x0a-\x1f]*)?")
_TRAILER = re.compile(rb"%s:[^\x00-\x08\x0a-\x1f\x7f]*" % _TOKEN)

Framing = Literal["none", "length", "chunked", "close"]


class Unframed(ValueError):
    """Bytes of which nobody can say where they end."""


def head_end(buffer: bytearray, start: int = 0) -> int:
    """Where the head ends that begins at `start`, lines ended by a lone LF included; -1 if it is not all there."""
    ends = [end for end in (_after(buffer, b"\n\r\n", start), _after(buffer, b"\n\n", start)) if end >= 0]
    if ends:
        return min(ends)
    if len(buffer) - start > HEAD_LIMIT:
        raise Unframed(f"no end of the headers in {HEAD_LIMIT} bytes")
    return -1


def _after(buffer: bytearray, mark: bytes, start: int) -> int:
    at = buffer.find(mark, start)
    return at + len(mark) if at >= 0 else -1


@dataclass(frozen=True)
class RequestHead:
    """Of a head that is no proper one, `flaw` says what is wrong, and the rest is as good as it gets."""

    method: str
    target: str
    headers: Headers
    framing: Framing
    length: int = 0
    keep: bool = True  # whether the connection stays open afterwards
    expects: bool = False  # whether the client waits for a 100 before it sends the body
    flaw: str = ""


def request_head(head: bytes) -> RequestHead:
    lines = head.rstrip(b"\r\n").split(b"\r\n")
    headers, flaw = _headers(lines[1:])
    first = _REQUEST_LINE.fullmatch(lines[0])
    if first is None:
        words = [*lines[0].decode("latin-1").split(" "), ""]
        return RequestHead(words[0], words[1], headers, "close", keep=False, flaw="the request line is none")
    method, target = first[1].decode(), first[2].decode()
    if not head.endswith(b"\r\n\r\n"):
        flaw = flaw or "a line of the head ends in LF alone"
    named = _named(headers)
    lengths, codings = named.get("content-length", []), named.get("transfer-encoding", [])
    framing: Framing = "none"
    length = 0
    if codings:
        framing = "chunked"
        if lengths:
            flaw = flaw or "Content-Length and Transfer-Encoding"
        elif len(codings) > 1 or codings[0].lower() != "chunked" or first[3] == b"0":
            flaw = flaw or "a Transfer-Encoding that is not `chunked` and nothing else"
    elif lengths:
        if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
            flaw = flaw or "no single, whole Content-Length"
        else:
            framing, length = "length", int(lengths[0])
    if len(named.get("host", [])) > 1:
        flaw = flaw or "several Hosts"
    if flaw:
        return RequestHead(method, target, headers, "close", keep=False, flaw=flaw)
    expects = any("100-continue" in value.lower() for value in named.get("expect", []))
    return RequestHead(method, target, headers, framing, length, _keeps(first[3], named), expects)


@dataclass(frozen=True)
class AnswerHead:
    status: int
    headers: Headers
    framing: Framing
    length: int
    keep: bool


def answer_head(head: bytes, method: str) -> AnswerHead:
    """Raises Unframed if this is no answer. Headers that are none are left out."""
    lines = [line.removesuffix(b"\r") for line in head.split(b"\n")]
    first = _STATUS_LINE.fullmatch(lines[0])
    if first is None:
        raise Unframed(f"no HTTP: {bytes(lines[0][:40])!r}")
    status = int(first[2])
    headers, _ = _headers([line for line in lines[1:] if line])
    named = _named(headers)
    lengths, codings = named.get("content-length", []), named.get("transfer-encoding", [])
    keep = _keeps(first[1], named)
    if method == "HEAD" or status < 200 or status in (204, 304):
        return AnswerHead(status, headers, "none", 0, keep and status != 101)
    if codings:
        chunked = codings[-1].lower().rpartition(",")[2].strip() == "chunked"
        return AnswerHead(status, headers, "chunked" if chunked else "close", 0, keep and chunked)
    if lengths and len(set(lengths)) == 1 and _LENGTH.fullmatch(lengths[0]):
        return AnswerHead(status, headers, "length", int(lengths[0]), keep)
    return AnswerHead(status, headers, "close", 0, False)


def _headers(lines: list[bytes]) -> tuple[Headers, str]:
    """The headers that are some, and what is wrong with the first line that is none."""
    headers = []
    flaw = ""
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match:
            headers.append((match[1].decode(), match[2].rstrip(b" \t").decode("latin-1")))
        else:
            flaw = flaw or "a header that is none"
    return tuple(headers), flaw


def _named(headers: Headers) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name, value in headers:
        named.setdefault(name.lower(), []).append(value)
    return named


def _keeps(minor: bytes, named: dict[str, list[str]]) -> bool:
    words = {word.strip().lower() for value in named.get("connection", []) for word in value.split(",")}
    return "close" not in words and (minor == b"1" or "keep-alive" in words)


@dataclass
class Chunked:
    """How far a chunked body has been read in a buffer that grows. `at` is behind the last byte that was understood."""

    at: int
    pieces: list[bytes] = field(default_factory=list)
    _ending: bool = False

    def whole(self, buffer: bytearray) -> bool:
        """Reads on; whether the end is there. Raises Unframed."""
        while True:
            end = buffer.find(b"\r\n", self.at)
            if end < 0:
                if len(buffer) - self.at > HEAD_LIMIT:
                    raise Unframed("a line without an end between two chunks")
                return False
            line = bytes(buffer[self.at : end])
            if self._ending:
                if line and not _TRAILER.fullmatch(line):
                    raise Unframed("a trailer that is none")
                self.at = end + 2
                if not line:
                    return True
                continue
            size = _CHUNK.fullmatch(line)
            if size is None:
                raise Unframed(f"a chunk without a size: {line[:20]!r}")
            stop = end + 2 + int(size[1], 16)
            if stop == end + 2:
                self._ending = True
                self.at = stop
                continue
            if stop - self.at > BODY_LIMIT:
                raise Unframed("a chunk that is too large")
            if len(buffer) < stop + 2:
                return False
            if buffer[stop : stop + 2] != b"\r\n":
                raise Unframed("a chunk that is longer than its size")
            self.pieces.append(bytes(buffer[end + 2 : stop]))
            self.at = stop + 2
