"""The records of a sandbox as tables and pages: any frozen dataclass, shown by its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any

from mockserver.core.sandbox import World
from mockserver.server.redaction import REDACTED

PAGE = 100
COLUMNS = 6
# Fields that hold credentials. They are the fixtures' own, and still nothing to have on a screen.
SECRET_FIELDS = frozenset(["token", "tokens", "secret"])
# Collections whose very ids are credentials.
SECRET_COLLECTIONS = frozenset(["tokens"])
# Fields that say least about a record in one line.
_LAST = ("organization", "organisation", "slack_", "text", "markdown", "summary", "raw")

_NAMES = ("name", "username", "title")

Records = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Value:
    """One value, ready to be shown. `kind` is none, text, moment, link or list; `items` are a list's values.

    Where the text is the id of another record, `collection` is where that is and `name` what it is called there.
    """

    kind: str
    text: str = ""
    collection: str = ""
    items: tuple[Value, ...] = ()
    label: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Collections:
    """The collections of one vendor in one sandbox, as they are just now."""

    vendor: str
    records: Mapping[str, Records]

    @classmethod
    def of(cls, vendor: str, world: World) -> Collections:
        tables = world.store.snapshot()
        return cls(
            vendor, {name: table.records for name, table in tables.items() if name not in SECRET_COLLECTIONS}
        )

    def columns(self, collection: str) -> list[str]:
        """The fields that a table of this collection shows: those that tell records apart, first."""
        records = self.records[collection]
        if not records:
            return []
        names = _names(next(iter(records.values())))
        names.sort(key=lambda name: name.startswith(_LAST))
        return names[:COLUMNS]

    def rows(
        self, collection: str, columns: Sequence[str], text: str, page: int
    ) -> tuple[list[tuple[str, list[Value]]], int]:
        """A page of them, the newest first, and how many there are in all. `text` is looked for in every field."""
        found = [
            (key, record)
            for key, record in self.records[collection].items()
            if not text or text.casefold() in _searched(record)
        ]
        found.reverse()
        start = (page - 1) * PAGE
        return [
            (key, [self.value(name, getattr(record, name)) for name in columns])
            for key, record in found[start : start + PAGE]
        ], len(found)

    def fields(self, record: object) -> list[tuple[str, Value]]:
        return [(name, self.value(name, getattr(record, name))) for name in _names(record)]

    def value(self, name: str, content: Any) -> Value:
        if content is None or content in ("", (), {}):
            return Value("none")
        if name in SECRET_FIELDS:
            return Value("text", REDACTED)
        if isinstance(content, datetime):
            return Value("moment", content.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
        if isinstance(content, str):
            collection = "" if name == "id" else self._home(content)
            if not collection:
                return Value("text", content)
            return Value("link", content, collection, name=_name(self.records[collection][content]))
        if is_dataclass(content):
            return Value("list", items=tuple(self._labelled(_pairs(content))))
        if isinstance(content, Mapping):
            return Value(
                "list", items=tuple(self._labelled((str(key), item) for key, item in content.items()))
            )
        if isinstance(content, (tuple, list, set, frozenset)):
            return Value("list", items=tuple(self.value(name, item) for item in content))
        return Value("text", str(content).lower() if isinstance(content, bool) else str(content))

    def _labelled(self, pairs: Iterator[tuple[str, Any]]) -> Iterator[Value]:
        for name, content in pairs:
            value = self.value(name, content)
            yield replace(value, label=name)

    def _home(self, key: str) -> str:
        """The collection that holds a record of this id; empty if none does."""
        return next((name for name, records in self.records.items() if key in records), "")


def _name(record: object) -> str:
    """What a person calls it; empty where it has no name."""
    return str(next((name for field in _NAMES if (name := getattr(record, field, None))), ""))


def _names(record: object) -> list[str]:
    return [field.name for field in fields(record)] if is_dataclass(record) else []


def _pairs(record: Any) -> Iterator[tuple[str, Any]]:
    for name in _names(record):
        yield name, getattr(record, name)


def _searched(record: object) -> str:
    return " ".join(str(content) for name, content in _pairs(record) if name not in SECRET_FIELDS).casefold()
