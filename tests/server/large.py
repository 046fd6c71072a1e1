"""A document as large as a vendor's whole one, with what such documents hold: written by a rule, not by a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from mockserver.server.documents import load_document, operations_of

RESOURCES = 84


def large_document() -> dict[str, Any]:
    """The shipped document of incident.io, and four operations for each of many resources that no model knows."""
    document = load_document("incident-io")
    document["x-webhooks"] = {
        "anything": {"x-nested": [{"example": {"$ref": "#/no/reference/but/an/example"}}]}
    }
    schemas = document["components"]["schemas"]
    for number in range(RESOURCES):
        name = f"Thing{number}"
        schemas[name] = thing(name)
        document["paths"] |= paths(name)
    # As the vendor spells its ids where its SDK is made.
    for _, _, operation in operations_of(document):
        operation["operationId"] = operation["operationId"].replace("_", "#")
    return document


def thing(name: str) -> dict[str, Any]:
    """A schema that holds itself, and a form of text that only libraries know."""
    return {
        "type": "object",
        "required": ["id", "name"],
        "x-docs-resource-type": "thing",
        "properties": {
            "id": {"type": "string", "example": f"01{name}"},
            "name": {"type": "string", "minLength": 1, "maxLength": 20},
            "kind": {"type": "string", "enum": ["small", "large"], "x-enum-varnames": ["Small", "Large"]},
            "made_at": {"type": "string", "format": "date-time"},
            "count": {"type": "integer", "format": "int64", "minimum": 3},
            "share": {"type": "number", "format": "double"},
            "parent": {"$ref": f"#/components/schemas/{name}"},
            "parts": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "blob": {"type": "string", "format": "binary"},
        },
    }


def paths(name: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{name}"}
    shown = {"application/json": {"schema": reference}}
    own = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    wanted = {
        "name": "filter",
        "in": "query",
        "style": "deepObject",
        "explode": True,
        "schema": {"type": "object"},
    }
    scopes = {"x-rbac-scopes": [f"{name}.view"]}

    def operation(verb: str, status: str, **more: Any) -> dict[str, Any]:
        return {
            "operationId": f"{name}_{verb}",
            "responses": {status: {"description": "d", **more.pop("of", {})}},
            **more,
        }

    return {
        f"/v9/{name}": {
            "get": operation("List", "200", of={"content": shown}, parameters=[wanted], **scopes),
            "post": operation(
                "Create",
                "201",
                of={"content": shown},
                requestBody={"required": True, "content": shown},
                **scopes,
            ),
        },
        f"/v9/{name}/{{id}}": {
            "get": operation("Show", "200", of={"content": shown}, parameters=[own], **scopes),
            "delete": operation("Delete", "204", parameters=[own], deprecated=True, **scopes),
        },
    }


def write(document: dict[str, Any], folder: Path, ending: str) -> Path:
    """A folder for `specs` with this document of incident.io."""
    (folder / "incident-io").mkdir(parents=True)
    text = json.dumps(document) if ending == "json" else yaml.dump(document, Dumper=yaml.CSafeDumper)
    (folder / "incident-io" / f"openapi.{ending}").write_text(text, "utf-8")
    return folder
