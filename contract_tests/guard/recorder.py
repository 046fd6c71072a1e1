"""The exchanges of a run, as many as memory should hold, and a count of all of them."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from contract_tests.exchange import Answered, Asked, Exchange

MOST_OUTLINES, LONGEST_OUTLINE = 20_000, 200


class Count(NamedTuple):
    """What is counted together. `word` is the guard's if it let the request or the answer not through."""

    door: str
    label: str
    method: str
    template: str
    operation: str
    status: int  # 0 if no answer came
    effect: str
    word: str


@dataclass
class _Kept:
    exchanges: deque[Exchange] = field(default_factory=deque)
    size: int = 0
    outlines: list[Exchange] = field(default_factory=list)


class Recorder:
    """Of each label the last exchanges are kept. Used from several threads."""

    def __init__(self, *, exchanges: int = 200, total: int = 2 * 1024 * 1024, body: int = 64 * 1024) -> None:
        self._most, self._total, self._body = exchanges, total, body
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._counts: Counter[Count] = Counter()

    def record(self, exchange: Exchange, count: Count) -> None:
        exchange = _clipped(exchange, self._body)
        with self._lock:
            self._counts[count] += 1
            kept = self._kept.setdefault(exchange.label, _Kept())
            kept.exchanges.append(exchange)
            kept.size += _size(exchange)
            while len(kept.exchanges) > self._most or (kept.size > self._total and len(kept.exchanges) > 1):
                left = kept.exchanges.popleft()
                kept.size -= _size(left)
                if len(kept.outlines) < MOST_OUTLINES:
                    kept.outlines.append(_outline(left))

    def exchanges(self, label: str | None = None) -> list[Exchange]:
        """Of one label, or of all, in the order in which they began."""
        with self._lock:
            if label is not None:
                return list(self._kept[label].exchanges) if label in self._kept else []
            found = [exchange for kept in self._kept.values() for exchange in kept.exchanges]
        return sorted(found, key=lambda exchange: exchange.started)

    def outlines(self, label: str) -> list[Exchange]:
        """What is left of the exchanges before those: method, address, status, and the guard's note."""
        with self._lock:
            return list(self._kept[label].outlines) if label in self._kept else []

    def forget(self, label: str) -> None:
        with self._lock:
            self._kept.pop(label, None)

    def counts(self) -> Counter[Count]:
        with self._lock:
            return Counter(self._counts)


def _outline(exchange: Exchange) -> Exchange:
    asked, answered = exchange.asked, exchange.answered
    return replace(
        exchange,
        asked=Asked(asked.method, asked.target[:LONGEST_OUTLINE]),
        answered=answered and Answered(answered.status),
    )


def _size(exchange: Exchange) -> int:
    asked, answered = exchange.asked, exchange.answered
    headers = asked.headers + (answered.headers if answered else ())
    bodies = len(asked.body) + (len(answered.body) if answered else 0)
    return bodies + len(asked.target) + sum(len(name) + len(value) for name, value in headers)


def _clipped(exchange: Exchange, most: int) -> Exchange:
    asked, answered = exchange.asked, exchange.answered
    notes = [exchange.note] if exchange.note else []
    if len(asked.body) > most:
        notes.append(f"the first {most} of {len(asked.body)} bytes of the request's body")
        asked = replace(asked, body=asked.body[:most])
    if answered is not None and len(answered.body) > most:
        notes.append(f"the first {most} of {len(answered.body)} bytes of the answer's body")
        answered = replace(answered, body=answered.body[:most])
    if asked is exchange.asked and answered is exchange.answered:
        return exchange
    return replace(exchange, asked=asked, answered=answered, note="; ".join(notes))
