"""From a plain request to a plain answer, for every path of the vendors: what every way in calls, socket or not.

It knows nothing of ASGI and never waits. What a fault does to the way an answer takes is an `Effect`, which whoever
sends the answer carries out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import orjson

from mockserver.core.errors import Refusal
from mockserver.core.exchange import Answer, Request
from mockserver.core.provider import Provider
from mockserver.core.store import Change
from mockserver.server.compiled import CompiledOperation
from mockserver.server.faults import prefer
from mockserver.server.faults.calls import Call
from mockserver.server.faults.deciding import Fault
from mockserver.server.faults.effects import Effect
from mockserver.server.journal.entries import NO_ROOM, Entry
from mockserver.server.router import Router
from mockserver.server.sandboxes import NoRoom, Sandboxes, ServedSandbox

EXPLAIN = "X-Mock-Explain"


@dataclass(frozen=True, slots=True)
class Resource:
    """The compiled operations of one path by method, and what answers methods that have none (None: nobody)."""

    operations: Mapping[str, CompiledOperation]
    otherwise: CompiledOperation | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and what a fault does to it on its way (None: nothing)."""

    answer: Answer
    effect: Effect | None = None


class Engine:
    """`timer` is what durations are taken with, in seconds."""

    def __init__(
        self,
        providers: Sequence[Provider],
        sandboxes: Sandboxes,
        *,
        allow_prefer: bool = False,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.sandboxes = sandboxes
        self.router: Router[Resource] = Router()
        self._owners = sorted(providers, key=lambda provider: len(provider.prefix), reverse=True)
        self._allow_prefer = allow_prefer
        self._timer = timer
        self._numbers = count(1)

    def owner(self, path: str) -> Provider:
        """The vendor with the longest prefix of this path; a path outside all of them falls to the last."""
        for provider in self._owners:
            if path.startswith(provider.prefix):
                return provider
        return self._owners[-1]

    def answer(self, name: str, request: Request) -> Reply:
        """What the sandbox of this name answers, journal and faults included."""
        started = self._timer()
        sandbox = self.sandboxes.named(name)
        provider, compiled, path = self._find(request)
        call = Call(sandbox, provider, compiled, path, request)
        try:
            self.sandboxes.charge(sandbox, len(request.body))
        except NoRoom as full:
            answer = no_room(full)
            entry = self._record(sandbox, call, answer, None, None, started)
            return Reply(_pointing(entry, request, answer))
        sandbox.services.clock.tick()
        fault = self._fault(sandbox, call)
        answer, refusal = call.honest() if fault is None else fault.answer(call)
        entry = self._record(sandbox, call, answer, refusal, fault, started)
        return Reply(_pointing(entry, request, answer), None if fault is None else fault.effect)

    def crashed(self, name: str, request: Request) -> Answer:
        """The mock itself has failed: the vendor's own words for that."""
        sandbox = self.sandboxes.named(name)
        provider, compiled, path = self._find(request)
        call = Call(sandbox, provider, compiled, path, request)
        answer = provider.crashed(sandbox.services)
        entry = self._record(sandbox, call, answer, None, None, self._timer())
        return _pointing(entry, request, answer)

    def _record(
        self,
        sandbox: ServedSandbox,
        call: Call,
        answer: Answer,
        refusal: Refusal | None,
        fault: Fault | None,
        started: float,
    ) -> Entry:
        changes = _changes(sandbox)
        if changes:
            sandbox.faults.last_write.update(changes)
        entry = Entry(
            number=next(self._numbers),
            sandbox=sandbox.name,
            at=sandbox.services.clock.now(),
            provider=call.provider,
            operation=None if call.compiled is None else call.compiled.operation,
            path=call.path,
            request=call.request,
            answer=answer,
            refusal=refusal,
            changes=changes,
            fault=None if fault is None else fault.id,
            took=self._timer() - started,
        )
        sandbox.journal.record(entry)
        return entry

    def _find(self, request: Request) -> tuple[Provider, CompiledOperation | None, Mapping[str, str]]:
        found = self.router.match(request.path)
        if found is not None:
            resource, path = found
            compiled = resource.operations.get(request.method, resource.otherwise)
            if compiled is not None and compiled.provider.may_be_ids(path.values()):
                return compiled.provider, compiled, path
        return self.owner(request.path), None, {}

    def _fault(self, sandbox: ServedSandbox, call: Call) -> Fault | None:
        if self._allow_prefer and (preferred := prefer.decide(call)) is not None:
            return preferred
        if sandbox.faults:
            return sandbox.faults.decide(call)
        return None


def _changes(sandbox: ServedSandbox) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    return tuple(
        (name, changes) for name, world in sandbox.worlds.items() if (changes := world.store.take_changes())
    )


def _pointing(entry: Entry, request: Request, answer: Answer) -> Answer:
    """With the address of its explanation, for who asked for that. The entry keeps what the vendor would say."""
    if request.headers.first(EXPLAIN) != "1":
        return answer
    pointer = (EXPLAIN, f"{request.mount}/_mock/explain/{entry.id}")
    return Answer(answer.status, (*answer.headers, pointer), answer.body)


def no_room(full: NoRoom) -> Answer:
    """Not a vendor's answer: the mock has to say that it is the one that is full."""
    words = f"this sandbox was sent more than {full.limit} bytes; reset it, or raise --max-bytes"
    return Answer(NO_ROOM, (("Content-Type", "application/json"),), orjson.dumps({"error": words}))
