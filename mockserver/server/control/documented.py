"""Holds requests to the control API's own document, so that a mistake is told in one way, whosever endpoint it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.server import plainyaml
from mockserver.server.asgi import WHOLE
from mockserver.server.control.bodies import LARGEST
from mockserver.server.documents import METHODS
from mockserver.server.schemas import resolved_node

DOCUMENT = Path(__file__).with_name("openapi.yaml")
# Seconds for a whole body.
PATIENCE = 60.0


def load_control_document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = plainyaml.load(DOCUMENT)
    return document


@dataclass(frozen=True, slots=True)
class _Operation:
    """What is held of one operation. `query` has the values that a parameter may have, none where any may be right.
    `media_types` is empty where no body is read. What `is_page` for a browser reads its own query, then."""

    query: Mapping[str, Sequence[str]]
    media_types: tuple[str, ...]
    largest: int
    is_page: bool


class Documented:
    """Refuses what the document does not declare: methods, query parameters, media types, sizes.

    Paths that it does not have are nobody's, or the console's own, and go on; no request at all brings in more than its
    operation reads, or takes longer for it than `patience` seconds.
    """

    def __init__(
        self, app: ASGIApp, document: Mapping[str, Any], *, prefix: str, patience: float = PATIENCE
    ) -> None:
        self.app = app
        self._patience = patience
        self._resources = [
            (compile_path(prefix + path)[0], dict(_operations(document, item)))
            for path, item in document["paths"].items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        resource = self._resource(scope["path"])
        operation = None if resource is None else resource.get(scope["method"])
        problem = None
        if resource is not None and operation is None:
            problem = _not_allowed(scope["method"], resource)
        elif operation is not None:
            problem = _problem(operation, scope)
        if problem is not None:
            await JSONResponse({"error": problem.detail}, problem.status_code, problem.headers)(
                scope, receive, send
            )
            return
        largest = LARGEST if operation is None else operation.largest
        patience = None if scope.get(WHOLE) else self._patience
        await self.app(scope, _bounded(receive, largest, patience), send)

    def _resource(self, path: str) -> Mapping[str, _Operation] | None:
        """The first that fits: in the document, those with a name come before those with a parameter in its place."""
        for pattern, resource in self._resources:
            if pattern.fullmatch(path):
                return resource
        return None


def _operations(document: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[tuple[str, _Operation]]:
    components = document["components"]
    for method in METHODS:
        if method not in item:
            continue
        raw = item[method]
        declared = [*item.get("parameters", ()), *raw.get("parameters", ())]
        parameters = [resolved_node(parameter, components) for parameter in declared]
        body = raw.get("requestBody", {})
        operation = _Operation(
            query={
                parameter["name"]: resolved_node(parameter["schema"], components).get("enum", ())
                for parameter in parameters
                if parameter["in"] == "query"
            },
            media_types=tuple(body.get("content", ())),
            largest=body.get("x-largest-body", LARGEST),
            is_page="text/html" in raw["responses"].get("200", {}).get("content", ()),
        )
        yield method.upper(), operation
        if method == "get":
            yield "HEAD", operation


def _not_allowed(method: str, resource: Mapping[str, _Operation]) -> HTTPException:
    allowed = ", ".join(resource)
    return HTTPException(405, f"Method Not Allowed: {method}; allowed are {allowed}", {"Allow": allowed})


def _problem(operation: _Operation, scope: Scope) -> HTTPException | None:
    headers = Headers(scope=scope)
    if not (operation.is_page and "text/html" in headers.get("accept", "")):
        problem = _query_problem(operation, scope["query_string"])
        if problem is not None:
            return HTTPException(400, problem)
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 18 or int(length) > operation.largest):
        return _too_large(operation.largest)
    has_body = "transfer-encoding" in headers or length.strip("0") != ""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if operation.media_types and has_body and media_type not in operation.media_types:
        return HTTPException(415, f"the Content-Type must be {' or '.join(operation.media_types)}")
    return None


def _query_problem(operation: _Operation, query: bytes) -> str | None:
    seen = set()
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in operation.query:
            known = f"known are {', '.join(operation.query)}" if operation.query else "there is none here"
            return f"{name[:100]!r} is unknown; {known}"
        choices = operation.query[name]
        if choices and value not in choices:
            return f"{name!r} must be {' or '.join(choices)}"
        if name in seen:
            return f"{name!r} is given twice"
        seen.add(name)
    return None


def _too_large(largest: int) -> HTTPException:
    return HTTPException(413, f"no more than {largest} bytes are read here")


def _bounded(receive: Receive, largest: int, patience: float | None) -> Receive:
    """Raises HTTPException where whoever reads the body would be answered with it. `patience` of None never waits."""
    until = None if patience is None else asyncio.get_running_loop().time() + patience
    size = 0

    async def bounded() -> Message:
        nonlocal size, until
        message = await (receive() if until is None else _by(until, receive))
        size += len(message.get("body", b""))
        if size > largest:
            raise _too_large(largest)
        if not message.get("more_body", False):
            until = None  # What comes after it is the end of the connection, and may take its time.
        return message

    return bounded


async def _by(until: float, receive: Receive) -> Message:
    try:
        async with asyncio.timeout_at(until):
            return await receive()
    except TimeoutError:
        raise HTTPException(408, "the body was too long in coming") from None
