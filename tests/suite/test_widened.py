from __future__ import annotations

from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate

from contract_tests.mocks import running_mock
from contract_tests.schema.widened import widened

THING = {
    "type": "object",
    "required": ["id", "state"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Z]+$", "maxLength": 4},
        "state": {"type": "string", "enum": ["open", "closed"]},
        "part": {"$ref": "#/components/schemas/Part"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
PART = {"type": "object", "properties": {"kind": {"type": "string", "enum": ["a"]}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things": {
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
                },
                "responses": {
                    "200": {
                        "description": "One",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "404": {"$ref": "#/components/responses/None"},
                },
            }
        }
    },
    "components": {
        "schemas": {"Thing": THING, "Part": PART},
        "responses": {
            "None": {
                "description": "None",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Part"}}},
            }
        },
    },
}


def fits(answer: Any, name: str = "Thing-answered") -> bool:
    schemas = widened(DOCUMENT)["components"]["schemas"]
    root = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    return bool(OAS30Validator(root).is_valid(answer))


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "A", "state": "open"},
        {"id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "state": "open"},
        {"id": "A", "state": "half-open"},
        {"id": "A", "state": "open", "colour": "red"},
        {"id": "A", "state": "open", "part": {"kind": "z", "more": 1}},
    ],
)
def test_what_a_vendor_may_add_fits(answer: Any) -> None:
    assert fits(answer)


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "A"},
        {"id": 5, "state": "open"},
        {"id": "A", "state": 5},
        {"id": "A", "state": "open", "part": {"kind": 5}},
        {"id": "A", "state": "open", "labels": {"a": 5}},
    ],
)
def test_what_a_vendor_may_not_change_does_not_fit(answer: Any) -> None:
    assert not fits(answer)


def test_requests_are_held_to_the_document_as_it_was() -> None:
    wide = widened(DOCUMENT)
    asked = wide["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert asked == {"$ref": "#/components/schemas/Thing"}
    assert wide["components"]["schemas"]["Thing"] == THING


def test_the_answers_refer_to_the_wider_copies_and_the_document_is_still_one() -> None:
    wide = widened(DOCUMENT)
    answered = wide["paths"]["/things"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answered == {"$ref": "#/components/schemas/Thing-answered"}
    none = wide["components"]["responses"]["None"]["content"]["application/json"]["schema"]
    assert none == {"$ref": "#/components/schemas/Part-answered"}
    validate(wide)


def test_the_served_document_is_still_one_when_it_is_wider() -> None:
    with running_mock() as url:
        validate(widened(httpx.get(f"{url}/_mock/openapi/incident-io").json()))
