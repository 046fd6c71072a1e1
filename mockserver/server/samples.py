"""Values made from schemas: what an operation answers whose document shows no example. The same schema, the same value.

What an author wrote wins if the schema allows it: `example`, `default`, the first of an `enum`. A schema inside itself
ends with what it must have. A `pattern` is not followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from mockserver.server.schemas import compile_schema, resolved_node

TEXTS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uri-reference": "/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "byte": "dGV4dA==",
}
# A required property may lead to itself over other schemas without end.
DEEPEST = 32
# Schemas that lead to each other in many ways lead to more places than can be looked at: then what must be there will
# do.
MOST_PLACES = 20_000
Schema = Mapping[str, Any]


class Sampler:
    """Of the schemas of one document. `sparse` leaves out what need not be there."""

    def __init__(self, components: Mapping[str, Any], *, sparse: bool = False) -> None:
        self._components = components
        self._sparse = sparse
        self._left = MOST_PLACES

    def sample(self, schema: Schema, above: tuple[str, ...] = ()) -> Any:
        """`above` are the references that led here."""
        reference = schema.get("$ref")
        self._left -= 1
        if isinstance(reference, str):
            if len(above) > DEEPEST or self._left < 0:
                return None
            return self.sample(resolved_node(schema, self._components), (*above, reference))
        for written in ("example", "default"):
            if written in schema and self._allows(schema, schema[written]):
                return schema[written]
        if schema.get("enum"):
            return schema["enum"][0]
        if "allOf" in schema:
            return self._together(schema, above)
        for choice in ("oneOf", "anyOf"):
            if schema.get(choice):
                return self.sample(schema[choice][0], above)
        return self._of_type(schema, above)

    def _of_type(self, schema: Schema, above: tuple[str, ...]) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else None)
        match kind:
            case "object":
                return self._object(schema, above)
            case "array":
                return self._array(schema, above)
            case "string":
                return _text(schema)
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return True
        return None if schema.get("nullable") else {}

    def _together(self, schema: Schema, above: tuple[str, ...]) -> Any:
        """Objects are merged, of other kinds the last one counts."""
        own = {key: value for key, value in schema.items() if key != "allOf"}
        parts = [self.sample(part, above) for part in schema["allOf"]]
        if "properties" in own:
            parts.append(self.sample(own, above))
        merged: dict[str, Any] = {}
        for part in parts:
            if isinstance(part, dict):
                merged |= part
        return merged if all(isinstance(part, dict) for part in parts) else parts[-1]

    def _object(self, schema: Schema, above: tuple[str, ...]) -> dict[str, Any]:
        required = schema.get("required", ())
        return {
            name: self.sample(node, above)
            for name, node in schema.get("properties", {}).items()
            if not node.get("writeOnly") and (name in required or self._welcome(node, above))
        }

    def _welcome(self, node: Schema, above: tuple[str, ...]) -> bool:
        return not self._sparse and self._left > 0 and not self._inside_itself(node, above)

    def _array(self, schema: Schema, above: tuple[str, ...]) -> list[Any]:
        items = schema.get("items", {})
        least = schema.get("minItems", 0)
        if not items or schema.get("maxItems") == 0 or (least == 0 and self._inside_itself(items, above)):
            return []
        return [self.sample(items, above)] * max(1, least)

    def _allows(self, schema: Schema, written: Any) -> bool:
        """Examples of objects are copied by hand, and age."""
        if not isinstance(written, dict | list):
            return True
        return compile_schema(schema, self._components).is_valid(written)

    def _inside_itself(self, node: Schema, above: Sequence[str]) -> bool:
        """Also one step on, where a list or a map of it stands in between."""
        inner = (node, node.get("items"), node.get("additionalProperties"), *node.get("allOf", ()))
        return any(isinstance(part, Mapping) and part.get("$ref") in above for part in inner)


def _text(schema: Schema) -> str:
    text = TEXTS.get(schema.get("format", ""), "text")
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]


def _number(schema: Schema) -> int | float:
    step = schema.get("multipleOf", 1)
    least = schema.get("minimum", min(step, schema.get("maximum", step)))
    number = ceil(least / step) * step
    if schema.get("exclusiveMinimum") and number <= least:
        number += step
    return int(number) if schema.get("type") == "integer" else number
