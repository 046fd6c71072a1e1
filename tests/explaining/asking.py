"""Requests by the hundred, each with the rule that is expected to have decided."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mockserver.core.exchange import Headers, Request


@dataclass(frozen=True)
class Row:
    """`rule` is the first of those that the explanation is to name. A `body` is sent as JSON, bytes as they are."""

    method: str
    target: str
    status: int
    rule: str
    body: Any = None
    who: str | None = "somebody"
    headers: tuple[tuple[str, str], ...] = ()
    before: tuple[Request, ...] = ()
    quirks: bool = False

    @property
    def name(self) -> str:
        return f"{self.status} {self.rule}: {self.method} {self.target} {self.body!r:.80} as {self.who}"


def request(
    method: str,
    target: str,
    body: Any = None,
    who: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Request:
    path, _, query = target.partition("?")
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    given = list(headers)
    if content and not any(name == "content-type" for name, _ in headers):
        given.append(("content-type", "application/json"))
    if who is not None:
        given.append(("authorization", who))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in given]
    return Request(method, path, query, Headers(raw), content)
