"""What a run has made on a server that others use too, written down before it is made.

One JSON object a line, only ever appended: first the run, then for each create its intent, on the disk before the
request leaves, and later what became of it. The last line of a number says how things stand. A line that was torn when
the run died is skipped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from contract_tests.guard.meaning import Ref

# sent: nobody has heard what became of it. kept: it was made, or may have been, and no API can remove it.
State = Literal["sent", "made", "kept", "refused", "unknown", "removed"]

VERSION = 1


class LedgerError(Exception):
    """A file that is no ledger."""


@dataclass(frozen=True)
class Run:
    target: str
    run: str = ""
    tag: str = ""  # stands in whatever text the run writes
    at: float = 0.0


@dataclass(frozen=True)
class Intent:
    """A create that is about to be sent. No credential and no text: who reads it learns neither."""

    operation: str
    resource: str
    path: str
    into: tuple[str, ...]  # ids of what it adds to
    removed_at: str  # path that removes it, with {id}; "" if no API can
    credential: str  # the field of Deployment; "" if it was none of them
    text: str  # sha256 of what it writes
    tagged: bool
    label: str
    at: float


@dataclass
class Entry:
    number: int
    intent: Intent
    state: State = "sent"
    id: str = ""
    why: str = ""

    @property
    def ref(self) -> Ref:
        return (self.intent.resource, self.id)

    @property
    def open(self) -> bool:
        """Whether it is, or may be, still there."""
        return self.state in ("sent", "made", "unknown")

    @property
    def address(self) -> str:
        """The path that removes it, "" if none does or its id is not known."""
        return self.intent.removed_at.replace("{id}", self.id) if self.id else ""


class Book:
    """What a ledger says, up to now."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.entries: dict[int, Entry] = {}
        self._owned: dict[Ref, Entry] = {}

    def owns(self, ref: Ref) -> bool:
        """Whether the run has made it, gone again or not."""
        return ref in self._owned

    def open(self) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.open]

    def of(self, ref: Ref) -> Entry | None:
        return self._owned.get(ref)

    def kept(self) -> list[Entry]:
        """What no API can remove."""
        return [entry for entry in self.entries.values() if entry.state == "kept"]

    def take(self, line: Mapping[str, Any]) -> None:
        """Raises KeyError or TypeError if the line is none of a ledger's."""
        number = line["n"]
        if "intent" in line:
            self.entries[number] = Entry(number, _read(Intent, line["intent"]))
            return
        entry = self.entries[number]
        entry.state = line["state"]
        entry.id = line.get("id") or entry.id
        entry.why = line.get("why", "")
        if entry.id:
            self._owned[entry.ref] = entry


def _read(kind: Any, members: Mapping[str, Any]) -> Any:
    known = {field.name for field in fields(kind)}
    given = {name: value for name, value in members.items() if name in known}
    if "into" in given:
        given["into"] = tuple(given["into"])
    return kind(**given)


def read_ledger(path: Path) -> Book:
    """Raises LedgerError."""
    try:
        lines = _lines(path.read_bytes())
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror}") from error
    try:
        first = next(lines)
        if first["ledger"] != VERSION:
            raise LedgerError(f"{path} is a ledger of another version")
        book = Book(_read(Run, first))
        for line in lines:
            book.take(line)
    except (StopIteration, KeyError, TypeError) as error:
        raise LedgerError(f"{path} is no ledger") from error
    return book


def _lines(data: bytes) -> Iterator[dict[str, Any]]:
    """Every line that is one. A torn one can only be the last that a process wrote."""
    for line in data.split(b"\n"):
        try:
            read = json.loads(line)
        except ValueError:
            continue
        if isinstance(read, dict):
            yield read


class Ledger:
    """A ledger that is being written. Not for several threads at a time."""

    def __init__(self, path: Path, run: Run | None = None) -> None:
        """With `run` a new file, which must not exist; without, one to go on with. Raises LedgerError."""
        self.path = path
        self.book = Book(run) if run else read_ledger(path)
        try:
            self._file = path.open("xb" if run else "ab")
        except OSError as error:
            raise LedgerError(f"{path}: {error.strerror}") from error
        if run:
            self._write({"ledger": VERSION, **asdict(run)})
        else:
            self._file.write(b"\n")  # what was torn ends here

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def intend(self, intent: Intent) -> int:
        """Returns when the line is on the disk."""
        number = len(self.book.entries) + 1
        self._add({"n": number, "intent": asdict(intent)})
        return number

    def settle(self, number: int, state: State, *, id: str = "", why: str = "") -> None:
        line = {"n": number, "state": state, "id": id, "why": why}
        self._add({name: value for name, value in line.items() if value})

    def removed(self, ref: Ref, why: str) -> None:
        """Something that the run owns is gone."""
        entry = self.book.of(ref)
        if entry is not None and entry.open:
            self.settle(entry.number, "removed", why=why)

    def _add(self, line: dict[str, Any]) -> None:
        self._write(line)
        self.book.take(line)

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def leftovers(entries: Iterable[Entry]) -> list[str]:
    """What is left behind, in words."""
    found = []
    for entry in entries:
        what = f"{entry.intent.resource} {entry.id}".strip()
        made = "" if entry.id else f", perhaps made by {entry.intent.operation}"
        where = f" of {' '.join(entry.intent.into)}" if entry.intent.into else ""
        found.append(f"{what}{where}{made}: {entry.why or entry.state}")
    return found
