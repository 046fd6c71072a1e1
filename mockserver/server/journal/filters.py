"""Which entries somebody asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from mockserver.core.errors import MockError
from mockserver.server.journal.entries import Entry
from mockserver.server.journal.showing import Shown

USUAL = 100
MOST = 1_000
LONGEST = 1_024
_ID = re.compile(r"r(\d{1,15})", re.ASCII)
_STATUS = re.compile(r"0|[1-5](\d\d|[xX][xX])", re.ASCII)
_LIMIT = re.compile(r"\d{1,4}", re.ASCII)
KEYS = ("provider", "operation", "method", "path", "status", "contains", "fault", "matched", "after", "limit")


class BadFilter(MockError):
    """One sentence."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`operation`, `path` and `fault` may hold `*` and `?`. `status` is a number, or a class such as 4xx.

    An answer that nobody got has the status 0. `contains` is looked for in what is shown of path, query and bodies,
    in any case. `after` is the number of an entry. At most `limit` entries are wanted, the last ones.
    """

    provider: str | None = None
    operation: str | None = None
    method: str | None = None
    path: str | None = None
    status: str | None = None
    contains: str | None = None
    fault: str | None = None
    matched: bool | None = None
    after: int = 0
    limit: int = USUAL

    @classmethod
    def read(cls, given: Iterable[tuple[str, str]], usual: int = USUAL) -> Filter:
        """From a query's pairs; `usual` is the limit where none is given.

        Raises BadFilter for what is unknown, given twice or makes no sense.
        """
        texts: dict[str, str] = {}
        for key, value in given:
            if key not in KEYS:
                raise BadFilter(f"{key!r} is unknown; known are {', '.join(KEYS)}")
            if key in texts:
                raise BadFilter(f"{key!r} is given twice")
            if len(value) > LONGEST:
                raise BadFilter(f"{key!r} is longer than {LONGEST} letters")
            texts[key] = value
        number = _ID.fullmatch(texts.pop("after", "r0"))
        if number is None:
            raise BadFilter("'after' must be the id of an entry, such as r17")
        return cls(
            **_texts(texts),
            matched=_truth(texts.get("matched")),
            after=int(number[1]),
            limit=_limit(texts["limit"]) if "limit" in texts else usual,
        )

    def admits(self, entry: Entry) -> bool:
        """What can be said without showing the entry."""
        status = str(entry.answer.status)
        operation = None if entry.operation is None or entry.unmatched else entry.operation.id
        return (
            entry.number > self.after
            and self.provider in (None, entry.provider.name)
            and (self.method is None or self.method.upper() == entry.request.method.upper())
            and (self.matched is None or self.matched != entry.unmatched)
            and (self.status is None or _of_class(self.status, status))
            and _is_like(self.operation, operation)
            and _is_like(self.fault, entry.fault)
        )

    def admits_shown(self, shown: Shown) -> bool:
        """The rest: nobody is to find out about a credential by looking for parts of it."""
        if not _is_like(self.path, shown.path):
            return False
        if self.contains is None:
            return True
        wanted = self.contains.lower()
        texts = (shown.path, shown.query, shown.request_body.text, shown.answer_body.text)
        return any(wanted in text.lower() for text in texts if text)

    @property
    def looks_inside(self) -> bool:
        return self.path is not None or self.contains is not None

    def last(self, newest_first: Iterable[Entry], show: Callable[[Entry], Shown]) -> list[Shown]:
        """The last entries that are wanted, the oldest of them first; no more are shown than need be."""
        found = list(islice(self.every(newest_first, show), self.limit))
        return found[::-1]

    def every(self, entries: Iterable[Entry], show: Callable[[Entry], Shown]) -> Iterable[Shown]:
        for entry in entries:
            if self.admits(entry):
                shown = show(entry)
                if self.admits_shown(shown):
                    yield shown

    def count(self, entries: Iterable[Entry], show: Callable[[Entry], Shown]) -> int:
        if not self.looks_inside:
            return sum(map(self.admits, entries))
        return sum(1 for _ in self.every(entries, show))


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    status = texts.get("status")
    if status is not None and not _STATUS.fullmatch(status):
        raise BadFilter("'status' must be a number from 100 to 599, a class such as 4xx, or 0 for no answer")
    return {key: value for key, value in texts.items() if key not in ("matched", "limit")}


def _truth(text: str | None) -> bool | None:
    if text not in (None, "true", "false"):
        raise BadFilter("'matched' must be true or false")
    return None if text is None else text == "true"


def _limit(text: str) -> int:
    if not (_LIMIT.fullmatch(text) and 1 <= int(text) <= MOST):
        raise BadFilter(f"'limit' must be a number from 1 to {MOST}")
    return int(text)


def _of_class(wanted: str, status: str) -> bool:
    return wanted == status or (wanted[1:].lower() == "xx" and wanted[0] == status[0])


def _is_like(pattern: str | None, text: str | None) -> bool:
    return pattern is None or (text is not None and (pattern == text or fnmatchcase(text, pattern)))
