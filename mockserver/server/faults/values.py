"""The values that a person writes into a rule, each checked for what it has to be."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.core.errors import MockError

Where = tuple[str | int, ...]
LONGEST_TEXT = 1_000
MOST_TEXTS = 50
DEEPEST = 50
MOST_VALUES = 10_000


class Wrong(MockError):
    """A value that is not what its key wants; `where` leads to it."""

    def __init__(self, where: Where, problem: str) -> None:
        super().__init__(where, problem)
        self.where = where
        self.problem = problem

    def __str__(self) -> str:
        return f"{spelled(self.where)}: {self.problem}" if self.where else self.problem


def spelled(where: Where) -> str:
    """`rules[0].match.nth`; a key of somebody else's making is quoted."""
    text = ""
    for part in where:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("_", "").isalnum() and part.isascii():
            text += f".{part}" if text else part
        else:
            text += f"[{quoted(part)}]"
    return text


def quoted(value: object) -> str:
    """Short enough for a sentence, and without anything that a terminal or a log would act on."""
    text = ascii(value)
    return text if len(text) <= 100 else text[:99] + "…"


def mapping(value: object, where: Where, known: Sequence[str] = ()) -> Mapping[str, Any]:
    """Texts to anything; where keys are `known`, no other."""
    if not isinstance(value, dict):
        raise Wrong(where, "must be an object")
    for key in value:
        if not isinstance(key, str):
            raise Wrong(where, f"key {quoted(key)} is no text")
        if known and key not in known:
            close = difflib.get_close_matches(key[:LONGEST_TEXT], known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"
            raise Wrong((*where, key), f"is no key here{hint}")
    return value


def flag(value: object, where: Where) -> bool:
    if not isinstance(value, bool):
        raise Wrong(where, f"{quoted(value)} is neither true nor false")
    return value


def whole(value: object, where: Where, least: int, most: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Wrong(where, f"{quoted(value)} is no whole number from {least} to {most}")
    return value


def number(value: object, where: Where, least: float, most: float) -> float:
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or math.isnan(value)
        or not least <= value <= most
    ):
        raise Wrong(where, f"{quoted(value)} is no number from {least:.10g} to {most:.10g}")
    return float(value)


def text(value: object, where: Where) -> str:
    if not isinstance(value, str):
        raise Wrong(where, f"{quoted(value)} is no text")
    if len(value) > LONGEST_TEXT:
        raise Wrong(where, f"is longer than {LONGEST_TEXT} characters")
    return value


def texts(value: object, where: Where) -> Sequence[str]:
    """A text, or a list of some."""
    if not isinstance(value, list):
        return [text(value, where)]
    if not 0 < len(value) <= MOST_TEXTS:
        raise Wrong(where, f"must be a text, or a list of 1 to {MOST_TEXTS} texts")
    return [text(item, (*where, at)) for at, item in enumerate(value)]


def choice(value: object, where: Where, known: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise Wrong(where, f"{quoted(value)} is none of {', '.join(known)}")
    return value


def json(value: object, where: Where) -> None:
    """Anything that JSON can say, within bounds."""
    waiting: list[tuple[object, int]] = [(value, 0)]
    counted = 0
    while waiting:
        item, depth = waiting.pop()
        counted += 1
        if depth > DEEPEST or counted > MOST_VALUES:
            raise Wrong(where, f"is deeper than {DEEPEST} levels, or holds more than {MOST_VALUES} values")
        if isinstance(item, list):
            waiting += [(inner, depth + 1) for inner in item]
        elif isinstance(item, dict):
            if not all(isinstance(key, str) for key in item):
                raise Wrong(where, "has a key that is no text")
            waiting += [(inner, depth + 1) for inner in item.values()]
        elif not isinstance(item, str | int | float | bool | None) or (
            isinstance(item, float) and not math.isfinite(item)
        ):
            raise Wrong(where, f"{quoted(item)} is no JSON")
