"""Webhooks from end to end: a client does something, and who asked for it is told, signed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import standardwebhooks
import svix

from mockserver.core.webhook import DEFAULT_SECRET, WebhookTarget
from mockserver.server import resources
from mockserver.server.webhooks import WebhookPolicy
from tests.conftest import MakeLiveServer
from tests.receiver import Receiver, receiving

KEY = {"Authorization": "Bearer inc-test-key"}
INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
PATIENCE = 20


@contextmanager
def told(make_live_server: MakeLiveServer, *statuses: int) -> Iterator[tuple[httpx.Client, Receiver]]:
    """A client of a server, and the receiver that hears of everything."""
    with receiving(*statuses) as receiver:
        policy = WebhookPolicy((WebhookTarget("t", receiver.url),), retry_scale=0)
        live = make_live_server(webhooks=policy)
        with httpx.Client(base_url=live.base_url, headers=KEY, timeout=PATIENCE) as client:
            yield client, receiver


def heard(receiver: Receiver) -> tuple[str, dict[str, Any]]:
    """The next message's event and payload, once both libraries have verified it."""
    received = receiver.next()
    svix.Webhook(DEFAULT_SECRET).verify(received.body, received.headers)
    standardwebhooks.Webhook(DEFAULT_SECRET).verify(received.body, received.headers)
    body = json.loads(received.body)
    assert set(body) == {"event_type", body["event_type"]}
    return body["event_type"], body[body["event_type"]]


