"""What a document declares of an operation, as plain facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from mockserver.core.provider import Handler, Operation, QueryParameter
from mockserver.server.examples import JSON, Example
from mockserver.server.schemas import BodyJudge, resolved_node


class Resolved(Protocol):
    """An operation as Connexion resolves it: its references are gone."""

    @property
    def operation_id(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def function(self) -> Handler: ...
    @property
    def security(self) -> Sequence[Any] | None: ...
    @property
    def parameters(self) -> Sequence[Mapping[str, Any]]: ...


def declared(
    operation: Resolved, path: str, item: Mapping[str, Any], components: Mapping[str, Any]
) -> Operation:
    """Schemas come from the document itself, `item` being what it has at this path: there `$ref` still stands."""
    raw = item[operation.method]
    modelled = not isinstance(operation.function, Example)
    body = resolved_node(raw.get("requestBody", {}), components)
    schema = body.get("content", {}).get(JSON, {}).get("schema")
    return Operation(
        id=operation.operation_id,
        method=operation.method.upper(),
        path=path,
        handler=operation.function,
        secured=bool(operation.security),
        scopes=tuple(raw.get("x-rbac-scopes", ())),
        rate_limit=raw.get("x-rate-limit"),
        path_parameters=tuple(
            parameter["name"] for parameter in operation.parameters if parameter["in"] == "path"
        ),
        query=tuple(_query_parameters(operation.parameters)),
        judge=BodyJudge(schema, components) if schema is not None else None,
        body_required=modelled or body.get("required", False),
        modelled=modelled,
    )


def _query_parameters(parameters: Sequence[Mapping[str, Any]]) -> Iterator[QueryParameter]:
    for parameter in parameters:
        if parameter["in"] == "query":
            schema = parameter.get("schema", {})
            yield QueryParameter(
                name=parameter["name"],
                kind=schema.get("type", "string"),
                required=parameter.get("required", False),
                choices=tuple(schema.get("enum", ())),
                minimum=schema.get("minimum"),
                maximum=schema.get("maximum"),
                default=schema.get("default"),
            )
