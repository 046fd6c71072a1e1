"""What a fault does to an answer on its way, as a client without a socket meets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mockserver.server.engine import Reply

# A body that drips comes in this many pieces, if it has as many bytes.
PIECES = 10


@dataclass(frozen=True, slots=True)
class Arrival:
    """`wait` is how long to sleep first, in seconds. `ending` is how the exchange breaks off then, if it does."""

    wait: float = 0.0
    ending: Literal["", "timeout", "reset", "truncate"] = ""


WHOLE = Arrival()


def arrival(reply: Reply, patience: float | None) -> Arrival:
    """`patience` is how long the client waits for each read, None for ever: whoever would wait longer does not wait at
    all, and one who waits for ever is told, too, when nothing will come."""
    effect = reply.effect
    if effect is None:
        return WHOLE
    if effect.ending == "hang" or (patience is not None and max(effect.delay, effect.drip) > patience):
        return Arrival(ending="timeout")
    wait = effect.delay
    if effect.drip:
        size = len(reply.answer.body) // (2 if effect.ending == "truncate" else 1)
        wait += effect.drip * max(0, min(PIECES, size) - 1)
    return Arrival(wait, effect.ending)


def raw_headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    """As they stand on the wire, Content-Length included."""
    answer = reply.answer
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    return headers