def done(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()


def opened(client: httpx.Client, key: str, visibility: str = "public") -> dict[str, Any]:
    severity = done(client.get("/v1/severities"))["severities"][0]["id"]
    body = {"idempotency_key": key, "visibility": visibility, "severity_id": severity, "name": "Told"}
    incident: dict[str, Any] = done(client.post("/v2/incidents", json=body))["incident"]
    return incident


def moved(client: httpx.Client, incident: str, category: str) -> dict[str, Any]:
    statuses = done(client.get("/v1/incident_statuses"))["incident_statuses"]
    status = next(status["id"] for status in statuses if status["category"] == category)
    body = {"incident": {"incident_status_id": status}, "notify_incident_channel": False}
    edited: dict[str, Any] = done(client.post(f"/v2/incidents/{incident}/actions/edit", json=body))[
        "incident"
    ]
    return edited


def test_a_documents_new_status_is_told_in_the_words_of_webhooks(make_live_server: MakeLiveServer) -> None:
    with told(make_live_server) as (client, receiver):
        body = {"title": "T", "content": "text"}
        imported = client.post(f"/v2/incidents/{INCIDENT}/actions/import_postmortem_document", json=body)
        document = done(imported)["postmortem_document"]["id"]
        for status, previous, new in (
            ("in_review", "created", "review"),
            ("completed", "review", "complete"),
        ):
            path = f"/v1/postmortem_documents/{document}"
            shown = done(client.put(path, json={"status": status}))["postmortem_document"]
            assert heard(receiver) == (
                "public_incident.postmortem_document_status_updated_v1",
                {"postmortem_document": shown, "previous_status": previous, "new_status": new},
            )
        assert receiver.inbox.empty()


def test_an_incident_is_told_when_it_is_opened_and_when_it_moves(make_live_server: MakeLiveServer) -> None:
    with told(make_live_server) as (client, receiver):
        incident = opened(client, "a")
        event, payload = heard(receiver)
        assert event == "public_incident.incident_created_v2"
        assert payload.items() >= incident.items()
        assert payload["related_incidents"] == []
        edited = moved(client, incident["id"], "learning")
        events = dict(heard(receiver) for _ in range(2))
        assert set(events) == {
            "public_incident.incident_updated_v2",
            "public_incident.incident_status_updated_v2",
        }
        change = events["public_incident.incident_status_updated_v2"]
        assert change["incident"]["id"] == incident["id"]
        assert change["previous_status"] == incident["incident_status"]
        assert change["new_status"] == edited["incident_status"]


def test_of_a_private_incident_nothing_but_an_id_is_told(make_live_server: MakeLiveServer) -> None:
    with told(make_live_server) as (client, receiver):
        incident = opened(client, "a", "private")
        assert heard(receiver) == ("private_incident.incident_created_v2", {"id": incident["id"]})
        moved(client, incident["id"], "learning")
        assert heard(receiver) == ("private_incident.incident_updated_v2", {"id": incident["id"]})
        opened(client, "b")
        assert heard(receiver)[0] == "public_incident.incident_created_v2"


def test_follow_ups_are_told(make_live_server: MakeLiveServer) -> None:
    with told(make_live_server) as (client, receiver):
        body = {"incident_id": INCIDENT, "title": "Write a test"}
        made = done(client.post("/v3/follow_ups", json=body))["follow_up"]
        assert heard(receiver) == ("public_incident.follow_up_created_v2", made)
        change = {"title": "Write two", "status": "completed"}
        changed = done(client.put(f"/v3/follow_ups/{made['id']}", json=change))["follow_up"]
        assert heard(receiver) == ("public_incident.follow_up_updated_v2", changed)


def test_what_is_refused_or_only_read_is_told_nobody(make_live_server: MakeLiveServer) -> None:
    with told(make_live_server) as (client, receiver):
        client.get("/v2/incidents")
        assert client.post("/v3/follow_ups", json={}).status_code == 422
        opened(client, "a")
        opened(client, "a")
        assert heard(receiver)[0] == "public_incident.incident_created_v2"
        opened(client, "b")
        assert heard(receiver)[0] == "public_incident.incident_created_v2"
        assert receiver.inbox.empty()


def test_an_answer_does_not_wait_for_a_receiver(make_live_server: MakeLiveServer) -> None:
    """The receiver answers nothing but errors; the client has its answer, and the attempts are on the list."""
    with told(make_live_server, 500, 500) as (client, receiver):
        opened(client, "a")
        ids = {receiver.next().headers["webhook-id"] for _ in range(3)}
        assert len(ids) == 1
        (delivery,) = done(client.get("/_mock/webhooks"))["deliveries"]
        assert delivery["id"] in ids
        assert [attempt["status"] for attempt in delivery["attempts"]][:2] == [500, 500]


def test_targets_come_and_go_by_the_control_api_and_a_message_can_be_sent_again(
    make_live_server: MakeLiveServer,
) -> None:
    live = make_live_server()
    with (
        receiving() as receiver,
        httpx.Client(base_url=live.base_url, headers=KEY, timeout=PATIENCE) as client,
    ):
        opened(client, "a")
        wanted = {
            "url": receiver.url,
            "secret": "whsec_b3RoZXI=",
            "events": ["public_incident.incident_created_v2"],
        }
        target = done(client.post("/_mock/webhooks/targets", json=wanted))
        assert target == {"id": "target-1", "url": receiver.url, "events": wanted["events"]}
        moved(client, opened(client, "b")["id"], "learning")
        first = receiver.next()
        standardwebhooks.Webhook("whsec_b3RoZXI=").verify(first.body, first.headers)
        listed = done(client.get("/_mock/webhooks"))
        assert listed["targets"] == [target]
        assert [delivery["event"] for delivery in listed["deliveries"]] == wanted["events"]
        assert "b3RoZXI" not in json.dumps(listed)
        again = client.post(f"/_mock/webhooks/{first.headers['webhook-id']}/send-again")
        assert again.status_code == 202
        assert receiver.next().body == first.body
        assert client.delete("/_mock/webhooks/targets/target-1").status_code == 204
        assert client.delete("/_mock/webhooks/targets/target-1").status_code == 404
        assert client.post("/_mock/webhooks/msg_none/send-again").status_code == 404
        opened(client, "c")
        assert receiver.inbox.empty()


def test_each_sandbox_has_its_own_targets(make_live_server: MakeLiveServer) -> None:
    live = make_live_server()
    with (
        receiving() as receiver,
        httpx.Client(base_url=live.base_url, headers=KEY, timeout=PATIENCE) as client,
    ):
        done(client.post("/_mock/sandboxes/a/_mock/webhooks/targets", json={"url": receiver.url}))
        opened(client, "a")
        assert done(client.get("/_mock/webhooks")) == {"targets": [], "deliveries": []}
        client.headers["X-Mock-Sandbox"] = "a"
        opened(client, "a")
        assert heard(receiver)[0] == "public_incident.incident_created_v2"


@pytest.mark.parametrize(
    "body, problem",
    [
        (b"{", "no JSON"),
        (b"[]", "must be an object"),
        (b"{}", "must be an object with a url"),
        (b'{"url": 5}', "'url' is unknown, or of the wrong type"),
        (b'{"url": "http://127.0.0.1/", "more": 1}', "'more' is unknown"),
        (b'{"url": "http://127.0.0.1/", "events": [1]}', "names of events"),
        (b'{"url": "http://example.test/"}', "neither loopback nor allowed"),
        (b'{"url": "http://127.0.0.1/", "secret": ""}', "its secret is none"),
    ],
)
def test_a_target_that_is_none_is_told(client: httpx.Client, body: bytes, problem: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/_mock/webhooks/targets", content=body, headers=headers)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]
    assert client.post("/_mock/webhooks/targets", content=b" " * 70_000, headers=headers).status_code == 413


def test_a_target_named_in_the_fixtures_is_told(make_live_server: MakeLiveServer, tmp_path: Path) -> None:
    shutil.copytree(resources.folder("fixtures") / "incident-io", tmp_path / "incident-io")
    with receiving() as receiver:
        target = f"webhooks:\n  - {{id: mine, url: '{receiver.url}', events: [public_incident.follow_up_created_v2]}}\n"
        (tmp_path / "incident-io" / "webhooks.yaml").write_text(target)
        live = make_live_server(providers=("incident-io",), fixtures=tmp_path)
        with httpx.Client(base_url=live.base_url, headers=KEY, timeout=PATIENCE) as client:
            opened(client, "a")
            done(client.post("/v3/follow_ups", json={"incident_id": INCIDENT, "title": "Told"}))
            assert heard(receiver)[0] == "public_incident.follow_up_created_v2"
            assert [entry["id"] for entry in done(client.get("/_mock/webhooks"))["targets"]] == ["mine"]
