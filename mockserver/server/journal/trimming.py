"""An entry made small enough to keep, and what it weighs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, zip_longest
from sys import getsizeof
from typing import Any

from mockserver.core.errors import Breach, Refusal
from mockserver.core.exchange import Answer, Headers, Request
from mockserver.core.store import Change
from mockserver.server.journal.entries import Entry

# In bytes; of a longer body this much is kept.
LARGEST_KEPT = 64 * 1024
LONGEST_TARGET = 8 * 1024
LONGEST_METHOD = 64
LONGEST_HEADER = 8 * 1024
MOST_HEADERS = 100
MOST_CHANGES = 100
MOST_BREACHES = 10
LONGEST_REASON = 200
# What an entry (or a part of a refusal), a header and a change cost beside their texts, in bytes, roughly.
OVERHEAD = 1_500
OVERHEAD_OF_HEADER = 80
OVERHEAD_OF_CHANGE = 2_000
# In bytes: of a letter, at most.
WIDEST = 4


def trim(entry: Entry) -> None:
    """Cuts what is too long, lets go of what nobody asks for, and weighs the rest."""
    cut: list[str] = []
    # What was worked out of the query takes many times its room, and is worked out again where it is needed.
    vars(entry.request).pop("arguments", None)
    size = _weight(entry)
    if size > LONGEST_HEADER:
        cut = list(_cut(entry))
        size = _weight(entry)
    if entry.refusal is not None:
        _forget(entry.refusal)
        size += _burden_of(entry.refusal)
    if entry.changes:
        whole = entry.changes
        entry.changes = tuple(
            (name, tuple(_light(change) for change in some[:MOST_CHANGES])) for name, some in whole
        )
        if any(
            a is not b
            for (_, kept), (_, some) in zip(entry.changes, whole, strict=True)
            for a, b in zip_longest(kept, some)
        ):
            cut.append("changes")
        size += sum(_burden(change) for _, some in entry.changes for change in some)
    entry.cut = tuple(cut)
    entry.size = size


def _weight(entry: Entry) -> int:
    request, answer = entry.request, entry.answer
    raw, headers = request.headers.raw, answer.headers
    texts = (request.method, request.mount, request.path, request.query, request.body, answer.body)
    return (
        OVERHEAD
        + (len(raw) + len(headers)) * OVERHEAD_OF_HEADER
        + sum(map(getsizeof, chain(texts, entry.path.values())))
        + sum(map(getsizeof, chain.from_iterable(chain(raw, headers))))
    )


def _cut(entry: Entry) -> Iterator[str]:
    """Yields the names of what was cut."""
    request, answer = entry.request, entry.answer
    raw, headers = request.headers.raw, answer.headers
    if len(request.method) > LONGEST_METHOD:
        yield "request.method"
    if len(request.path) > LONGEST_TARGET:
        yield "request.path"
        entry.path = {name: value[:LONGEST_TARGET] for name, value in entry.path.items()}
    if len(request.query) > LONGEST_TARGET:
        yield "request.query"
    if _too_long(raw):
        yield "request.headers"
        raw = [(name[:LONGEST_HEADER], value[:LONGEST_HEADER]) for name, value in raw[:MOST_HEADERS]]
    if len(request.body) > LARGEST_KEPT:
        yield "request.body"
    if _too_long(headers):
        yield "answer.headers"
        headers = tuple(
            (name[:LONGEST_HEADER], value[:LONGEST_HEADER]) for name, value in headers[:MOST_HEADERS]
        )
    if len(answer.body) > LARGEST_KEPT:
        yield "answer.body"
    entry.request = Request(
        request.method[:LONGEST_METHOD],
        request.path[:LONGEST_TARGET],
        request.query[:LONGEST_TARGET],
        Headers(raw),
        request.body[:LARGEST_KEPT],
        request.oversized,
        request.mount,
    )
    entry.answer = Answer(answer.status, headers, answer.body[:LARGEST_KEPT])


def _too_long(headers: Any) -> bool:
    return len(headers) > MOST_HEADERS or any(
        len(text) > LONGEST_HEADER for text in chain.from_iterable(headers)
    )


def _forget(refusal: Refusal) -> None:
    """What was on the stack when it was raised, and the parts of a body that it quotes."""
    refusal.__traceback__ = refusal.__context__ = refusal.__cause__ = None
    for name, value in vars(refusal).items():
        setattr(refusal, name, _short(value))
    refusal.args = tuple(_short(argument) for argument in refusal.args[:MOST_BREACHES])


def _burden_of(refusal: Refusal) -> int:
    said = (refusal.args, tuple(vars(refusal).values()))
    return OVERHEAD + sum(OVERHEAD * len(part) for part in said) + _room(said) * WIDEST


def _short(value: Any) -> Any:
    """Texts and numbers are kept, texts in part; of anything else its type alone."""
    if isinstance(value, str):
        return value[:LONGEST_REASON]
    if isinstance(value, Breach):
        pointer = tuple(step[:LONGEST_REASON] for step in value.pointer[:MOST_BREACHES])
        return replace(value, pointer=pointer, value=_short(value.value))
    if isinstance(value, tuple):
        return tuple(_short(item) for item in value[:MOST_BREACHES])
    if isinstance(value, dict | list):
        return type(value)()
    if isinstance(value, int) and value.bit_length() > LONGEST_REASON:
        return 0
    return value


def _light(change: Change) -> Change:
    before, after = _cut_record(change.before), _cut_record(change.after)
    if before is change.before and after is change.after:
        return change
    return replace(change, before=before, after=after)


def _cut_record(record: Any) -> Any:
    """Long texts in part, long lists not at all."""
    if record is None or _room(record) <= LARGEST_KEPT:
        return record
    values = ((name, getattr(record, name)) for name in _names(record))
    long = {name: _cut_value(value) for name, value in values if _room(value) > LARGEST_KEPT // MOST_HEADERS}
    return replace(record, **long)


def _cut_value(value: Any) -> Any:
    if isinstance(value, str):
        return value[: LARGEST_KEPT // MOST_HEADERS]
    return {} if isinstance(value, Mapping) else ()


def _names(record: object) -> Iterable[str]:
    """The fields of a record, without making a list of them."""
    return getattr(record, "__dataclass_fields__", ())


def _room(value: object) -> int:
    """How many letters there are in a record."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, tuple):
        return sum(map(_room, value)) if value else 0
    if isinstance(value, Mapping):
        return sum(_room(key) + _room(inner) for key, inner in value.items())
    return sum(_room(getattr(value, name)) for name in _names(value))


def _burden(change: Change) -> int:
    """Records are shared with the store as long as they are in it: an upper bound."""
    return OVERHEAD_OF_CHANGE + (_room(change.before) + _room(change.after)) * WIDEST
