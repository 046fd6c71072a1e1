"""Schemas of an OpenAPI 3.0 document, compiled once with jsonschema-rs, `$ref` kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from mockserver.core.errors import Breach, ConfigurationError


def compile_schema(schema: Mapping[str, Any], components: Mapping[str, Any]) -> jsonschema_rs.Draft4Validator:
    """A validator for one schema of a document; formats are checked. Raises ConfigurationError."""
    root = {"allOf": [_draft4(schema)], "components": _draft4(components)}
    try:
        return jsonschema_rs.Draft4Validator(root, validate_formats=True)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        where = "/".join(str(step) for step in getattr(error, "instance_path", ()))
        raise ConfigurationError(f"{where or 'a schema'}: {getattr(error, 'message', error)}") from None


def _draft4(node: Any) -> Any:
    """The same schema in JSON Schema draft 4, which knows no `nullable`."""
    if isinstance(node, list):
        return [_draft4(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    converted = {key: _draft4(value) for key, value in node.items()}
    if converted.get("nullable") is True and isinstance(converted.get("type"), str):
        converted["type"] = [converted["type"], "null"]
        if isinstance(converted.get("enum"), list) and None not in converted["enum"]:
            converted["enum"] = [*converted["enum"], None]
    return converted


_LIMITS = {
    "enum": "options",
    "minLength": "limit",
    "maxLength": "limit",
    "minimum": "limit",
    "maximum": "limit",
}


class BodyJudge:
    """Holds request bodies against the schema of one operation's body; of a wrong type nothing more is told."""

    def __init__(self, schema: Mapping[str, Any], components: Mapping[str, Any]) -> None:
        self._validator = compile_schema(schema, components)
        self.holds = self._validator.is_valid
        resolved = resolved_node(schema, components)
        order = [*resolved.get("required", []), *resolved.get("properties", {})]
        self._order = {name: order.index(name) for name in order}

    def breaches(self, payload: object) -> list[Breach]:
        found = [_breach(error, payload) for error in self._validator.iter_errors(payload)]
        mistyped = {breach.pointer for breach in found if breach.rule == "type"}
        told = [breach for breach in found if breach.rule == "type" or breach.pointer not in mistyped]
        return sorted(told, key=self._position)

    def _position(self, breach: Breach) -> int:
        return self._order.get(breach.pointer[0], len(self._order)) if breach.pointer else -1


def _breach(error: jsonschema_rs.ValidationError, payload: Any) -> Breach:
    """The value is the payload's own: the validator shows an infinite number as null."""
    pointer = tuple(str(step) for step in error.instance_path)
    rule = error.kind.name
    facts = error.kind.as_dict()
    if rule == "required":
        return Breach((*pointer, str(facts["property"])), rule)
    expected = " or ".join(facts["types"]) if rule == "type" else facts.get(_LIMITS.get(rule, ""))
    for step in error.instance_path:
        payload = payload[step]
    return Breach(pointer, rule, payload, expected)


def resolved_node(node: Mapping[str, Any], components: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node itself, or the component that it refers to in the end."""
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    target: Any = {"components": components}
    for step in reference.removeprefix("#/").split("/"):
        target = target[step]
    return resolved_node(target, components)
