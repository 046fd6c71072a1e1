"""JSON as Python's own parser reads it, minus what is no JSON."""

from __future__ import annotations

import json
import re
from json.scanner import make_scanner
from typing import Any, NoReturn

DEEPEST = 200
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOO_DEEP = f"more than {DEEPEST} levels deep"


class TooDeep(ValueError):
    """Nested beyond DEEPEST."""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")


# Made once: `json.loads` makes them for every text.
_DECODER = json.JSONDecoder(parse_constant=_no_constant)
_SCAN = make_scanner(_DECODER)  # type: ignore[arg-type]  # a decoder is what it wants


def parse(sent: str | bytes) -> Any:
    """Raises ValueError with the parser's own words; NaN, infinities and nesting beyond DEEPEST are refused.

    The last of several equal keys wins. Strings may hold lone surrogates. Bytes are read as Go does
    (`decode_each_byte`).
    """
    try:
        text = sent if isinstance(sent, str) else sent.decode()
    except UnicodeDecodeError:
        text = decode_each_byte(sent)  # type: ignore[arg-type]  # a text needs no decoding
    try:
        # The parser's own core: the rest of it is for white space around a value, and for words about what is wrong.
        value, end = _SCAN(text, 0)
    except (StopIteration, ValueError, RecursionError):
        end = -1
    if end != len(text) and (end < 0 or text[end:].strip(" \t\n\r")):
        value = _parse_with_care(text)
    if text.count("[") + text.count("{") > DEEPEST and deeper_than(DEEPEST, value):
        raise TooDeep(_TOO_DEEP)
    return value


def _parse_with_care(text: str) -> Any:
    try:
        return json.loads(text) if text.startswith("\ufeff") else _DECODER.decode(text)
    except RecursionError:
        raise TooDeep(_TOO_DEEP) from None


def deeper_than(limit: int, value: Any) -> bool:
    """Whether lists and objects stand in each other more than `limit` times."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            inner
            for item in level
            if isinstance(item, list | dict)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return bool(level)


def decode_each_byte(body: bytes) -> str:
    """UTF-8 as Go reads it: every byte that belongs to no character becomes a U+FFFD of its own."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return _SURROGATE.sub("\ufffd", body.decode("utf-8", "surrogateescape"))


def surrogate(text: str) -> str | None:
    """The first lone surrogate in a text, if there is one."""
    found = _SURROGATE.search(text)
    return found.group() if found else None


def without_surrogates(value: Any) -> Any:
    """The same value with every lone surrogate, in keys too, replaced by U+FFFD."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return value
