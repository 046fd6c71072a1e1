"""Requests as plain values for an engine in this process, for both vendors."""

from __future__ import annotations

import json
from collections.abc import Sequence

from benchmarks.work import IMPORT, KEY, SHOW, Question, post
from mockserver.core.exchange import Headers, Request
from mockserver.server.app import MockServer, create_server
from mockserver.server.engine import Engine
from mockserver.server.settings import Settings

INCIDENT_IO, ONCALL = "incident-io", "grafana-oncall"
CREDENTIAL = {INCIDENT_IO: KEY, ONCALL: "meowmeowmeow"}
ALERT_GROUP, OTHER_GROUP = "IQUIET1PAGE11", "ISAMPLEAA1111"
NOTES = "/api/v1/postmortems/"
# A document that every fresh sandbox has.
FIXTURE = "/v1/postmortem_documents/01GDZEW57FDA1K4S63MGMQ5DT1"


def server(providers: Sequence[str] = (INCIDENT_IO, ONCALL), **settings: object) -> MockServer:
    """As `serve` makes it, without rate limits."""
    return create_server(Settings(providers=tuple(providers), rate_factor=None, **settings))  # type: ignore[arg-type]


def request(vendor: str, method: str, target: str, body: bytes = b"") -> Request:
    """With the headers that clients send."""
    headers = [
        (b"host", b"127.0.0.1:4010"),
        (b"accept", b"*/*"),
        (b"accept-encoding", b"gzip, deflate"),
        (b"user-agent", b"bench/1"),
        (b"authorization", CREDENTIAL[vendor].encode()),
    ]
    if body:
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    path, _, query = target.partition("?")
    return Request(method, path, query, Headers(headers), body)


def of(vendor: str, question: Question) -> Request:
    return request(vendor, question.method, question.path, question.body)


def creating(vendor: str, parent: str | None = None) -> Request:
    """A valid POST, to the incident or alert group of the work or another one."""
    if vendor == INCIDENT_IO:
        made = post()
        path = IMPORT if parent is None else f"/v2/incidents/{parent}/actions/import_postmortem_document"
        return request(vendor, "POST", path, made.body)
    body = {"alert_group_id": parent or ALERT_GROUP, "text": "## Summary\n\nA migration caused latency."}
    return request(vendor, "POST", NOTES, json.dumps(body).encode())


def created(engine: Engine, vendor: str, parent: str | None = None, sandbox: str = "default") -> str:
    """The path of a new postmortem."""
    answer = engine.answer(sandbox, creating(vendor, parent)).answer
    assert answer.status == 201, answer.body
    body = json.loads(answer.body)
    return (
        SHOW.format(id=body["postmortem_document"]["id"])
        if vendor == INCIDENT_IO
        else f"{NOTES}{body['id']}/"
    )
