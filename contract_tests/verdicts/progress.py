"""How far a run is, while it runs."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Callable
from typing import TextIO

from contract_tests.verdicts import wording
from contract_tests.verdicts.tally import Tally
from contract_tests.verdicts.verdict import BROKEN, Verdict

OFTEN, SELDOM = 0.1, 20.0  # seconds between two signs of life, on a screen and elsewhere


class Nowhere(io.TextIOBase):
    """For what nobody shall see."""

    def write(self, text: str) -> int:
        return len(text)


class Progress:
    """One line that changes if `out` is a screen, else a line now and then. A failure is told at once."""

    def __init__(self, out: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._screen = out.isatty()
        self._clock = clock
        self._began = self._last = clock()
        self._of = 0
        self._shown = False
        self._told: set[str] = set()

    def begin(self, tests: int) -> None:
        self._of = tests

    def step(self, verdict: Verdict, tally: Tally) -> None:
        if verdict.outcome == BROKEN:
            self._tell(verdict.rule.name if verdict.rule else verdict.id)
        now = self._clock()
        if now - self._last >= (OFTEN if self._screen else SELDOM) or (self._screen and not self._shown):
            self._show(verdict, tally, now)
            self._last = now

    def end(self) -> None:
        self._wipe()
        self._out.flush()

    def _show(self, verdict: Verdict, tally: Tally, now: float) -> None:
        parts = [
            f"{len(tally.verdicts):,}/{self._of:,}",
            verdict.kind or "suite",
            f"{tally.count(BROKEN)} broken",
            wording.counted(tally.requests, "request"),
            wording.took(now - self._began),
        ]
        line = " · ".join(parts)
        if not self._screen:
            self._out.write(f"{line}\n")
        else:
            width = shutil.get_terminal_size().columns
            self._out.write(f"\r\x1b[2K{line[: width - 1]}")
            self._shown = True
        self._out.flush()

    def _tell(self, subject: str) -> None:
        if subject not in self._told:
            self._told.add(subject)
            self._wipe()
            self._out.write(f"broken    {subject}\n")
            self._out.flush()

    def _wipe(self) -> None:
        if self._shown:
            self._out.write("\r\x1b[2K")
            self._shown = False
