"""Answers of operations that have no model: what their document shows, the same at every call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import orjson

from mockserver.core.exchange import Answer
from mockserver.core.provider import Provider
from mockserver.server.samples import Sampler
from mockserver.server.schemas import compile_schema, resolved_node

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Shown:
    """`media_type` is None where there is no body."""

    status: int
    media_type: str | None = None
    body: bytes = b""


class Example:
    """A handler. What it answers is looked for when it is first asked."""

    def __init__(
        self, provider: Provider, responses: Mapping[str, Any], components: Mapping[str, Any]
    ) -> None:
        self._provider = provider
        self._responses = responses
        self._components = components

    def __call__(self, visit: Any) -> Answer:
        shown = self._shown
        return self._provider.canned(visit, shown.status, shown.media_type, shown.body)

    @cached_property
    def _shown(self) -> Shown:
        status, response = _success(self._responses)
        content = resolved_node(response, self._components).get("content", {})
        if not content or status in (204, 304):
            return Shown(status)
        documented = JSON if JSON in content else next(iter(content))
        media_type = JSON if "*" in documented else documented
        value = self._value(content[documented], media_type)
        text = isinstance(value, str) and not _is_json(media_type)
        return Shown(status, media_type, value.encode() if text else _encoded(value))

    def _value(self, content: Mapping[str, Any], media_type: str) -> Any:
        """The first that the schema allows, and if it allows none of them the one that was made of all of it."""
        schema = content.get("schema", {})
        validator = compile_schema(schema if _is_json(media_type) else {}, self._components)
        candidates = chain(self._written(content, schema), self._made(schema))
        for value in candidates:
            if validator.is_valid(value):
                return value
        return Sampler(self._components).sample(schema)

    def _made(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        for sparse in (False, True):
            yield Sampler(self._components, sparse=sparse).sample(schema)

    def _written(self, content: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Any]:
        if "example" in content:
            yield content["example"]
        for node in content.get("examples", {}).values():
            example = resolved_node(node, self._components)
            if "value" in example:
                yield example["value"]
        resolved = resolved_node(schema, self._components)
        if "example" in resolved:
            yield resolved["example"]


def _success(responses: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    """The lowest status that says that all went well, else what goes for every status, else nothing."""
    for status in sorted(responses):
        if status[:1] == "2":
            return int(status) if status.isdecimal() else 200, responses[status]
    return 200, responses.get("default", {})


def _encoded(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        # A number of more than 64 bits.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _is_json(media_type: str) -> bool:
    bare = media_type.partition(";")[0].strip().lower()
    return bare == JSON or bare.endswith("+json")
