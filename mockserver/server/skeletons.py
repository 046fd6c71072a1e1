"""Answers without their records: what is left to hold against the document once each record has been held itself.

A record's place in an answer is a `$ref` to the schema of its kind. In a skeleton there stands the mark of that schema
and nothing else (`core.views.mark_of`), so that a record of another kind, or none, is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mockserver.core.views import mark_of

SCHEMAS = "#/components/schemas/"
MARKED = "x-marked"


Schema = Mapping[str, Any]
# Of a list: what one mark in the place of all records says nothing of.
COUNTING = ("minItems", "maxItems", "uniqueItems")


def skeleton(schema: Schema, components: Schema, kept: Collection[str]) -> tuple[Schema, Schema] | None:
    """The schema with marks in the places of these schemas, and the schemas that it still needs, as components. None
    where a list of records has limits of its own."""
    schemas = components.get("schemas", {})
    needed: dict[str, Any] = {}
    bare = _marked(schema, kept)
    waiting = list(_references(bare))
    while waiting:
        name = waiting.pop()
        if name not in needed and name in schemas:
            needed[name] = _marked(schemas[name], kept)
            waiting += _references(needed[name])
    if any(_counts(node) for node in (bare, *needed.values())):
        return None
    return bare, {"schemas": needed}


def _counts(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(_counts, node))
    if not isinstance(node, Mapping):
        return False
    items = node.get("items")
    if isinstance(items, Mapping) and MARKED in items and any(limit in node for limit in COUNTING):
        return True
    return any(map(_counts, node.values()))


def _marked(node: Any, kept: Collection[str]) -> Any:
    if isinstance(node, list):
        return [_marked(item, kept) for item in node]
    if not isinstance(node, Mapping):
        return node
    name = _name(node)
    if name in kept:
        return {"enum": [mark_of(name)], MARKED: True}
    return {key: _marked(value, kept) for key, value in node.items()}


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for item in node for name in _references(item)]
    if not isinstance(node, Mapping):
        return []
    name = _name(node)
    return [name] if name else [found for value in node.values() for found in _references(value)]


def _name(node: Mapping[str, Any]) -> str:
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith(SCHEMAS):
        return reference.removeprefix(SCHEMAS)
    return ""
