"""An entry made small enough to keep, and what it weighs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
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
# Of a record that is too long, this much of each text.
LONGEST_PART = 1_000
# What an entry (or a part of a refusal), a header and a change cost beside their texts, in bytes, roughly.
OVERHEAD = 1_500
OVERHEAD_OF_HEADER = 200
OVERHEAD_OF_CHANGE = 2_000
# In bytes: of a letter, at most.
WIDEST = 4
_SMALL = frozenset({int, float, bool, type(None), datetime})


def trim(entry: Entry) -> None:
    """Cuts what is too long, lets go of what nobody asks for, and weighs the rest.

    A weight is never less than it is: what came over HTTP has no letter of more than a byte, but for what is decoded.
    """
    request, answer = entry.request, entry.answer
    raw, headers = request.headers.raw, answer.headers
    head = (
        OVERHEAD
        + (len(raw) + len(headers)) * OVERHEAD_OF_HEADER
        + len(request.path) * (1 + WIDEST)
        + len(request.query)
        + len(request.method)
        + len(request.mount)
        + sum(map(len, chain.from_iterable((*raw, *headers))))
    )
    if (
        head > OVERHEAD + LONGEST_HEADER
        or len(request.body) > LARGEST_KEPT
        or len(answer.body) > LARGEST_KEPT
        or len(request.method) > LONGEST_METHOD
    ):
        cut = tuple(_long_parts(entry))
        if cut:
            _cut(entry)
            trim(entry)
            entry.cut = cut + entry.cut
            return
    entry.size = head + len(request.body) + len(answer.body)
    if entry.refusal is not None:
        _forget(entry.refusal)
        entry.size += _burden_of(entry.refusal)
    if entry.changes:
        burden = _burden_of_changes(entry.changes)
        if burden > LARGEST_KEPT:
            entry.cut = (*entry.cut, *_cut_changes(entry))
            burden = _burden_of_changes(entry.changes)
        entry.size += burden


def _long_parts(entry: Entry) -> Iterator[str]:
    request, answer = entry.request, entry.answer
    if len(request.method) > LONGEST_METHOD:
        yield "request.method"
    if len(request.path) > LONGEST_TARGET:
        yield "request.path"
    if len(request.query) > LONGEST_TARGET:
        yield "request.query"
    if _too_long(request.headers.raw):
        yield "request.headers"
    if len(request.body) > LARGEST_KEPT:
        yield "request.body"
    if _too_long(answer.headers):
        yield "answer.headers"
    if len(answer.body) > LARGEST_KEPT:
        yield "answer.body"


def _cut(entry: Entry) -> None:
    request, answer = entry.request, entry.answer
    raw, headers = request.headers.raw[:MOST_HEADERS], answer.headers[:MOST_HEADERS]
    entry.path = {name: value[:LONGEST_TARGET] for name, value in entry.path.items()}
    entry.request = Request(
        request.method[:LONGEST_METHOD],
        request.path[:LONGEST_TARGET],
        request.query[:LONGEST_TARGET],
        Headers([(name[:LONGEST_HEADER], value[:LONGEST_HEADER]) for name, value in raw]),
        request.body[:LARGEST_KEPT],
        request.oversized,
        request.mount,
    )
    entry.answer = Answer(
        answer.status,
        tuple((name[:LONGEST_HEADER], value[:LONGEST_HEADER]) for name, value in headers),
        answer.body[:LARGEST_KEPT],
    )


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
    return OVERHEAD + sum(OVERHEAD * len(part) for part in said) + _room_of(said) * WIDEST


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


def _cut_changes(entry: Entry) -> list[str]:
    whole = entry.changes
    entry.changes = tuple((name, tuple(map(_light, some[:MOST_CHANGES]))) for name, some in whole)
    return [] if entry.changes == whole else ["changes"]


def _light(change: Change) -> Change:
    return replace(change, before=_cut_record(change.before), after=_cut_record(change.after))


def _cut_record(record: Any) -> Any:
    """Long texts in part, long lists not at all."""
    if _room(record) <= LARGEST_KEPT:
        return record
    values = ((name, getattr(record, name)) for name in _names(record))
    long = {name: _cut_value(value) for name, value in values if _room_of(value) > LONGEST_PART}
    return replace(record, **long)


def _cut_value(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST_PART]
    return {} if isinstance(value, Mapping) else ()


def _burden_of_changes(changes: Iterable[tuple[str, Sequence[Change]]]) -> int:
    """Records are shared with the store as long as they are in it: an upper bound."""
    size = 0
    for _, some in changes:
        for change in some:
            size += OVERHEAD_OF_CHANGE
            if change.before is not None:
                size += _room(change.before) * WIDEST
            if change.after is not None:
                size += _room(change.after) * WIDEST
    return size


def _names(record: object) -> Iterable[str]:
    """The fields of a record, without making a list of them."""
    return getattr(record, "__dataclass_fields__", ())


def _room(record: object) -> int:
    """How many letters there are in a record; of every request that changes something it is asked twice."""
    size = 0
    for name in getattr(record, "__dataclass_fields__", ()):
        value = getattr(record, name)
        if type(value) is str:
            size += len(value)
        elif value and value.__class__ not in _SMALL:
            size += _room_of(value)
    return size


def _room_of(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, tuple):
        return sum(map(_room_of, value))
    if isinstance(value, Mapping):
        return sum(_room_of(key) + _room_of(inner) for key, inner in value.items())
    return _room(value)
