"""A request's query, held against the parameters that the document has for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.server.compiled import pointer
from mockserver.server.journal.contract import DocumentedOperation, Parameter
from mockserver.server.schemas import resolved_node

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
# Deeper ones are no filter.
_BRACKETS = re.compile(r"([^\[\]]*)((?:\[[^\[\]]*\]){0,4})")


def breaches_of_query(
    documented: DocumentedOperation, pairs: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Kind, message and JSON pointer of each. A filter in brackets is one parameter, `status[one_of]=…`."""
    given: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, value in pairs:
        whole = _BRACKETS.fullmatch(name)
        bare, brackets = (whole[1], whole[2]) if whole and documented.query(name) is None else (name, "")
        given.setdefault(bare, []).append((tuple(re.findall(r"\[([^\[\]]*)\]", brackets)), value))
    for name, values in given.items():
        parameter, where = documented.query(name), pointer("request", "query", name)
        if parameter is None:
            yield "undocumented-parameter", f"{documented.id} has no query parameter {name!r}", where
            continue
        if parameter.deprecated:
            yield "deprecated-parameter", f"the query parameter {name!r} is deprecated", where
        yield from (
            ("parameter", f"query parameter {name!r}: {problem}", where)
            for problem in _problems(parameter, values, documented.components)
        )
    for (place, name), parameter in documented.parameters.items():
        if place == "query" and parameter.required and name not in given:
            yield (
                "missing-parameter",
                f"{documented.id} wants the query parameter {name!r}",
                pointer("request", "query", name),
            )


def _problems(
    parameter: Parameter, values: list[tuple[tuple[str, ...], str]], components: Mapping[str, Any]
) -> Iterator[str]:
    if parameter.kind == "object":
        value = _in_brackets(parameter.schema, values, components)
        if value is None:
            yield f"is written in brackets, {parameter.name}[…]=…"
            return
    else:
        if any(brackets for brackets, _ in values):
            yield "has no brackets"
            return
        texts = [text for _, text in values]
        value = _typed(parameter.schema, texts, components)
    for error in parameter.validator.iter_errors(value):
        yield error.message


def _in_brackets(
    schema: Mapping[str, Any], values: list[tuple[tuple[str, ...], str]], components: Mapping[str, Any]
) -> Any:
    """The object that the brackets spell; None where they spell none."""
    grouped: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for brackets, text in values:
        if not brackets:
            return None
        grouped.setdefault(brackets[0], []).append((brackets[1:], text))
    found: dict[str, Any] = {}
    for name, below in grouped.items():
        inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
        inner = resolved_node(inner, components) if isinstance(inner, Mapping) else {}
        if all(brackets and brackets != ("",) for brackets, _ in below):
            found[name] = _in_brackets(inner, below, components)
        else:
            found[name] = _typed(inner, [text for _, text in below], components)
    return found


def _typed(schema: Mapping[str, Any], texts: list[str], components: Mapping[str, Any]) -> Any:
    """What the texts say, as the schema's type; a text that says no such thing stays one."""
    kind = schema.get("type", "string")
    if kind == "array":
        items = resolved_node(schema.get("items", {}), components)
        return [_typed(items, [text], components) for text in texts]
    text = texts[-1]
    if kind in ("integer", "number") and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
