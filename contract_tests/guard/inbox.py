"""A request as it comes in at a door, and as it will leave: the same bytes, but for Host and the label."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from contract_tests.exchange import Asked
from contract_tests.guard.connection import Connection
from contract_tests.guard.framing import BODY_LIMIT, Chunked, RequestHead, Unframed, head_end, request_head
from contract_tests.guard.header import LABEL

_LABEL = LABEL.lower().encode() + b":"
_HOST = b"host:"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n"


@dataclass(frozen=True)
class Received:
    """`raw` is what leaves; of a request that is not `framed`, what has come so far."""

    asked: Asked
    raw: bytes
    label: str | None
    keep: bool
    flaw: str = ""
    framed: bool = True
    told: bool = False


async def receive(client: Connection, host: str, names: Collection[str]) -> Received | None:
    """The next request. None if the client leaves, or sends what has not even a head, which is refused."""
    buffer = client.buffer
    try:
        while (end := head_end(buffer, _blank(buffer))) < 0:
            if not await client.more():
                if buffer:
                    _refuse(client, "no end of the headers")
                return None
    except Unframed as error:
        _refuse(client, str(error))
        return None
    start = _blank(buffer)
    raw, label, meant = _readdressed(bytes(buffer[start:end]), host, names)
    head = request_head(raw)
    at = end
    body = b""
    flaw = head.flaw
    told = False
    if not flaw:
        if head.expects and head.framing != "none" and len(buffer) == end:
            client.write(_CONTINUE)
            told = True
        try:
            whole = await _body(client, head, end)
        except Unframed as error:
            flaw = str(error)
        else:
            if whole is None:
                return None
            body, at = whole
    if flaw:
        everything = bytes(buffer[end:])
        buffer.clear()
        asked = Asked(head.method, head.target, head.headers, everything)
        return Received(asked, raw + everything, label, keep=False, flaw=flaw, framed=False)
    if at > end:
        raw += buffer[end:at]
    del buffer[:at]
    asked = Asked(head.method, head.target, head.headers, body)
    return Received(asked, raw, label, head.keep, _misdirected(head, meant), told=told)


def _blank(buffer: bytearray) -> int:
    """Where a request begins: empty lines before it are nothing."""
    start = 0
    while buffer[start : start + 2] == b"\r\n":
        start += 2
    return start


def _refuse(client: Connection, reason: str) -> None:
    body = f"{reason}\n".encode()
    client.write(_REFUSED + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def _readdressed(head: bytes, host: str, names: Collection[str]) -> tuple[bytes, str | None, bool]:
    """The head as it leaves, the label, and whether the door was meant."""
    label = None
    meant = True
    lines = []
    for line in head.split(b"\n"):
        start = line[:16].lower()
        if start.startswith(_LABEL):
            label = line[len(_LABEL) :].decode("latin-1").strip()
            continue
        if start.startswith(_HOST):
            value = line[len(_HOST) :]
            named = value.decode("latin-1").strip()
            if named in names:
                line = line[: len(_HOST)] + value.replace(named.encode("latin-1"), host.encode("latin-1"))
            elif named != host:
                meant = False
        lines.append(line)
    return b"\n".join(lines), label, meant


def _misdirected(head: RequestHead, meant: bool) -> str:
    if not meant:
        return "the Host is another"
    if not head.target.startswith("/") and (head.method, head.target) != ("OPTIONS", "*"):
        return "the target is no path"
    return ""


async def _body(client: Connection, head: RequestHead, at: int) -> tuple[bytes, int] | None:
    """The body, and where it ends in the buffer; None if the client leaves before. Raises Unframed."""
    buffer = client.buffer
    if head.framing == "length":
        if head.length > BODY_LIMIT:
            raise Unframed("a body that is too large")
        while len(buffer) < at + head.length:
            if not await client.more():
                return None
        return bytes(buffer[at : at + head.length]), at + head.length
    if head.framing == "chunked":
        chunked = Chunked(at)
        while not chunked.whole(buffer):
            if len(buffer) > at + 2 * BODY_LIMIT:
                raise Unframed("a body that is too large")
            if not await client.more():
                return None
        return b"".join(chunked.pieces), chunked.at
    return b"", at
