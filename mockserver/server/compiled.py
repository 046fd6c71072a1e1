"""Operations as they run: everything that depends only on the document is done when these are made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import orjson

from mockserver.core.errors import Refusal
from mockserver.core.exchange import Answer, Request
from mockserver.core.provider import Operation, Provider
from mockserver.core.sandbox import Sandbox
from mockserver.server.complaints import Complain, ContractBreach, refuse
from mockserver.server.schemas import compile_schema, resolved_node
from mockserver.server.skeletons import SCHEMAS, skeleton

JSON = ("Content-Type", "application/json")


class CompiledOperation:
    """One operation of one provider, ready to answer.

    `responses` is what the document promises, or None to send answers unchecked; `complain` is told what breaks that.
    """

    __slots__ = ("complain", "operation", "provider", "responses")

    def __init__(
        self,
        provider: Provider,
        operation: Operation,
        responses: DocumentedResponses | None = None,
        complain: Complain = refuse,
    ) -> None:
        self.provider = provider
        self.operation = operation
        self.responses = responses
        self.complain = complain

    def answer(
        self, sandbox: Sandbox, request: Request, path: Mapping[str, str]
    ) -> tuple[Answer, Refusal | None]:
        """One path for good and bad requests: the vendor's checks in the vendor's order, then the operation.

        Beside the answer stands why it is a refusal, if it is one.
        """
        provider, operation = self.provider, self.operation
        visit = provider.visit(operation, request, path, sandbox.worlds[provider.name])
        refused = None
        try:
            for check in operation.checks:
                check(visit)
            answer = operation.handler(visit)
        except Refusal as refusal:
            answer = provider.refuse(visit, refusal)
            # Whoever keeps the refusal does not want everything that was on the stack.
            refused = refusal.with_traceback(None)
        if self.responses is not None:
            try:
                self.responses.hold(answer)
            except ContractBreach as breach:
                self.complain(breach)
        answer.told = None
        return answer, refused


@dataclass(slots=True)
class _Promise:
    """What the document says of one status: the headers that must be there, a validator for each media type, and one
    for JSON answers without their records."""

    headers: frozenset[str]
    content: Mapping[str, jsonschema_rs.Draft4Validator]
    skeleton: jsonschema_rs.Draft4Validator | None


class DocumentedResponses:
    """The answers that the document promises for one operation; each status is compiled when it is first answered.

    `kept` are the schemas whose records are held against them one by one (`core.views`).
    """

    def __init__(
        self,
        operation_id: str,
        responses: Mapping[str, Any],
        components: Mapping[str, Any],
        kept: Collection[str] = (),
    ) -> None:
        self._operation_id = operation_id
        self._responses = {status.upper(): response for status, response in responses.items()}
        self._components = components
        self._kept = kept
        self._promises: dict[int, _Promise] = {}

    def hold(self, answer: Answer) -> None:
        """Records that have been held already are not read again. Raises ContractBreach."""
        promise = self._promises.get(answer.status) or self._promise(answer.status)
        if (
            answer.told is not None
            and promise.skeleton is not None
            and not promise.headers
            and JSON in answer.headers
            and promise.skeleton.is_valid(answer.told)
        ):
            return
        self.hold_whole(answer)

    def hold_whole(self, answer: Answer) -> None:
        """The answer as it goes out, to the last byte. Raises ContractBreach."""
        promise = self._promises.get(answer.status) or self._promise(answer.status)
        for name in promise.headers - {name.lower() for name, _ in answer.headers}:
            raise ContractBreach(
                f"{self._operation_id}: {answer.status} lacks the header {name}", "header", f"/headers/{name}"
            )
        declared = dict(answer.headers).get("Content-Type", "").partition(";")[0]
        if not promise.content and not answer.body:
            return
        validator = promise.content.get(declared)
        if validator is None:
            raise ContractBreach(
                f"{self._operation_id}: {answer.status} is not documented as {declared or 'empty'}",
                "content-type",
                "/headers/content-type",
            )
        try:
            body = orjson.loads(answer.body) if declared == JSON[1] else answer.body.decode()
        except ValueError as error:
            raise ContractBreach(
                f"{self._operation_id}: {answer.status} is no {declared}: {error}", "body", "/body"
            ) from None
        if validator.is_valid(body):
            return
        raise _breach_of_body(f"{self._operation_id}: {answer.status}", validator, body)

    def _promise(self, status: int) -> _Promise:
        documented = (str(status), f"{status // 100}XX", "DEFAULT")
        name = next((name for name in documented if name in self._responses), None)
        if name is None:
            raise ContractBreach(
                f"{self._operation_id}: status {status} is not documented", "status", "/status"
            )
        response = resolved_node(self._responses[name], self._components)
        headers = response.get("headers", {}).items()
        schemas = {
            media_type: content.get("schema", {})
            for media_type, content in response.get("content", {}).items()
        }
        known = self._components.get("schemas", {}).keys() & set(self._kept)
        bare = skeleton(schemas[JSON[1]], self._components, known) if JSON[1] in schemas else None
        promise = self._promises[status] = _Promise(
            frozenset(
                name.lower()
                for name, header in headers
                if resolved_node(header, self._components).get("required")
            ),
            {media_type: compile_schema(schema, self._components) for media_type, schema in schemas.items()},
            None if bare is None else compile_schema(*bare),
        )
        return promise


class Held:
    """Records held against the schemas of their documents as they are told, each schema compiled when it is first
    needed."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]], complain: Complain = refuse) -> None:
        self._documents = documents
        self._complain = complain
        self._compiled: dict[tuple[str, str], jsonschema_rs.Draft4Validator | None] = {}

    def hold(self, provider_name: str, schema: str, value: object) -> None:
        key = provider_name, schema
        if key not in self._compiled:
            self._compiled[key] = self._compile(provider_name, schema)
        validator = self._compiled[key]
        if validator is None or validator.is_valid(value):
            return
        self._complain(_breach_of_body(schema, validator, value))

    def _compile(self, provider_name: str, schema: str) -> jsonschema_rs.Draft4Validator | None:
        """None where somebody's own document has no schema of this name: their answers are held as a whole."""
        components = self._documents[provider_name].get("components", {})
        if schema not in components.get("schemas", {}):
            return None
        return compile_schema({"$ref": SCHEMAS + schema}, components)


def _breach_of_body(whose: str, validator: jsonschema_rs.Draft4Validator, body: object) -> ContractBreach:
    wrong = next(iter(validator.iter_errors(body)))
    return ContractBreach(
        f"{whose}: {wrong.message} at {wrong.instance_path}",
        "body",
        pointer("body", *wrong.instance_path),
        rule=f"{whose}: {pointer(*wrong.schema_path)}",
    )


def pointer(*steps: str | int) -> str:
    """RFC 6901."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
