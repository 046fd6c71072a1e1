"""What the run has made: known from the answers to its creates, and in the ledger before they leave."""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked
from contract_tests.guard.credentials import field_of
from contract_tests.guard.ledger import Intent, Ledger, State
from contract_tests.guard.meaning import Effect, Ref, made, sent_text

_READABLE = 4 * 1024 * 1024


class Ownership:
    """`ledger` of None owns nothing."""

    def __init__(self, ledger: Ledger | None, deployment: Deployment) -> None:
        self._ledger = ledger
        self._deployment = deployment
        self._seen: dict[str, int] = {}  # ids in answers, and when they were first seen
        self._began: dict[int, int] = {}  # creates that are under way, and when they left
        self._moment = 0

    def owns(self, ref: Ref) -> bool:
        return self._ledger is not None and self._ledger.book.owns(ref)

    def intend(self, asked: Asked, effect: Effect, label: str) -> int:
        """Writes down a create. Returns when that is on the disk."""
        ledger, operation, vendor = self._ledger, effect.operation, effect.vendor
        assert ledger is not None
        assert operation is not None
        assert vendor is not None
        text = sent_text(operation, vendor, asked)
        tag = ledger.book.run.tag
        number = ledger.intend(
            Intent(
                operation=operation.name,
                resource=operation.resource,
                path=operation.template.replace("{id}", effect.into[0] if effect.into else ""),
                into=effect.into,
                removed_at=operation.removed_at,
                credential=field_of(asked.header("Authorization"), self._deployment),
                text=digest(text),
                tagged=bool(tag) and tag in text,
                label=label,
                at=time.time(),
            )
        )
        self._moment += 1
        self._began[number] = self._moment
        return number

    def unanswered(self, number: int, reason: str, *, sent: bool) -> None:
        assert self._ledger is not None
        self._began.pop(number)
        removable = self._ledger.book.entries[number].intent.removed_at
        state: State = "refused" if not sent else "unknown" if removable else "kept"
        self._ledger.settle(number, state, why=reason)

    def answered(self, effect: Effect, number: int | None, answered: Answered) -> None:
        if self._ledger is None:
            return
        if number is not None:
            self._created(effect, number, answered)
        elif effect.kind == "delete" and 200 <= answered.status < 300:
            self._ledger.removed(effect.ref, "by the run")
        self._see(answered)

    def _created(self, effect: Effect, number: int, answered: Answered) -> None:
        ledger, operation, status = self._ledger, effect.operation, answered.status
        assert ledger is not None
        assert operation is not None
        began = self._began.pop(number)
        if 300 <= status < 500 and status != 408:
            ledger.settle(number, "refused", why=f"answered {status}")
            return
        id_ = made(operation, answered) if status < 300 else ""
        state: State = "unknown" if operation.removed_at else "kept"
        if not id_:
            ledger.settle(number, state, why=f"answered {status}, which tells no id")
        elif self._seen.get(id_, began) < began:
            # Who deletes this deletes somebody else's.
            ledger.settle(number, state, why=f"answered with {id_}, which was there before")
        else:
            ledger.settle(number, "made" if operation.removed_at else "kept", id=id_)

    def _see(self, answered: Answered) -> None:
        if len(answered.body) > _READABLE or b'"id"' not in answered.body:
            return
        try:
            body = answered.json()
        except (ValueError, RecursionError):
            return
        self._moment += 1
        for id_ in _ids(body):
            self._seen.setdefault(id_, self._moment)


def digest(text: str) -> str:
    """Of a text as a server may have trimmed it; "" of none."""
    return sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest() if text.strip() else ""


def _ids(body: Any) -> Iterator[str]:
    waiting = [body]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("id"), str):
                yield one["id"]
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
