"""Which requests of a journal are shown: what matches, in windows that begin with the newest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockserver.server.journal.entries import Entry
from mockserver.server.journal.filters import BadFilter, Filter
from mockserver.server.journal.showing import Shown

WINDOW = 100
# What a form may say; `sign` is the console's own.
FIELDS = ("method", "status", "provider", "operation", "contains", "sign")
SIGNS = {"changed": "Changed something", "fault": "With a fault", "unmatched": "Unmatched"}
_ID = re.compile(r"r([0-9]{1,18})")

Show = Callable[[Entry], Shown]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`given` is what the form said, empty where it was left alone; `problem` why nothing can match that."""

    given: Mapping[str, str]
    filter: Filter
    problem: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        given = {name: query.get(name, "").strip() for name in FIELDS}
        pairs = [(name, given[name]) for name in FIELDS if given[name] and name != "sign"]
        if given["sign"] == "fault":
            pairs.append(("fault", "*"))
        elif given["sign"] == "unmatched":
            pairs.append(("matched", "false"))
        try:
            return cls(given, Filter.read(pairs))
        except BadFilter as error:
            return cls(given, Filter(), f"{error}.")

    @property
    def narrows(self) -> bool:
        return any(self.given.values())

    def matching(self, entries: Iterable[Entry], show: Show) -> Iterator[Shown]:
        if self.problem:
            return
        for entry in entries:
            if self.filter.admits(entry) and self._worth_showing(entry):
                shown = show(entry)
                if self.filter.admits_shown(shown):
                    yield shown

    def _worth_showing(self, entry: Entry) -> bool:
        """A quick look at what cannot match; what can is still held against what is shown of it."""
        if self.given["sign"] == "changed" and not entry.changes:
            return False
        wanted = self.filter.contains
        if wanted is None or not wanted.isascii() or wanted.lower() in "<credential>":
            return True
        request, raw = entry.request, wanted.lower().encode()
        if raw.decode() in f"{request.path}\n{request.query}".lower():
            return True
        return raw in request.body.lower() or raw in entry.answer.body.lower()


@dataclass(frozen=True, slots=True)
class Window:
    """`shown`, the newest first; `older` whether there are more beyond the last of them."""

    shown: list[Shown]
    older: bool


def window(
    entries: Iterable[Entry],
    wanted: Wanted,
    show: Show,
    *,
    before: int | None = None,
    after: int | None = None,
    most: int = WINDOW,
) -> Window:
    """`entries` come as a journal gives them, the oldest first."""
    found: list[Shown] = []
    for shown in wanted.matching(_newest_first(entries, before, after), show):
        if len(found) == most:
            return Window(found, older=True)
        found.append(shown)
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
