"""Several processes that share a state, as engines in this one."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import orjson

from mockserver.core.exchange import Answer, Headers, Request
from mockserver.server.app import MockServer
from mockserver.server.settings import Settings
from mockserver.server.shared.joining import Member, create_member
from mockserver.server.shared.log import Log
from mockserver.server.shared.sandboxes import SharedSandboxes

INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
IMPORT = f"/v2/incidents/{INCIDENT}/actions/import_postmortem_document"
SEVERITY = "01FC31EQM04W15VJSB8MKJV5NT"
DOCUMENTS = "/v1/postmortem_documents"
POSTMORTEMS = "/api/v1/postmortems/"
JSON = (b"content-type", b"application/json")
KEY = (b"authorization", b"Bearer inc-test-key")
TOKEN = (b"authorization", b"meowmeowmeow")


@cache
def _server(seat: int, **settings: Any) -> Member:
    defaults: dict[str, Any] = {"providers": ("incident-io", "grafana-oncall"), "rate_factor": None}
    return create_member(Settings(**{**defaults, **settings}))


def member(log: Log, seat: int = 0, **settings: Any) -> MockServer:
    """One that answers for whatever is in the log; of the same seat there is one at a time."""
    found = _server(seat, **settings)
    found.join(log, seat)
    return found.mock


def ask(mock: MockServer, request: Request, sandbox: str = "default") -> Answer:
    return mock.engine.answer(sandbox, request).answer


def importing(title: str) -> Request:
    body = orjson.dumps({"title": title, "content": "## What happened"})
    return Request("POST", IMPORT, headers=Headers([KEY, JSON]), body=body)


def declaring(key: str) -> Request:
    body = orjson.dumps({"idempotency_key": key, "visibility": "public", "severity_id": SEVERITY})
    return Request("POST", "/v2/incidents", headers=Headers([KEY, JSON]), body=body)


def publish(mock: MockServer) -> None:
    """What the control API does once it has changed something."""
    cast(SharedSandboxes, mock.sandboxes).publish("default")


def listing() -> Request:
    return Request("GET", DOCUMENTS, "page_size=250", headers=Headers([KEY]))


def titles(mock: MockServer, sandbox: str = "default") -> list[str]:
    """Of the documents, as this one lists them."""
    answer = ask(mock, listing(), sandbox)
    return [document["title"] for document in orjson.loads(answer.body)["postmortem_documents"]]


def writing(text: str) -> Request:
    body = orjson.dumps({"alert_group_id": "IQUIET1PAGE11", "text": text})
    return Request("POST", POSTMORTEMS, headers=Headers([TOKEN, JSON]), body=body)


def deleting(postmortem: str) -> Request:
    return Request("DELETE", f"{POSTMORTEMS}{postmortem}/", headers=Headers([TOKEN]))


def reading(path: str = POSTMORTEMS) -> Request:
    return Request("GET", path, headers=Headers([TOKEN]))
