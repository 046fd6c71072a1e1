"""Query parameters as the vendor's framework reads them: typed, with defaults, filters in brackets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mockserver.core.errors import Breach, Invalid
from mockserver.core.exchange import arguments_of
from mockserver.core.provider import QueryParameter

BOOLEANS = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}


def read_text(parameters: Sequence[QueryParameter], text: str) -> Mapping[str, Any]:
    """As `read`, of a query as it was sent; for nobody to write to."""
    return MappingProxyType(read(parameters, arguments_of(text)))


def read(parameters: Sequence[QueryParameter], arguments: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A value for each parameter: the first one given, the default, or None.

    A bracketed filter is a mapping from operator to values, `{"one_of": ["a", "b"]}`; one with two levels of brackets
    a mapping of mappings, `{"01ABC": {"one_of": ["a"]}}`. Parameters that the document does not know are ignored.
    Raises Invalid with every breach.
    """
    given: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, value in arguments:
        bare, *brackets = name.replace("]", "").split("[")
        given.setdefault(bare, []).append((tuple(brackets), value))
    values: dict[str, Any] = {}
    breaches: list[Breach] = []
    for parameter in parameters:
        found = given.get(parameter.name, [])
        if parameter.kind == "object":
            values[parameter.name] = _filter(found)
            continue
        texts = [value for brackets, value in found if not brackets]
        try:
            values[parameter.name] = _single(parameter, texts[0]) if texts else parameter.default
        except _Wrong as wrong:
            breaches.append(wrong.breach)
        if parameter.required and not texts:
            breaches.append(Breach((parameter.name,), "required", where="query"))
    if breaches:
        raise Invalid(breaches)
    return values


class _Wrong(Exception):
    def __init__(self, parameter: QueryParameter, rule: str, value: object, expected: object) -> None:
        super().__init__(rule)
        self.breach = Breach((parameter.name,), rule, value, expected, where="query")


def _single(parameter: QueryParameter, text: str) -> Any:
    if parameter.kind == "boolean":
        if text.lower() not in BOOLEANS:
            raise _Wrong(parameter, "type", text, "boolean")
        return BOOLEANS[text.lower()]
    if parameter.kind == "integer":
        return _integer(parameter, text)
    if parameter.choices and text not in parameter.choices:
        raise _Wrong(parameter, "enum", text, parameter.choices)
    return text


def _integer(parameter: QueryParameter, text: str) -> int:
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise _Wrong(parameter, "type", text, "integer")
    number = int(text)
    if parameter.minimum is not None and number < parameter.minimum:
        raise _Wrong(parameter, "minimum", number, parameter.minimum)
    if parameter.maximum is not None and number > parameter.maximum:
        raise _Wrong(parameter, "maximum", number, parameter.maximum)
    return number


def _filter(found: Sequence[tuple[tuple[str, ...], str]]) -> dict[str, Any]:
    """Brackets deeper than two, or none at all, say nothing that a filter could use."""
    operators: dict[str, Any] = {}
    for brackets, value in found:
        if len(brackets) == 1:
            level = operators
        elif len(brackets) == 2:
            level = operators.setdefault(brackets[0], {})
        else:
            continue
        values = level.setdefault(brackets[-1], []) if isinstance(level, dict) else None
        if isinstance(values, list):
            values.append(value)
    return operators
