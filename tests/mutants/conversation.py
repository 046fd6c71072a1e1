"""Somebody who talks to a mock in this process through a mutant, and keeps what was told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.mutant import Memory, Mutant, Raw
from mockserver.server.app import MockServer, create_server
from mockserver.server.settings import Settings

# What differs from one conversation to the next: ids of either vendor, times of today, ids of requests.
PASSING = re.compile(
    r"\b[PM][A-Z1-9]{12}\b|\b01[0-9A-HJKMNP-TV-Z]{24}\b|20[2-9]\d-\d\d-\d\dT[\d:.]+Z|(?<=\"request_id\":\")[\w-]{8}"
)


def fresh_mock() -> MockServer:
    return create_server(Settings(providers=("grafana-oncall", "incident-io"), seed=1, rate_factor=None))


class Different(Exception):
    """Something was told that was not expected; the rest need not be said."""


@dataclass
class Talk:
    """One client of a mutant, and what it was told, with ids and times by the order of their appearance."""

    mock: MockServer
    mutant: Mutant
    expected: list[str] | None = None
    memory: Memory = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    async def forward(self, asked: Asked) -> Answered:
        return await _call(self.mock, asked)

    async def say(
        self, method: str, target: str, body: Any = None, who: str = "meowmeowmeow", **headers: str
    ) -> Any:
        """The JSON of the answer, an empty object if there is none."""
        content = (
            body
            if isinstance(body, bytes)
            else b""
            if body is None
            else json.dumps(body, ensure_ascii=False).encode()
        )
        given = {"Host": "mock", "Content-Type": "application/json"} if content else {"Host": "mock"}
        given |= {"Content-Length": str(len(content))} if content else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"Authorization": who} if who else {}
        asked = Asked(method, target, tuple(given.items()), content)
        try:
            answered = await self.mutant.act(asked, self.forward, self.memory)
        except Raw as raw:
            self._hear(f"{method} {target}: {raw.sent!r}")
            return {}
        self._hear(f"{method} {target}: {answered!r}")
        try:
            return answered.json()
        except ValueError:
            return {}

    def _hear(self, line: str) -> None:
        self.told.append(
            PASSING.sub(lambda found: self.names.setdefault(found[0], f"<{len(self.names)}>"), line)
        )
        if self.expected is not None and self.expected[len(self.told) - 1] != self.told[-1]:
            raise Different


async def _call(mock: MockServer, asked: Asked) -> Answered:
    path, _, query = asked.target.partition("?")
    scope: MutableMapping[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in asked.headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 4010),
    }
    events: Iterator[MutableMapping[str, Any]] = iter(
        [{"type": "http.request", "body": asked.body, "more_body": False}]
    )
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return next(events)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await mock.app(scope, receive, send)
    headers = tuple(
        (name.decode("latin-1").title(), value.decode("latin-1")) for name, value in sent[0]["headers"]
    )
    return Answered(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))
