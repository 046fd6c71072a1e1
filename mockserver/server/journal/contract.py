"""What the documents promise of an operation, compiled when somebody looks for the first time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from mockserver.core.provider import Operation
from mockserver.server.compiled import DocumentedResponses
from mockserver.server.schemas import compile_schema, resolved_node

Document = Mapping[str, Any]
# An extension of ours: further forms that a vendor reads every body in, though the schemas are those of JSON.
ALSO_CONSUMES = "x-also-consumes"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    schema: Mapping[str, Any]
    validator: jsonschema_rs.Draft4Validator
    required: bool
    deprecated: bool

    @property
    def kind(self) -> str:
        return str(self.schema.get("type", "object" if "properties" in self.schema else "string"))


@dataclass(frozen=True, slots=True)
class Content:
    schema: Mapping[str, Any]
    validator: jsonschema_rs.Draft4Validator


class DocumentedOperation:
    """One operation of a document. `also_consumes` are media types that the vendor reads beside those of `content`."""

    def __init__(self, document: Document, item: Mapping[str, Any], raw: Mapping[str, Any]) -> None:
        self.components: Mapping[str, Any] = document.get("components", {})
        self.id = str(raw.get("operationId", ""))
        self.deprecated = bool(raw.get("deprecated"))
        self.parameters = {
            (place, parameter.name): parameter
            for place, parameter in self._parameters(
                [*item.get("parameters", ()), *raw.get("parameters", ())]
            )
        }
        body = resolved_node(raw.get("requestBody", {}), self.components)
        self.body_required = bool(body.get("required"))
        self.content = {
            media_type.lower(): self._content(content.get("schema", {}))
            for media_type, content in body.get("content", {}).items()
        }
        self.also_consumes = frozenset(document.get(ALSO_CONSUMES, ()))
        self.responses = DocumentedResponses(self.id, raw.get("responses", {}), self.components)
        self.credential = self._credential(document, raw.get("security", document.get("security", ())))

    def query(self, name: str) -> Parameter | None:
        return self.parameters.get(("query", name))

    def _parameters(self, declared: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Parameter]]:
        """A later one takes the place of an earlier one of the same name."""
        for node in declared:
            raw = resolved_node(node, self.components)
            schema = resolved_node(raw.get("schema", {}), self.components)
            yield (
                raw["in"],
                Parameter(
                    name=raw["name"],
                    schema=schema,
                    validator=compile_schema(schema, self.components),
                    required=bool(raw.get("required")),
                    deprecated=bool(raw.get("deprecated") or schema.get("deprecated")),
                ),
            )

    def _content(self, schema: Mapping[str, Any]) -> Content:
        return Content(schema, compile_schema(schema, self.components))

    def _credential(
        self, document: Document, security: Sequence[Mapping[str, Any]]
    ) -> tuple[str, str] | None:
        """The header that every way in wants, and the scheme before its value ("" for none); else None."""
        wanted = set()
        schemes = self.components.get("securitySchemes", {})
        for alternative in security:
            for name in alternative or ("",):
                scheme = schemes.get(name, {})
                if scheme.get("type") == "http":
                    wanted.add(("authorization", str(scheme.get("scheme", "")).lower()))
                elif scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                    wanted.add((str(scheme["name"]).lower(), ""))
                else:
                    return None
        return wanted.pop() if len(wanted) == 1 else None


class Contracts:
    """The documents of a server."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._documents = documents
        self._compiled: dict[tuple[str, str, str], DocumentedOperation | None] = {}

    def of(self, provider: str, operation: Operation) -> DocumentedOperation | None:
        """None for what is answered though no document mentions it. HEAD goes by the document of GET."""
        method = "get" if operation.method == "HEAD" else operation.method.lower()
        key = (provider, operation.path, method)
        if key not in self._compiled:
            document = self._documents[provider]
            item = document["paths"].get(operation.path, {})
            raw = item.get(method)
            self._compiled[key] = DocumentedOperation(document, item, raw) if raw is not None else None
        return self._compiled[key]
