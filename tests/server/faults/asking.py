"""Short ways to set rules and to send requests that meet them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from mockserver.core.exchange import Headers, Request
from mockserver.server.app import MockServer
from mockserver.server.engine import Reply

ONCALL = {"Authorization": "meowmeowmeow"}
INCIDENT_IO = {"Authorization": "Bearer inc-test-key"}
LIST = "/api/v1/postmortems/"
INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
IMPORT = f"/v2/incidents/{INCIDENT}/actions/import_postmortem_document"
NEW = {"alert_group_id": "IQUIET1PAGE11", "text": "new"}
DOCUMENT = {"title": "INC-123", "content": "text"}


def rule(client: httpx.Client, act: Mapping[str, Any], **match: Any) -> dict[str, Any]:
    """Adds a rule to the default sandbox."""
    answer = client.post("/_mock/faults", json={"match": match, "act": act})
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    return added


def mistake(client: httpx.Client, **body: Any) -> str:
    """The sentence that refuses a rule."""
    answer = client.post("/_mock/faults", json=body)
    assert answer.status_code == 400, answer.text
    sentence: str = answer.json()["error"]
    return sentence


def listed(client: httpx.Client) -> httpx.Response:
    return client.get(LIST, headers=ONCALL)


def created(client: httpx.Client) -> httpx.Response:
    return client.post(LIST, headers=ONCALL, json=NEW)


def imported(client: httpx.Client, **document: Any) -> httpx.Response:
    return client.post(IMPORT, headers=INCIDENT_IO, json={**DOCUMENT, **document})


def statuses(client: httpx.Client, number: int) -> list[int]:
    return [listed(client).status_code for _ in range(number)]


def counters(client: httpx.Client, id: str) -> tuple[int, int]:
    shown = client.get(f"/_mock/faults/{id}").json()
    return shown["seen"], shown["hit"]


def reply(
    server: MockServer, method: str = "GET", path: str = LIST, body: Any = None, **headers: str
) -> Reply:
    """What the engine says, effect and all."""
    given = {
        **(ONCALL if path.startswith("/api/") else INCIDENT_IO),
        "Content-Type": "application/json",
        **headers,
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in given.items()]
    content = b"" if body is None else orjson.dumps(body)
    return server.engine.answer("default", Request(method, path, headers=Headers(raw), body=content))
