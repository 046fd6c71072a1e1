"""What a deployment says beyond its document: properties and enum values that a vendor may add without notice.

incident.io promises to add these (seed page, "Compatibility"); they are told as news and fail nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from contract_tests.exchange import Exchange

Schema = Mapping[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
BRANCHES = ("allOf", "oneOf", "anyOf")
DEPTH = 20  # of an answer; documents may refer to themselves


class Additions:
    """Holds answers against the documents. `base` is the path of the target's address."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]], base: str = "") -> None:
        self._documents = documents
        self._base = base.rstrip("/")
        self._operations = [
            (method.upper(), _pattern(path), path, provider, operation)
            for provider, document in documents.items()
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        ]
        # The more literal template first: /a/count before /a/{id}.
        self._operations.sort(key=lambda entry: entry[2].count("{"))

    def of(self, exchange: Exchange) -> Iterator[str]:
        """Each addition in one line, with list indexes left out."""
        answered = exchange.answered
        if answered is None or "json" not in (answered.header("Content-Type") or ""):
            return
        path = exchange.asked.path.removeprefix(self._base)
        for method, pattern, template, provider, operation in self._operations:
            if method == exchange.asked.method and pattern.fullmatch(path):
                schema = self._answer_schema(provider, operation, answered.status)
                try:
                    body = answered.json() if schema else None
                except ValueError:
                    return
                for found in _walk(body, schema, self._documents[provider], "", 0):
                    yield f"{method} {template} {answered.status}: {found}"
                return

    def _answer_schema(self, provider: str, operation: Mapping[str, Any], status: int) -> Schema:
        responses = operation.get("responses", {})
        answer = responses.get(str(status)) or responses.get("default") or {}
        resolved = _resolved(answer, self._documents[provider])
        schema: Schema = resolved.get("content", {}).get("application/json", {}).get("schema", {})
        return schema


def _walk(value: Any, schema: Schema, document: Mapping[str, Any], where: str, depth: int) -> Iterator[str]:
    if depth > DEPTH or value is None:
        return
    parts = list(_parts(schema, document, 0))
    enums = [part["enum"] for part in parts if "enum" in part]
    if enums and not isinstance(value, dict | list) and not any(value in enum for enum in enums):
        yield f"{where or 'the answer'} is {value!r}, a value that the document does not have"
    if isinstance(value, dict):
        yield from _properties(value, parts, document, where, depth)
    elif isinstance(value, list):
        for items in [part["items"] for part in parts if isinstance(part.get("items"), dict)][:1]:
            for item in value:
                yield from _walk(item, items, document, f"{where}[]", depth + 1)


def _properties(
    value: Mapping[str, Any], parts: list[Schema], document: Mapping[str, Any], where: str, depth: int
) -> Iterator[str]:
    declared: dict[str, Schema] = {}
    for part in parts:
        declared |= part.get("properties", {})
    open_ended = not declared or any(isinstance(part.get("additionalProperties"), dict) for part in parts)
    for name, inner in value.items():
        if name in declared:
            yield from _walk(inner, declared[name], document, f"{where}.{name}" if where else name, depth + 1)
        elif not open_ended:
            yield f"{where + '.' if where else ''}{name} is a property that the document does not have"


def _parts(schema: Schema, document: Mapping[str, Any], depth: int) -> Iterator[Schema]:
    """The schema and everything that it is combined of."""
    if depth > DEPTH:
        return
    schema = _resolved(schema, document)
    yield schema
    for branch in BRANCHES:
        for part in schema.get(branch, ()):
            yield from _parts(part, document, depth + 1)


def _resolved(node: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(DEPTH):
        if "$ref" not in node:
            return node
        found: Any = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/").replace("~0", "~")]
        node = found
    return {}


def _pattern(path: str) -> re.Pattern[str]:
    literal = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in literal))
