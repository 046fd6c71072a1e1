"""One request on its way, as fault rules look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from mockserver.core import jsontext
from mockserver.core.errors import Refusal
from mockserver.core.exchange import Answer, Request
from mockserver.core.provider import Operation, Provider
from mockserver.core.sandbox import Sandbox
from mockserver.server.compiled import CompiledOperation

NO_JSON = object()


@dataclass(slots=True)
class Call:
    """One request on its way to what answers it; `compiled` is None for a path that nobody owns."""

    sandbox: Sandbox
    provider: Provider
    compiled: CompiledOperation | None
    path: Mapping[str, str]
    request: Request

    def honest(self) -> tuple[Answer, Refusal | None]:
        """What is answered when nothing goes wrong on purpose."""
        if self.compiled is None:
            return self.provider.unrouted(self.request), None
        return self.compiled.answer(self.sandbox, self.request, self.path)

    @property
    def operation(self) -> Operation | None:
        return None if self.compiled is None else self.compiled.operation


class Asked:
    """A call with what several rules want to know of it, worked out once and only if one does."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.request = call.request

    @cached_property
    def path(self) -> str:
        """Decoded, and without the prefix that chose the sandbox."""
        return unquote(self.request.path)

    @cached_property
    def payload(self) -> Any:
        """The body as JSON, NO_JSON if it is none."""
        try:
            return jsontext.parse(self.request.body)
        except ValueError:
            return NO_JSON
