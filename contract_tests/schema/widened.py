"""A document whose answers may say more than it knows.

incident.io promises to add properties and values of enums, and to change the form of ids, without notice (seed page,
"Compatibility"). What a request may say stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCHEMAS = "#/components/schemas/"
SUFFIX = "-answered"
RESERVED = ("enum", "pattern", "minLength", "maxLength", "additionalProperties", "discriminator")


def widened(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same document, with a wider copy of each schema that answers refer to."""
    components = document.get("components", {})
    schemas = components.get("schemas", {})
    copies = {f"{name}{SUFFIX}": _wide(schema) for name, schema in schemas.items()}
    answers = {name: _wide_answer(answer) for name, answer in components.get("responses", {}).items()}
    return {
        **document,
        "components": {**components, "schemas": {**schemas, **copies}, "responses": answers},
        "paths": {
            path: {
                method: {**operation, "responses": _wide_answers(operation["responses"])}
                if isinstance(operation, dict) and "responses" in operation
                else operation
                for method, operation in item.items()
            }
            for path, item in document["paths"].items()
        },
    }


def _wide_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {status: _wide_answer(answer) for status, answer in answers.items()}


def _wide_answer(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """A reference to an answer stays: what it refers to is wide itself."""
    if "content" not in answer:
        return answer
    content = {
        kind: {**media, "schema": _wide(media["schema"])} if "schema" in media else media
        for kind, media in answer["content"].items()
    }
    return {**answer, "content": content}


def _wide(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_wide(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        reference = schema["$ref"]
        return {"$ref": f"{reference}{SUFFIX}" if reference.startswith(SCHEMAS) else reference}
    wide = {}
    for name, value in schema.items():
        if name == "properties":
            wide[name] = {key: _wide(inner) for key, inner in value.items()}
        elif name in ("example", "examples", "default", "required"):
            wide[name] = value
        elif name not in RESERVED or isinstance(value, dict):
            # An object of named values goes on having values of that form.
            wide[name] = _wide(value)
    return wide
