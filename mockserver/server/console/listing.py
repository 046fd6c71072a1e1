"""Which requests of a journal are shown: what matches, in windows that begin with the newest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from mockserver.server.journal.entries import Entry

WINDOW = 100
_CLASS = re.compile(r"[1-5]xx", re.IGNORECASE)
_ID = re.compile(r"r([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty means any. `status` is one, or a class like `4xx`; `text` stands anywhere in path, query or bodies."""

    method: str = ""
    status: str = ""
    vendor: str = ""
    operation: str = ""
    text: str = ""
    sign: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        return cls(**{name: query.get(name, "").strip()[:200] for name in cls.__slots__})

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def matches(self, entry: Entry) -> bool:
        operation = entry.operation.id if entry.operation else ""
        return (
            self.method in ("", entry.request.method)
            and self._status(entry.answer.status)
            and self.vendor in ("", entry.provider.name)
            and self.operation in ("", operation)
            and self._sign(entry)
            and (not self.text or self._text(entry))
        )

    def _status(self, status: int) -> bool:
        if _CLASS.fullmatch(self.status):
            return str(status)[0] == self.status[0]
        return self.status in ("", str(status))

    def _sign(self, entry: Entry) -> bool:
        match self.sign:
            case "changed":
                return bool(entry.changes)
            case "fault":
                return entry.fault is not None
            case "unmatched":
                return entry.operation is None
        return True

    def _text(self, entry: Entry) -> bool:
        request = entry.request
        wanted = self.text.casefold()
        if wanted in f"{request.path}?{request.query}".casefold() or wanted == entry.id:
            return True
        raw = self.text.lower().encode(errors="replace")
        return raw in request.body.lower() or raw in entry.answer.body.lower()


@dataclass(frozen=True, slots=True)
class Window:
    """`entries`, the newest first; `older` whether there are more beyond the last of them."""

    entries: list[Entry]
    older: bool


def window(
    entries: Iterable[Entry],
    wanted: Wanted,
    *,
    before: int | None = None,
    after: int | None = None,
    most: int = WINDOW,
) -> Window:
    """`entries` come as a journal gives them, the oldest first."""
    found: list[Entry] = []
    for entry in _newest_first(entries, before, after):
        if wanted.matches(entry):
            if len(found) == most:
                return Window(found, older=True)
            found.append(entry)
    return Window(found, older=False)


def number_of(entry_id: str) -> int | None:
    """The number in `r17`; None for what is no id of an entry."""
    found = _ID.fullmatch(entry_id)
    return int(found[1]) if found else None


def _newest_first(entries: Iterable[Entry], before: int | None, after: int | None) -> Iterator[Entry]:
    for entry in reversed(list(entries)):
        if after is not None and entry.number <= after:
            return
        if before is None or entry.number < before:
            yield entry
