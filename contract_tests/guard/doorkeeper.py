"""The handler of one of the guard's doors: what may leave, leaves, is written down, and is recorded."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.guard.budget import Budget, Pulse
from contract_tests.guard.header import GUARD
from contract_tests.guard.meaning import Effect, effect_of
from contract_tests.guard.ownership import Ownership
from contract_tests.guard.pace import Pace, told_to_wait, used_up
from contract_tests.guard.policy import OUTSIDE, Policy, Rights, Word, refusal
from contract_tests.guard.recorder import Count, Recorder
from contract_tests.guard.redaction import Redactor
from contract_tests.guard.seam import Forward, NoAnswer

_PLAIN_404 = b'{"detail":"Not found."}'

Sleep = Callable[[float], Awaitable[None]]


class Stopped(Exception):
    """The guard answers in the server's place. `sent` says whether the server may have done what was asked."""

    def __init__(self, word: Word, reason: str, *, sent: bool = False) -> None:
        super().__init__(reason)
        self.word = word
        self.reason = reason
        self.sent = sent


@dataclass
class Restraint:
    """What a run has agreed to do to a server that others use too."""

    policy: Policy
    rights: Rights
    ownership: Ownership
    budget: Budget
    pace: Pace
    pulse: Pulse
    patience: float
    sleep: Sleep


@dataclass
class Doorkeeper:
    url: str  # of the server
    prefix: str  # path of that
    restraint: Restraint
    recorder: Recorder
    redactor: Redactor
    door: str = field(default="", init=False)

    async def __call__(self, asked: Asked, forward: Forward) -> Answered:
        started, begun = time.time(), time.perf_counter()
        effect = effect_of(asked, self.prefix)
        stopped: Stopped | None = None
        try:
            answered = await self._let_through(asked, effect, forward)
        except Stopped as stop:
            stopped = stop
            answered = _in_its_place(effect, stop, self.redactor.text(stop.reason))
        seconds = time.perf_counter() - begun
        self._record(
            asked, None if stopped else answered.unpacked(), stopped, effect, forward, started, seconds
        )
        return answered

    async def _let_through(self, asked: Asked, effect: Effect, forward: Forward) -> Answered:
        restraint = self.restraint
        inside = asked.target == self.prefix or asked.target.startswith(
            (f"{self.prefix}/", f"{self.prefix}?")
        )
        if restraint.policy != "all" and not inside and not forward.flaw and asked.target != "*":
            raise Stopped(OUTSIDE, f"outside of {self.prefix}/")
        path = asked.target.removeprefix(self.prefix)
        word, reason = refusal(
            restraint.policy, effect, path, forward.flaw, restraint.rights, restraint.ownership
        )
        if word:
            raise Stopped(word, reason)
        if restraint.policy == "all":
            try:
                return await forward()
            except NoAnswer as failure:
                raise Stopped(failure.kind, failure.reason, sent=failure.sent) from failure
        return await self._with_restraint(asked, effect, forward)

    async def _with_restraint(self, asked: Asked, effect: Effect, forward: Forward) -> Answered:
        ownership = self.restraint.ownership
        self._check_budget()
        word, reason = self.restraint.pulse.refusal()
        if word:
            raise Stopped(word, reason)
        try:
            creating = ownership.intend(asked, effect, forward.label) if effect.kind == "create" else None
        except OSError as error:
            raise Stopped("refused", f"the ledger cannot be written: {error.strerror}") from error
        try:
            answered = await self._delivered(asked, forward)
        except Stopped as stop:
            if creating is not None:
                ownership.unanswered(creating, stop.reason, sent=stop.sent)
            raise
        ownership.answered(effect, creating, answered.unpacked())
        return answered

    async def _delivered(self, asked: Asked, forward: Forward) -> Answered:
        """Sends, and again if the server wants it later. Raises Stopped."""
        restraint = self.restraint
        credential = asked.header("Authorization") or ""
        waited = 0.0
        tries = 0
        while True:
            closed = restraint.pace.closed(credential)
            if waited + closed > restraint.patience:
                raise Stopped("throttled", f"{closed:.0f} s to wait, {restraint.patience:g} s of patience")
            waited += closed
            await self._wait(max(closed, restraint.pace.turn()))
            self._check_budget()
            restraint.budget.spend()
            try:
                answered = await forward()
            except NoAnswer as failure:
                restraint.pulse.failed(failure.kind, failure.reason)
                raise Stopped(failure.kind, failure.reason, sent=failure.sent) from failure
            restraint.pulse.answered()
            if answered.status != 429:
                restraint.pace.hold(credential, min(restraint.patience, used_up(answered, time.time())))
                return answered
            tries += 1
            told = told_to_wait(answered, time.time(), tries)
            restraint.pace.hold(credential, max(told, min(1.0, 0.1 * 2**tries)))

    async def _wait(self, seconds: float) -> None:
        if seconds > self.restraint.budget.left:
            raise Stopped("budget", f"there is no time left to wait for {seconds:.0f} s")
        if seconds > 0:
            await self.restraint.sleep(seconds)

    def _check_budget(self) -> None:
        reason = self.restraint.budget.refusal()
        if reason:
            raise Stopped("budget", reason)

    def _record(
        self,
        asked: Asked,
        answered: Answered | None,
        stopped: Stopped | None,
        effect: Effect,
        forward: Forward,
        started: float,
        seconds: float,
    ) -> None:
        surplus = f"{forward.surplus} bytes came after the end of the answer" if forward.surplus else ""
        note = f"{stopped.word}: {stopped.reason}" if stopped else surplus
        names = {"operation": effect.name, "template": effect.template, "effect": effect.kind}
        status = answered.status if answered else 0
        word = stopped.word if stopped else ""
        self.recorder.record(
            Exchange(asked, answered, forward.label, started, seconds, note, names),
            Count(
                self.door,
                forward.label,
                asked.method,
                effect.template,
                effect.name,
                status,
                effect.kind,
                word,
            ),
        )


def _in_its_place(effect: Effect, stop: Stopped, reason: str) -> Answered:
    """What the vendor would say of something that is not there."""
    words = " ".join(f"{stop.word}; {reason}".split())
    body = effect.vendor.not_found if effect.vendor else _PLAIN_404
    plain = words.encode("ascii", "replace").decode()
    return Answered(404, (("Content-Type", "application/json"), (GUARD, plain)), body)
