"""Whole documents held against the schema of OpenAPI documents, in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from mockserver.server.schemas import compile_schema

_TYPED = ("type", "enum", "allOf", "anyOf", "oneOf")


class MetaSchema:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = jsonschema_rs.Draft4Validator(dict(schema))

    def fits(self, document: Mapping[str, Any]) -> bool:
        """Whether all is well, defaults included. What is doubtful does not fit: there may be nothing wrong with it."""
        if not self._validator.is_valid(document):
            return False
        components = document.get("components", {})
        return all(
            compile_schema(schema, components).is_valid(schema["default"])
            for schema in _with_default(document)
        )


def _with_default(node: Any) -> Iterator[Mapping[str, Any]]:
    """Whatever has a default and looks like a schema, examples included."""
    if isinstance(node, dict):
        if "default" in node and any(key in node for key in _TYPED):
            yield node
        for child in node.values():
            if isinstance(child, dict | list):
                yield from _with_default(child)
    elif isinstance(node, list):
        for child in node:
            yield from _with_default(child)
