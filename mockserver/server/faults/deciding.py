"""Which fault, if any, has a hand in a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from mockserver.core.errors import Refusal
from mockserver.core.exchange import Answer, Request
from mockserver.core.provider import Provider
from mockserver.core.sandbox import Sandbox
from mockserver.server.compiled import CompiledOperation
from mockserver.server.faults.effects import Effect


@dataclass(frozen=True, slots=True)
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


class Fault(Protocol):
    """One decision about one request."""

    @property
    def id(self) -> str:
        """Of the rule that decided."""

    @property
    def effect(self) -> Effect | None: ...

    def answer(self, call: Call) -> tuple[Answer, Refusal | None]: ...


class Faults:
    """The fault rules of one sandbox. False while there are none."""

    def __bool__(self) -> bool:
        return False

    def decide(self, call: Call) -> Fault | None:
        return None
