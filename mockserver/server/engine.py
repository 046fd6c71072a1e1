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
EXPLAIN_SENT = EXPLAIN.lower().encode()
Found = tuple[Provider, CompiledOperation | None, Mapping[str, str]]
Changes = tuple[tuple[str, tuple[Change, ...]], ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """The compiled operations of one path by method, and what answers methods that have none (None: nobody)."""

    operations: Mapping[str, CompiledOperation]
    otherwise: CompiledOperation | None = None


@dataclass(slots=True)
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
        provider, compiled, path = found = self._find(request)
        if request.body:
            try:
                self.sandboxes.charge(sandbox, len(request.body))
            except NoRoom as full:
                return Reply(self._told(sandbox, found, request, no_room(full), started))
        clock = sandbox.services.clock
        if clock.step:
            clock.tick()
        if sandbox.faults.of_requests or self._allow_prefer:
            call = Call(sandbox, provider, compiled, path, request)
            fault = self._fault(sandbox, call)
            if fault is not None:
                answer, refusal = fault.answer(call)
                told = self._told(sandbox, found, request, answer, started, refusal, fault)
                return Reply(told, fault.effect)
        if compiled is None:
            answer, refusal = provider.unrouted(request), None
        else:
            answer, refusal = compiled.answer(sandbox, request, path)
        return Reply(self._told(sandbox, found, request, answer, started, refusal))

    def crashed(self, name: str, request: Request) -> Answer:
        """The mock itself has failed: the vendor's own words for that."""
        sandbox = self.sandboxes.named(name)
        found = self._find(request)
        return self._told(sandbox, found, request, found[0].crashed(sandbox.services), self._timer())

    def _told(
        self,
        sandbox: ServedSandbox,
        found: Found,
        request: Request,
        answer: Answer,
        started: float,
        refusal: Refusal | None = None,
        fault: Fault | None = None,
    ) -> Answer:
        """Enters the request into the journal. The answer is with the address of its explanation, for who asked for
        that; the entry keeps what the vendor would say."""
        provider, compiled, path = found
        changes: Changes = ()
        for name, world in sandbox.worlds.items():
            if world.store.changes:
                changes += ((name, tuple(world.store.changes)),)
                world.store.changes.clear()
        if changes:
            sandbox.faults.last_write.update(changes)
        entry = Entry(
            next(self._numbers),
            sandbox.name,
            sandbox.services.clock.now(),
            provider,
            None if compiled is None else compiled.operation,
            path,
            request,
            answer,
            refusal,
            changes,
            None if fault is None else fault.id,
            self._timer() - started,
        )
        sandbox.journal.record(entry)
        for header, value in request.headers.raw:
            if header == EXPLAIN_SENT and value == b"1":
                pointer = (EXPLAIN, f"{request.mount}/_mock/explain/{entry.id}")
                return Answer(answer.status, (*answer.headers, pointer), answer.body)
        return answer

    def _find(self, request: Request) -> Found:
        found = self.router.match(request.path)
        if found is not None:
            resource, path = found
            compiled = resource.operations.get(request.method, resource.otherwise)
            if compiled is not None:
                provider = compiled.provider
                if not provider.barred_in_ids or not path or provider.may_be_ids(path.values()):
                    return provider, compiled, path
        return self.owner(request.path), None, {}

    def _fault(self, sandbox: ServedSandbox, call: Call) -> Fault | None:
        if self._allow_prefer and (preferred := prefer.decide(call)) is not None:
            return preferred
        return sandbox.faults.decide(call)


def no_room(full: NoRoom) -> Answer:
    """Not a vendor's answer: the mock has to say that it is the one that is full."""
    words = f"this sandbox was sent more than {full.limit} bytes; reset it, or raise --max-bytes"
    return Answer(NO_ROOM, (("Content-Type", "application/json"),), orjson.dumps({"error": words}))
