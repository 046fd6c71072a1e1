"""What a rule does to an answer: in whose words it fails, whether the work was done, what becomes of the body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockserver.core.errors import Refusal
from mockserver.core.exchange import Answer
from mockserver.core.provider import Operation
from mockserver.core.store import Change, DuplicateKey, Store
from mockserver.server.faults.calls import Call
from mockserver.server.faults.delays import Delay
from mockserver.server.faults.effects import Ending

# What is answered by a server that never comes to answer.
NO_ANSWER = Answer(0)
Told = tuple[Answer, Refusal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """`after` is whether the model does its work before things go wrong. `status` of None leaves the model's answer;
    so do an `ending` of "" or "truncate", and all the rest. `webhook` is how late each copy of a message goes out, in
    seconds."""

    status: int | None = None
    retry_after: int | None = None
    after: bool = True
    delay: Delay | None = None
    ending: Ending = ""
    drip: float = 0.0
    malformed: bool = False
    content_type: str | None = None
    stale: bool = False
    webhook: tuple[float, ...] | None = None


def answer(act: Act, call: Call, last_write: Sequence[Change]) -> Told:
    """`last_write` is what the last write of the call's vendor did."""
    told = _work(act, call, last_write)
    if act.status is not None:
        told = failure(call, act.status, act.retry_after), told[1]
    return _spoilt(act, told[0]), told[1]


def _work(act: Act, call: Call, last_write: Sequence[Change]) -> Told:
    if act.stale:
        return _stale(call, last_write)
    if act.after:
        return call.honest()
    if act.status is not None or act.ending in ("reset", "hang"):
        return NO_ANSWER, None
    return _in_vain(call)


def failure(call: Call, status: int, retry_after: int | None) -> Answer:
    """The vendor's words for a failure that is none of the model's."""
    request, provider = call.request, call.provider
    operation = call.operation or Operation(
        id="", method=request.method, path=request.path, handler=lambda visit: provider.unrouted(request)
    )
    return provider.fault(operation, request, status, retry_after, call.sandbox.worlds[provider.name])


def _store(call: Call) -> Store:
    return call.sandbox.worlds[call.provider.name].store


def _stale(call: Call, last_write: Sequence[Change]) -> Told:
    """Answered from the world before the last write, where that can still be taken back."""
    store = _store(call)
    now = store.snapshot()
    try:
        store.undo(last_write)
        return call.honest()
    except (KeyError, DuplicateKey):
        # Somebody put another world in place since.
        store.restore(now)
        return call.honest()
    finally:
        store.restore(now)
        store.take_changes()


def _in_vain(call: Call) -> Told:
    """The answer that the model would give, and nothing of what it did stays."""
    store = _store(call)
    now = store.snapshot()
    try:
        with call.sandbox.services.events.quiet():
            return call.honest()
    finally:
        store.restore(now)
        store.take_changes()


def _spoilt(act: Act, answer: Answer) -> Answer:
    """An answer without a body has none that could be wrong."""
    if not answer.body or not (act.malformed or act.content_type):
        return answer
    headers = answer.headers
    if act.content_type is not None:
        kept = tuple((name, value) for name, value in headers if name.lower() != "content-type")
        headers = (("Content-Type", act.content_type), *kept)
    # No JSON goes on after a brace with a value: it wants a name there, a colon, and an end.
    body = b"{" + answer.body if act.malformed else answer.body
    return Answer(answer.status, headers, body)
