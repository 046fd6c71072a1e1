from __future__ import annotations

from typing import Any

import pytest

from mockserver.core.errors import Breach, ConfigurationError
from mockserver.server.schemas import BodyJudge, compile_schema, needed

COMPONENTS = {
    "schemas": {
        "Body": {
            "type": "object",
            "required": ["b", "a"],
            "properties": {
                "a": {"type": "string", "example": "x"},
                "b": {"type": "integer"},
                "example": {"type": "string", "nullable": True, "enum": ["x"]},
                "inner": {"$ref": "#/components/schemas/Body"},
            },
        }
    }
}


def breaches(payload: object) -> list[Breach]:
    return BodyJudge({"$ref": "#/components/schemas/Body"}, COMPONENTS).breaches(payload)


def test_a_body_that_fits_has_no_breach() -> None:
    assert breaches({"a": "x", "b": 1, "inner": {"a": "y", "b": 2}, "unknown": []}) == []


def test_breaches_stand_in_the_order_of_the_required_properties() -> None:
    assert breaches({}) == [Breach(("b",), "required"), Breach(("a",), "required")]


def test_a_breach_names_place_rule_value_and_what_was_expected() -> None:
    assert breaches({"a": 5, "b": 1, "inner": {"a": "x", "b": "y"}}) == [
        Breach(("a",), "type", 5, "string"),
        Breach(("inner", "b"), "type", "y", "integer"),
    ]


def test_a_body_of_another_kind_breaks_at_its_root() -> None:
    assert breaches([]) == [Breach((), "type", [], "object")]


def test_nullable_is_understood_and_a_property_called_example_is_no_example() -> None:
    assert breaches({"a": "x", "b": 1, "example": None}) == []
    assert [breach.pointer for breach in breaches({"a": "x", "b": 1, "example": "y"})] == [("example",)]


@pytest.mark.parametrize(
    "schema, right, wrong",
    [
        ({"enum": ["a", "b", "a"]}, ["b", "a"], ["c"]),
        ({"type": "string", "enum": ["a", "a"], "nullable": True}, ["a", None], ["b"]),
        ({"enum": [1, True, 1]}, [1, True], [0, False]),
        ({"type": "integer", "exclusiveMinimum": True}, [-5, 5], ["5"]),
        ({"type": "integer", "exclusiveMaximum": True, "maximum": 5}, [4], [5]),
        (
            {"type": "object", "properties": {"exclusiveMinimum": {"type": "string"}}},
            [{}],
            [{"exclusiveMinimum": 1}],
        ),
    ],
)
def test_what_openapi_allows_and_draft_4_does_not_is_compiled_all_the_same(
    schema: dict[str, Any], right: list[Any], wrong: list[Any]
) -> None:
    validator = compile_schema(schema, {})
    assert [validator.is_valid(value) for value in right] == [True] * len(right)
    assert [validator.is_valid(value) for value in wrong] == [False] * len(wrong)


def test_of_the_components_those_are_compiled_that_the_schema_leads_to() -> None:
    components = {
        "schemas": {
            "A/1": {"$ref": "#/components/schemas/B"},
            "B": {
                "items": {"$ref": "#/components/schemas/A~11"},
                "x": {"$ref": "#/components/headers/C/schema"},
            },
            "D": {"$ref": "#/components/schemas/A~11"},
        },
        "headers": {"C": {"schema": {}}},
    }
    reached = needed({"allOf": [{"$ref": "#/components/schemas/A~11"}]}, components)
    assert {section: list(found) for section, found in reached.items()} == {
        "schemas": ["A/1", "B"],
        "headers": ["C"],
    }
    assert compile_schema({"$ref": "#/components/schemas/A~11"}, components).is_valid([[]])


def test_a_schema_is_compiled_for_the_first_body() -> None:
    judge = BodyJudge({"type": "nothing"}, {})
    with pytest.raises(ConfigurationError):
        judge.breaches({})


def test_formats_are_checked() -> None:
    validator = compile_schema({"type": "string", "format": "date-time"}, {})
    assert validator.is_valid("2020-06-19T12:37:01.430444Z")
    assert not validator.is_valid("abc123")


def test_nullable_references_and_recursion_compile() -> None:
    tree: dict[str, Any] = {
        "schemas": {"Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}
    }
    assert compile_schema({"$ref": "#/components/schemas/Tree"}, tree).is_valid([[], [[]]])


def test_limits_and_choices_are_told_with_what_they_are() -> None:
    schema = {
        "type": "object",
        "properties": {
            "choice": {"enum": ["a", "b"]},
            "short": {"maxLength": 1},
            "long": {"minLength": 3},
            "few": {"maximum": 3},
            "many": {"minimum": 3},
        },
    }
    payload = {"choice": "c", "short": "ab", "long": "a", "few": 4, "many": 2}
    found = BodyJudge(schema, {}).breaches(payload)
    assert [(breach.rule, breach.expected) for breach in found] == [
        ("enum", ["a", "b"]),
        ("maxLength", 1),
        ("minLength", 3),
        ("maximum", 3),
        ("minimum", 3),
    ]


def test_of_a_value_of_the_wrong_type_nothing_more_is_told() -> None:
    judge = BodyJudge({"properties": {"a": {"type": "string", "enum": ["x"]}}}, {})
    assert [breach.rule for breach in judge.breaches({"a": 5})] == ["type"]
    assert [breach.rule for breach in judge.breaches({"a": "y"})] == ["enum"]
