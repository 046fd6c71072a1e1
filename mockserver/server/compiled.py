"""Operations as they run: everything that depends only on the document is done when these are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import orjson

from mockserver.core.errors import Refusal
from mockserver.core.exchange import Answer, Request
from mockserver.core.provider import Operation, Provider
from mockserver.core.sandbox import Sandbox
from mockserver.server.schemas import compile_schema, resolved_node


class ContractBreach(Exception):
    """The mock gave an answer that its own document does not allow: a defect of the mock.

    `kind` is `status`, `header`, `content-type` or `body`; `where` a JSON pointer into the answer.
    """

    def __init__(self, message: str, kind: str, where: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.where = where


class CompiledOperation:
    """One operation of one provider, ready to answer.

    `responses` is what the document promises, or None to send answers unchecked.
    """

    __slots__ = ("operation", "provider", "responses")

    def __init__(
        self, provider: Provider, operation: Operation, responses: DocumentedResponses | None
    ) -> None:
        self.provider = provider
        self.operation = operation
        self.responses = responses

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
            self.responses.hold(answer)
        return answer, refused


class DocumentedResponses:
    """The answers that the document promises for one operation, compiled."""

    def __init__(
        self, operation_id: str, responses: Mapping[str, Any], components: Mapping[str, Any]
    ) -> None:
        self._operation_id = operation_id
        self._content: dict[str, dict[str, jsonschema_rs.Draft4Validator]] = {}
        self._headers: dict[str, set[str]] = {}
        for status, response in responses.items():
            resolved = resolved_node(response, components)
            self._content[status.upper()] = {
                media_type: compile_schema(content.get("schema", {}), components)
                for media_type, content in resolved.get("content", {}).items()
            }
            self._headers[status.upper()] = {
                name.lower()
                for name, header in resolved.get("headers", {}).items()
                if resolved_node(header, components).get("required")
            }

    def hold(self, answer: Answer) -> None:
        """Raises ContractBreach."""
        documented = (str(answer.status), f"{answer.status // 100}XX", "DEFAULT")
        status = next((status for status in documented if status in self._content), None)
        if status is None:
            raise ContractBreach(
                f"{self._operation_id}: status {answer.status} is not documented", "status", "/status"
            )
        for name in self._headers[status] - {name.lower() for name, _ in answer.headers}:
            raise ContractBreach(
                f"{self._operation_id}: {answer.status} lacks the header {name}", "header", f"/headers/{name}"
            )
        content = self._content[status]
        declared = dict(answer.headers).get("Content-Type", "").partition(";")[0]
        if not content and not answer.body:
            return
        validator = content.get(declared)
        if validator is None:
            raise ContractBreach(
                f"{self._operation_id}: {answer.status} is not documented as {declared or 'empty'}",
                "content-type",
                "/headers/content-type",
            )
        try:
            body = orjson.loads(answer.body) if declared == "application/json" else answer.body.decode()
        except ValueError as error:
            raise ContractBreach(
                f"{self._operation_id}: {answer.status} is no {declared}: {error}", "body", "/body"
            ) from None
        for wrong in validator.iter_errors(body):
            raise ContractBreach(
                f"{self._operation_id}: {answer.status}: {wrong.message} at {wrong.instance_path}",
                "body",
                pointer("body", *wrong.instance_path),
            )


def pointer(*steps: str | int) -> str:
    """RFC 6901."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
