"""The engine of one of several processes: it answers once the others can know what it did."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from mockserver.core.exchange import Answer, Request
from mockserver.core.provider import Provider
from mockserver.server.compiled import CompiledOperation
from mockserver.server.engine import Engine, Reply
from mockserver.server.shared.log import Unavailable
from mockserver.server.shared.sandboxes import SharedSandboxes

# How often a request is done again because somebody else was first. Somebody is first each time, so all get on.
MOST_TRIES = 200
# Whoever was not first so often takes a turn in which nobody else can be.
PATIENCE = 4
# Entry numbers begin here, and tell ten thousandths of a second and who counted.
SINCE = 1_767_225_600  # 2026
TICKS = 10_000
SEATS = 256


def numbers(seat: int, clock: Callable[[], float] = time.time) -> Iterator[int]:
    """Rising, by time, and none that another seat gives."""
    last = 0
    while True:
        last = max(last + 1, int((clock() - SINCE) * TICKS))
        yield last * SEATS + seat % SEATS


class SharedEngine(Engine):
    """`seat` is this process's number among all that share."""

    sandboxes: SharedSandboxes

    def __init__(
        self,
        providers: Sequence[Provider],
        sandboxes: SharedSandboxes,
        *,
        allow_prefer: bool = False,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(providers, sandboxes, allow_prefer=allow_prefer, timer=timer)
        self.sit(0)

    def sit(self, seat: int) -> None:
        self.numbers = numbers(seat)
        self._numbers = self.numbers  # type: ignore[assignment]

    def find(self, request: Request) -> tuple[Provider, CompiledOperation | None, Mapping[str, str]]:
        """Whose it is, and what answers it."""
        return self._find(request)

    def answer(self, name: str, request: Request) -> Reply:
        """Does it again for as long as somebody else is first; the vendor's words for a failure where the log is not to
        be had, and nothing has changed here then."""
        try:
            for attempt in range(1, MOST_TRIES):
                take_turn = attempt % PATIENCE == 0
                reply = self._in_turn(name, request) if take_turn else self._once(name, request)
                if reply is not None:
                    return reply
        except Unavailable:
            pass
        provider, _, _ = self._find(request)
        return Reply(provider.crashed(self.sandboxes.spare(name).services))

    def _once(self, name: str, request: Request, *, hold: bool = False) -> Reply | None:
        """None if somebody else was first."""
        if self.sandboxes.far:
            self.sandboxes.presume(name)
        done = False
        try:
            reply = super().answer(name, request)
            done = True
        finally:
            if not done:
                self.sandboxes.fail(name)
        return reply if self.sandboxes.settle(name, hold=hold) else None

    def _in_turn(self, name: str, request: Request) -> Reply | None:
        """Who has just been first is ready to be so again, and who has not would wait for ever."""
        try:
            with self.sandboxes.turn():
                reply = self._once(name, request, hold=True)
        except Unavailable:
            self.sandboxes.give_up(name)
            return None
        if reply is not None:
            self.sandboxes.release(name)
        return reply

    def crashed(self, name: str, request: Request) -> Answer:
        try:
            answer = super().crashed(name, request)
            self.sandboxes.settle(name)
        except Unavailable:
            provider, _, _ = self._find(request)
            answer = provider.crashed(self.sandboxes.spare(name).services)
        return answer
