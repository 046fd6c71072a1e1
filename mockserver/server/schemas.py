"""Schemas of an OpenAPI 3.0 document, compiled once with jsonschema-rs, `$ref` kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs

from mockserver.core.errors import Breach, ConfigurationError

COMPONENTS = "#/components/"


def compile_schema(schema: Mapping[str, Any], components: Mapping[str, Any]) -> jsonschema_rs.Draft4Validator:
    """A validator for one schema of a document; formats are checked. Raises ConfigurationError."""
    root = {"allOf": [_draft4(schema)], "components": _draft4(needed(schema, components))}
    try:
        return jsonschema_rs.Draft4Validator(root, validate_formats=True)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        where = "/".join(str(step) for step in getattr(error, "instance_path", ()))
        raise ConfigurationError(f"{where or 'a schema'}: {getattr(error, 'message', error)}") from None


def is_pattern(text: str) -> bool:
    """Whether a schema may have it as its `pattern`."""
    try:
        jsonschema_rs.Draft4Validator({"pattern": text})
    except jsonschema_rs.ValidationError:
        return False
    return True


def needed(node: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The components that a part of a document leads to: of a large one a few, and these alone are worth the work."""
    reached: dict[str, dict[str, Any]] = {}
    waiting = list(_references(node))
    while waiting:
        section, name = waiting.pop()
        found = reached.setdefault(section, {})
        if name not in found and name in components.get(section, ()):
            found[name] = components[section][name]
            waiting += _references(found[name])
    return reached


def _references(node: Any) -> Iterator[tuple[str, str]]:
    """Section and name of each component that is referred to, as it stands there or as what contains it."""
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(COMPONENTS):
            section, _, rest = reference.removeprefix(COMPONENTS).partition("/")
            yield section, unescaped(rest.partition("/")[0])
    for child in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _references(child)


def unescaped(step: str) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return step.replace("~1", "/").replace("~0", "~")


def _draft4(node: Any) -> Any:
    """The same schema in JSON Schema draft 4, which knows no `nullable`, and forbids what OpenAPI has no rule about:
    choices that are there twice, and exclusive limits without a limit."""
    if isinstance(node, list):
        return [_draft4(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    converted = {key: _draft4(value) for key, value in node.items()}
    choices = converted.get("enum")
    if isinstance(choices, list):
        converted["enum"] = list({json.dumps(choice): choice for choice in choices}.values())
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if limit not in converted and isinstance(converted.get(exclusive), bool):
            del converted[exclusive]
    if converted.get("nullable") is True and isinstance(converted.get("type"), str):
        converted["type"] = [converted["type"], "null"]
        if isinstance(choices, list) and None not in choices:
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
    """Holds request bodies against the schema of one operation's body; of a wrong type nothing more is told.

    The schema is compiled for the first body.
    """

    def __init__(self, schema: Mapping[str, Any], components: Mapping[str, Any]) -> None:
        self._schema = schema
        self._components = components

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft4Validator:
        return compile_schema(self._schema, self._components)

    @cached_property
    def holds(self) -> Callable[[object], bool]:
        """Whether a payload is what the schema wants: the validator's own method, so that asking is no call of ours."""
        return self._validator.is_valid

    @cached_property
    def _order(self) -> Mapping[str, int]:
        """The place of each property at the top."""
        resolved = resolved_node(self._schema, self._components)
        order = [*resolved.get("required", []), *resolved.get("properties", {})]
        return {name: order.index(name) for name in order}

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
        target = target[unescaped(step)]
    return resolved_node(target, components)
