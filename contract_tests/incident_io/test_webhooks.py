"""Webhooks, heard by a receiver of the suite's own. A target can be told of it only if it is a mock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import httpx
import pytest

from contract_tests.incident_io.client import IncidentIo
from contract_tests.laws import law

KEY = b"a key of the suite's own"
PATIENCE = 20
STATUS_UPDATED = "postmortem_document_status_updated_v1"


@dataclass
class Receiver:
    """Answers 500 as often as `refusals` says, then 204."""

    refusals: int = 0
    inbox: Queue[tuple[dict[str, str], bytes]] = field(default_factory=Queue)

    def next(self) -> tuple[dict[str, str], dict[str, Any]]:
        headers, body = self.inbox.get(timeout=PATIENCE)
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        signature = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
        headers["verified"] = str(f"v1,{signature}" in headers["webhook-signature"].split(" "))
        return headers, json.loads(body)


@pytest.fixture
def receiver(incident: IncidentIo, strict: bool) -> Iterator[Receiver]:
    if not strict:
        pytest.skip("not judged: the target cannot be told to send its webhooks here")
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.inbox.put(({name.lower(): value for name, value in self.headers.items()}, body))
            refused, receiver.refusals = receiver.refusals > 0, receiver.refusals - 1
            self.send_response(500 if refused else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    target = {
        "url": f"http://127.0.0.1:{server.server_address[1]}",
        "secret": "whsec_" + base64.b64encode(KEY).decode(),
        "events": [
            f"{kind}_incident.{event}"
            for kind in ("public", "private")
            for event in (STATUS_UPDATED, "incident_created_v2")
        ],
    }
    registered = incident.http.post("/_mock/webhooks/targets", json=target).raise_for_status().json()
    try:
        yield receiver
    finally:
        incident.http.delete(f"/_mock/webhooks/targets/{registered['id']}")
        server.shutdown()
        server.server_close()


def reviewed(incident: IncidentIo) -> dict[str, Any]:
    """A new document, moved to review."""
    document = incident.post().json()["postmortem_document"]["id"]
    answer = incident.send("PUT", f"/v1/postmortem_documents/{document}", json={"status": "in_review"})
    shown: dict[str, Any] = answer.json()["postmortem_document"]
    return shown


@law("incident-io/webhook.envelope")
def test_the_payload_stands_below_the_name_of_the_event(incident: IncidentIo, receiver: Receiver) -> None:
    reviewed(incident)
    headers, body = receiver.next()
    assert set(body) == {"event_type", f"public_incident.{STATUS_UPDATED}"}
    assert body["event_type"] == f"public_incident.{STATUS_UPDATED}"
    assert headers["content-type"] == "application/json"


@law("incident-io/webhook.signature")
def test_a_webhook_is_signed_over_id_time_and_body(incident: IncidentIo, receiver: Receiver) -> None:
    reviewed(incident)
    headers, _ = receiver.next()
    assert headers["verified"] == "True"


@law("incident-io/webhook.retry")
def test_a_refused_webhook_comes_again_under_its_id(incident: IncidentIo, receiver: Receiver) -> None:
    receiver.refusals = 1
    reviewed(incident)
    first, body = receiver.next()
    second, again = receiver.next()
    assert first["webhook-id"] == second["webhook-id"]
    assert body == again
    assert second["verified"] == "True"


@law("incident-io/webhook.document-status")
def test_a_documents_new_status_is_told_in_words_of_its_own(incident: IncidentIo, receiver: Receiver) -> None:
    shown = reviewed(incident)
    _, body = receiver.next()
    assert body[body["event_type"]] == {
        "postmortem_document": shown,
        "previous_status": "created",
        "new_status": "review",
    }


@law("incident-io/webhook.private")
def test_of_a_private_incident_an_id_is_told_and_nothing_else(
    incident: IncidentIo, receiver: Receiver
) -> None:
    severity = incident.send("GET", "/v1/severities").json()["severities"][0]["id"]
    body = {"idempotency_key": "webhook.private", "visibility": "private", "severity_id": severity}
    opened: httpx.Response = incident.send("POST", "/v2/incidents", json=body)
    _, told = receiver.next()
    assert told == {
        "event_type": "private_incident.incident_created_v2",
        "private_incident.incident_created_v2": {"id": opened.json()["incident"]["id"]},
    }
