"""What processes share: for each sandbox a log of steps, and the records as they are after the last of them.

A sandbox's records are told as differences from the fresh world, which every process builds for itself; what else of it
can change is in parts, small values by name (`parts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from mockserver.core.errors import Unavailable

__all__ = ["FORGOTTEN", "Base", "Head", "Kept", "Known", "Log", "News", "Step", "Unavailable", "Write"]


class Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a sandbox is.

    A `life` ends with a reset or when the sandbox is deleted, and with it what its processes remember of requests; a
    `generation` also when another state is put into its place. Both are numbers that never come again. `version` counts
    the steps of a generation. Where a log may lose steps, and others may come in their place, `mark` is a word that
    nobody can guess, another one for each step: equal heads have an equal past.
    """

    life: int
    generation: int
    version: int
    mark: str = ""


# Instead of its place, of a record that is gone and that no fresh world has.
FORGOTTEN = -1


class Write(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What became of one record: None if it is gone. `sequence` is its place among ties, and in the order of coming; a
    log keeps nothing of one that is FORGOTTEN, but for the step that says so."""

    vendor: str
    collection: str
    key: str
    sequence: int
    record: bytes | None

    @property
    def is_forgotten(self) -> bool:
        return self.sequence == FORGOTTEN and self.record is None


class Step(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one request did; `size` are the bytes that came in since the step before. Writes of records that others
    refer to come first, and records go in the order in which they may."""

    writes: tuple[Write, ...] = ()
    parts: dict[str, bytes] = {}
    size: int = 0


class Base(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A whole state: every record that is other than in the fresh world, in no order; a part that is not there is as in
    the fresh world. `size` is all that the sandbox was sent."""

    writes: tuple[Write, ...] = ()
    parts: dict[str, bytes] = {}
    size: int = 0


class News(msgspec.Struct, frozen=True):
    """How to get to `head`: by steps, or from a base where there are none any more that lead there."""

    head: Head
    size: int
    steps: tuple[Step, ...] = ()
    base: Base | None = None


class Known(msgspec.Struct, frozen=True, array_like=True):
    """One sandbox of a log. `used` is a Unix time, roughly that of its last use."""

    name: str
    size: int
    used: float


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """One snapshot of a sandbox; `at` is the sandbox's own time, as text."""

    name: str
    at: str


class Log(Protocol):
    """Every method raises Unavailable, after a bounded time; those that change something are whole or not at all.

    `far` says that a look at the head costs more than to answer a request.
    """

    far: bool

    def hold(self, fingerprint: str) -> bool:
        """Whether what is there was written by processes with this fingerprint; a log without any takes it on."""

    def head(self, sandbox: str) -> Head | None:
        """None if there is no such sandbox. Asked for every request, so it is to be cheap."""

    def read(self, sandbox: str, known: Head | None) -> News | None:
        """What leads from `known` to the head; None if there is no such sandbox."""

    def append(self, sandbox: str, head: Head, step: Step) -> Head | None:
        """The new head; None, and nothing has changed, if `head` is not the head any more."""

    def turn(self) -> AbstractContextManager[None]:
        """Meanwhile nobody else changes anything, where that can be had; what fails in it has not been done."""

    def begin(self, sandbox: str, base: Base, *, live_on: bool = False) -> Head:
        """A new generation, whatever was there; a new life, too, unless it is to live on. Snapshots stay."""

    def open(self, sandbox: str, base: Base) -> Head:
        """The head of the sandbox; if there is none, it begins with this base."""

    def touch(self, sandbox: str) -> None:
        """It is in use, though nothing changes."""

    def drop(self, sandbox: str) -> bool:
        """Whether there was one to delete, with its snapshots."""

    def names(self) -> Sequence[Known]:
        """Every sandbox, the one idle longest first, as far as that is known."""

    def snapshots(self, sandbox: str) -> Sequence[Kept]:
        """In the order in which they were taken."""

    def keep(self, sandbox: str, snapshot: Kept, state: bytes, most: int) -> bool:
        """Whether one of this name was there, whose place it takes. Raises OverflowError for one more than `most`."""

    def snapshot(self, sandbox: str, name: str) -> bytes | None: ...

    def forget(self, sandbox: str, name: str) -> bool:
        """Whether there was one."""

    def close(self) -> None: ...
