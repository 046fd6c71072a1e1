from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mockserver.providers import REGISTRY
from mockserver.server.documents import load_document
from mockserver.server.samples import DEEPEST, Sampler
from mockserver.server.schemas import compile_schema
from tests.server.large import thing

COMPONENTS = {
    "schemas": {
        "Tree": {
            "type": "object",
            "required": ["left"],
            "properties": {"left": {"$ref": "#/components/schemas/Leaf"}},
        },
        "Leaf": {
            "type": "object",
            "required": ["tree"],
            "properties": {"tree": {"$ref": "#/components/schemas/Tree"}},
        },
        "Thing": thing("Thing"),
    }
}


def sample(**schema: Any) -> Any:
    return Sampler(COMPONENTS).sample(schema)


@pytest.mark.parametrize("provider", REGISTRY)
def test_of_every_schema_that_is_shipped_a_value_is_made_that_it_allows(provider: str) -> None:
    components = load_document(provider)["components"]
    for name, schema in components["schemas"].items():
        made = Sampler(components).sample(schema)
        if name == "TimeFilter":  # whose members exclude each other
            made = Sampler(components, sparse=True).sample(schema)
        broken = compile_schema(schema, components).iter_errors(made)
        # A list of users says no more than that its items are none; why, a user alone says.
        assert {error.kind.name for error in broken} <= {"pattern", "anyOf"}, (name, made)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 9, "maxLength": 9},
        *(
            {"type": "string", "format": name}
            for name in ("date-time", "date", "email", "uuid", "ipv4", "ipv6", "uri")
        ),
        {"type": "integer", "minimum": 7, "exclusiveMinimum": True, "multipleOf": 5},
        {"type": "integer", "maximum": -3},
        {"type": "number", "minimum": 0.5, "multipleOf": 0.25},
        {"type": "array", "minItems": 2, "items": {"type": "boolean"}},
        {"type": "array", "maxItems": 0, "items": {"type": "string"}},
        {"type": "array"},
        {"type": "string", "enum": ["b", "a"]},
        {"nullable": True},
        {},
        {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        {
            "allOf": [
                {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
                {"type": "object", "required": ["b"], "properties": {"b": {"type": "integer"}}},
            ],
            "required": ["c"],
            "properties": {"c": {"type": "boolean"}},
        },
        {"allOf": [{"type": "string"}]},
        {"$ref": "#/components/schemas/Thing"},
    ],
)
def test_a_value_that_is_made_of_a_schema_fits_it_and_is_the_same_every_time(
    schema: Mapping[str, Any],
) -> None:
    made = Sampler(COMPONENTS).sample(schema)
    assert compile_schema(schema, COMPONENTS).is_valid(made)
    assert Sampler(COMPONENTS).sample(schema) == made


def test_what_an_author_wrote_wins() -> None:
    assert sample(type="string", example="e", default="d", enum=["d", "e", "f"]) == "e"
    assert sample(type="string", default="d", enum=["f", "d"]) == "d"


def test_an_example_that_its_schema_does_not_allow_is_passed_over() -> None:
    assert sample(type="array", items={"type": "string"}, example=[1], default=["d"]) == ["d"]


def test_a_sparse_value_has_what_it_must_have() -> None:
    made = Sampler(COMPONENTS, sparse=True).sample({"$ref": "#/components/schemas/Thing"})
    assert made == {"id": "01Thing", "name": "text"}


def test_what_is_only_ever_written_is_not_shown() -> None:
    assert sample(type="object", properties={"password": {"type": "string", "writeOnly": True}}) == {}


def test_what_holds_itself_ends_where_it_may_and_somewhere_where_it_may_not() -> None:
    made = sample(**{"$ref": "#/components/schemas/Thing"})
    assert made.keys() == {"id", "name", "kind", "made_at", "count", "share", "labels", "blob"}
    depth, node = 0, sample(**{"$ref": "#/components/schemas/Tree"})
    while node is not None:
        node, depth = next(iter(node.values())), depth + 1
    assert depth == DEEPEST + 1


def test_schemas_that_lead_to_each_other_in_many_ways_come_to_an_end() -> None:
    names = [f"S{number}" for number in range(16)]
    every = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    schema = {"type": "object", "required": names, "properties": every}
    made = Sampler({"schemas": dict.fromkeys(names, schema)}).sample(schema)
    assert set(made) == set(names)
