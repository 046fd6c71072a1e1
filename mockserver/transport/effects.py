"""What a fault does to an answer on its way, as a client without a socket meets it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mockserver.server.engine import Reply
from mockserver.server.faults.performing import pieces_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """`wait` is how long to sleep first, in seconds. `ending` is how the exchange breaks off then, if it does."""

    wait: float = 0.0
    ending: Literal["", "timeout", "reset", "truncate"] = ""


WHOLE = Arrival()


def body_of(reply: Reply, method: str) -> bytes:
    """As it is sent to who asks by this method."""
    return b"" if method == "HEAD" else reply.answer.body


def arrival(reply: Reply, method: str, patience: float | None) -> Arrival:
    """`patience` is how long the client waits for each read, None for ever: whoever would wait longer does not wait at
    all, and one who waits for ever is told, too, when nothing will come. What has no body comes in one piece."""
    effect = reply.effect
    if effect is None:
        return WHOLE
    ending, body = effect.ending, body_of(reply, method)
    if ending == "truncate":
        ending, body = ("truncate" if body else ""), body[: len(body) // 2]
    gaps = max(0, len(list(pieces_of(body))) - 1) if effect.drip else 0
    longest = max(effect.delay, effect.drip if gaps else 0.0)
    if ending == "hang" or (patience is not None and longest > patience):
        return Arrival(ending="timeout")
    return Arrival(effect.delay + gaps * effect.drip, ending)


def raw_headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    """As they stand on the wire, Content-Length included."""
    answer = reply.answer
    headers = _encoded(answer.headers)
    for name, _ in headers:
        if name == b"content-length":
            return list(headers)
    return [*headers, (b"content-length", b"%d" % len(answer.body))]


@lru_cache(maxsize=256)
def _encoded(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)
