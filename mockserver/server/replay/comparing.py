"""A recorded answer against the one that came: status, the headers that matter, the body place by place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.core import jsontext
from mockserver.server.replay.carry import Carry
from mockserver.server.replay.recording import RecordedResponse

# Of the connection, not of the answer; Content-Length is judged with the body.
_IGNORED = re.compile(
    r"date|server|via|connection|keep-alive|transfer-encoding|content-encoding|content-length"
)
# That they are there matters, what they say is volatile.
_VOLATILE = re.compile(
    r"retry-after|(x-)?ratelimit-(remaining|used|reset)|set-cookie|etag|last-modified|x-request-id"
)
# What a client acts upon. Others that the recording does not show may be a proxy's.
_TELLING = re.compile(
    r"allow|content-type|location|link|www-authenticate|strict-transport-security|retry-after|(x-)?ratelimit-.+"
)
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class _Absent:
    """Where one side has nothing at all."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer; a status of None where there was none, then `problem` says why. Header names in lower case."""

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """`place` is `status`, a header's name, or a path into the body such as `body.results[0].text`."""

    place: str
    expected: object
    seen: object


def compare(recorded: RecordedResponse, seen: Seen, carry: Carry) -> list[Difference]:
    """Every difference, in that order. `carry` learns from answers of the same status."""
    if recorded.status != seen.status:
        return list(_other_status(recorded, seen, carry))
    expected_headers = {name.lower(): (name, value) for name, value in recorded.headers.items()}
    found = list(_headers(expected_headers, seen.headers, carry))
    media_type = expected_headers.get("content-type", ("", ""))[1]
    found += _body(recorded.body.content or b"", seen.body, "json" in media_type.lower(), carry)
    return found


def _other_status(recorded: RecordedResponse, seen: Seen, carry: Carry) -> Iterator[Difference]:
    """The whole bodies, so that one sees why."""
    if seen.status is None:
        yield Difference("status", recorded.status, seen.problem)
        return
    yield Difference("status", recorded.status, seen.status)
    bodies = [_whole(recorded.body.content or b""), _whole(seen.body)]
    if bodies[0] != bodies[1]:
        yield Difference("body", _translated(bodies[0], carry), bodies[1])


def _headers(
    expected: Mapping[str, tuple[str, str]], seen: Mapping[str, str], carry: Carry
) -> Iterator[Difference]:
    for key, (name, value) in expected.items():
        if _IGNORED.fullmatch(key):
            continue
        if key not in seen:
            yield Difference(name, carry.translated(value), ABSENT)
        elif not _VOLATILE.fullmatch(key) and not carry.same(value, seen[key]):
            yield Difference(name, carry.translated(value), seen[key])
    for key, value in seen.items():
        if key not in expected and not _IGNORED.fullmatch(key) and _TELLING.fullmatch(key):
            yield Difference(key.title(), ABSENT, value)


def _body(expected: bytes, seen: bytes, is_json: bool, carry: Carry) -> Iterator[Difference]:
    left, right = _text(expected), _text(seen)
    if left is None or right is None:
        if expected != seen:
            yield Difference("body", _shown(expected), _shown(seen))
        return
    documents = _parsed(left) if is_json else ABSENT, _parsed(right)
    if documents[0] is ABSENT or documents[1] is ABSENT:
        if not carry.same(left, right):
            yield Difference("body", carry.translated(left), right)
        return
    found = list(_values("body", *documents, carry))
    yield from found
    if not found and carry.shapes.fixed_length(left) != carry.shapes.fixed_length(right):
        # The same values, but spelled otherwise: a space more, an escape less.
        yield Difference("Content-Length", len(expected), len(seen))


def _values(place: str, expected: Any, seen: Any, carry: Carry) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(seen, dict):
        yield from _objects(place, expected, seen, carry)
    elif isinstance(expected, list) and isinstance(seen, list):
        # Where an item is missing, those after it stand for others: nothing is to be learned from them.
        items = carry if len(expected) == len(seen) else carry.fork()
        for at in range(max(len(expected), len(seen))):
            yield from _values(f"{place}[{at}]", _item(expected, at), _item(seen, at), items)
    elif isinstance(expected, str) and isinstance(seen, str):
        if not (place.endswith(".request_id") or carry.same(expected, seen)):
            yield Difference(place, carry.translated(expected), seen)
    elif type(expected) is not type(seen) or expected != seen:
        yield Difference(place, _translated(expected, carry), seen)


def _objects(
    place: str, expected: Mapping[str, Any], seen: Mapping[str, Any], carry: Carry
) -> Iterator[Difference]:
    """The order of keys does not matter."""
    for key in [*expected, *(key for key in seen if key not in expected)]:
        yield from _values(f"{place}{_step(key)}", expected.get(key, ABSENT), seen.get(key, ABSENT), carry)


def _step(key: str) -> str:
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else f"[{key!r}]"


def _item(items: list[Any], at: int) -> Any:
    return items[at] if at < len(items) else ABSENT


def _translated(value: Any, carry: Carry) -> Any:
    if isinstance(value, str):
        return carry.translated(value)
    if isinstance(value, list):
        return [_translated(item, carry) for item in value]
    if isinstance(value, dict):
        return {key: _translated(item, carry) for key, item in value.items()}
    return value


def _text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _parsed(text: str) -> Any:
    """ABSENT where it is no JSON; None is a value."""
    try:
        return jsontext.parse(text)
    except ValueError:
        return ABSENT


def _whole(body: bytes) -> Any:
    text = _shown(body)
    document = _parsed(text)
    return text if document is ABSENT else document


def _shown(body: bytes) -> str:
    text = _text(body)
    return f"<{len(body)} bytes>" if text is None else text
