"""What one process tells another of the requests it has answered: journal entries, deliveries, messages, as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from mockserver.core.errors import Breach, Refusal
from mockserver.core.exchange import Answer, Headers, Request
from mockserver.core.provider import Operation, Provider
from mockserver.core.store import Change
from mockserver.server.deliveries import Delivery
from mockserver.server.inbox import Received
from mockserver.server.journal.entries import Entry
from mockserver.server.shared.codec import Codec

Find = Callable[[Request], tuple[Provider, Operation | None, Mapping[str, str]]]


class ToldChange(msgspec.Struct, array_like=True):
    vendor: str
    collection: str
    key: str
    before: bytes | None
    after: bytes | None


class ToldEntry(msgspec.Struct, array_like=True):
    """Which operation it was follows from the request."""

    number: int
    sandbox: str
    at: datetime
    request: tuple[str, str, str, list[tuple[bytes, bytes]], bytes, bool, str]
    answer: tuple[int, list[tuple[str, str]], bytes]
    refusal: tuple[str, Any, Any] | None
    changes: list[ToldChange]
    fault: str | None
    took: float
    size: int
    cut: tuple[str, ...]


class Witness(msgspec.Struct, array_like=True):
    """All that one process remembers of one sandbox."""

    entries: list[ToldEntry] = []
    dropped: int = 0
    deliveries: list[Delivery] = []
    inbox: list[Received] = []


class Teller:
    """`find` is what a process makes of a request."""

    def __init__(self, codec: Codec, find: Find) -> None:
        self._codec = codec
        self._find = find

    def told(self, entry: Entry) -> ToldEntry:
        request, answer, refusal = entry.request, entry.answer, entry.refusal
        return ToldEntry(
            entry.number,
            entry.sandbox,
            entry.at,
            (
                request.method,
                request.path,
                request.query,
                list(request.headers.raw),
                request.body,
                request.oversized,
                request.mount,
            ),
            (answer.status, list(answer.headers), answer.body),
            None if refusal is None else (_name(type(refusal)), _plain(refusal.args), _plain(vars(refusal))),
            [
                ToldChange(vendor, change.collection, change.key, before, after)
                for vendor, changes in entry.changes
                for change in changes
                for before, after in [
                    (self._record(vendor, change, change.before), self._record(vendor, change, change.after))
                ]
            ],
            entry.fault,
            entry.took,
            entry.size,
            entry.cut,
        )

    def entry(self, told: ToldEntry) -> Entry:
        method, path, query, raw, body, oversized, mount = told.request
        request = Request(method, path, query, Headers(raw), body, oversized, mount)
        provider, operation, parameters = self._find(request)
        status, headers, content = told.answer
        changes: dict[str, list[Change]] = {}
        for vendor, change in self._changes(told):
            changes.setdefault(vendor, []).append(change)
        return Entry(
            number=told.number,
            sandbox=told.sandbox,
            at=told.at,
            provider=provider,
            operation=operation,
            path=parameters,
            request=request,
            answer=Answer(status, tuple(headers), content),
            refusal=None if told.refusal is None else _refusal(*told.refusal),
            changes=tuple((vendor, tuple(some)) for vendor, some in changes.items()),
            fault=told.fault,
            took=told.took,
            size=told.size,
            cut=told.cut,
        )

    def _record(self, vendor: str, change: Change, record: object) -> bytes | None:
        return None if record is None else self._codec.encode(vendor, change.collection, record)

    def _changes(self, told: ToldEntry) -> Iterator[tuple[str, Change]]:
        for change in told.changes:
            # A record that was too long to be kept whole may be none any more.
            with suppress(msgspec.ValidationError):
                before, after = (
                    None if record is None else self._codec.decode(change.vendor, change.collection, record)
                    for record in (change.before, change.after)
                )
                yield change.vendor, Change(change.collection, change.key, before, after)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _kinds(inner)


def _refusal(name: str, arguments: Any, said: Any) -> Refusal:
    kind = next((kind for kind in _kinds(Refusal) if _name(kind) == name), Refusal)
    refusal = kind.__new__(kind)
    refusal.args = _lively(arguments)
    vars(refusal).update(_lively(said))
    return refusal


def _plain(value: Any) -> Any:
    """A pair of what it is and how it is told; of what nobody knows here, what it calls itself."""
    match value:
        case None | bool() | float() | bytes() | datetime():
            return "value", value
        case int():
            return "int", str(value)
        case str():
            return "text", value.encode("utf-8", "surrogatepass")
        case tuple():
            return "tuple", [_plain(item) for item in value]
        case list():
            return "list", [_plain(item) for item in value]
        case dict():
            return "dict", [(_plain(key), _plain(item)) for key, item in value.items()]
        case Breach():
            parts = (value.pointer, value.rule, value.value, value.expected, value.where)
            return "breach", [_plain(part) for part in parts]
    return _plain(str(value))


def _lively(told: Any) -> Any:
    kind, value = told
    match kind:
        case "int":
            return int(value)
        case "text":
            return value.decode("utf-8", "surrogatepass")
        case "tuple":
            return tuple(map(_lively, value))
        case "list":
            return [_lively(item) for item in value]
        case "dict":
            return {_lively(key): _lively(item) for key, item in value}
        case "breach":
            return Breach(*map(_lively, value))
    return value
