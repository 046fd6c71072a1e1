"""Fields of a request body that the document does not know, or wants no more, however deep they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mockserver.server.schemas import resolved_node

Schema = Mapping[str, Any]
Components = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    steps: tuple[str | int, ...]
    kind: Literal["unknown", "deprecated"]


def findings(
    schemas: Sequence[Schema], value: object, components: Components, steps: tuple[str | int, ...] = ()
) -> Iterator[Finding]:
    """`schemas` all apply to the value, or are alternatives for it: a field is known if one of them knows it."""
    branches = [branch for schema in schemas for branch in _branches(schema, components)]
    if isinstance(value, dict):
        known = [branch for branch in branches if "properties" in branch]
        open_ended = not known or any(_admits_more(branch) for branch in branches)
        for name, inner in value.items():
            below = [branch["properties"][name] for branch in known if name in branch["properties"]]
            if below:
                if all(resolved_node(schema, components).get("deprecated") for schema in below):
                    yield Finding((*steps, name), "deprecated")
                yield from findings(below, inner, components, (*steps, name))
            elif not open_ended:
                yield Finding((*steps, name), "unknown")
            else:
                others = [
                    branch["additionalProperties"] for branch in branches if _has_schema_for_more(branch)
                ]
                if others:
                    yield from findings(others, inner, components, (*steps, name))
    elif isinstance(value, list):
        items = [branch["items"] for branch in branches if "items" in branch]
        for at, inner in enumerate(value if items else ()):
            yield from findings(items, inner, components, (*steps, at))


def _branches(schema: Schema, components: Components) -> Iterator[Schema]:
    resolved = resolved_node(schema, components)
    yield resolved
    for keyword in ("allOf", "anyOf", "oneOf"):
        for inner in resolved.get(keyword, ()):
            yield from _branches(inner, components)


def _has_schema_for_more(branch: Schema) -> bool:
    return isinstance(branch.get("additionalProperties"), Mapping)


def _admits_more(branch: Schema) -> bool:
    return branch.get("additionalProperties") is True or _has_schema_for_more(branch)
