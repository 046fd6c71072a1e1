from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockserver.core.webhook import Message, WebhookTarget
from mockserver.server.app import MockServer
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.faults.deciding import Faults
from mockserver.server.faults.reading import read_rules
from mockserver.server.webhooks import WebhookPolicy
from tests.conftest import MakeLiveServer
from tests.receiver import receiving
from tests.server.faults.asking import INCIDENT_IO, reply, rule

EVENT = "public_incident.incident_created_v2"
KNOWN = Catalogue({"incident-io": ["x"], "grafana-oncall": ["y"]}, frozenset({"incident-io"}))
PATIENCE = 20


def fates(*rules: dict[str, Any], events: tuple[str, ...] = (EVENT,)) -> list[tuple[float, ...]]:
    """How late each copy of these messages goes out."""
    faults = Faults(read_rules(list(rules), KNOWN))
    assert not faults.of_requests
    return [tuple(faults.copies(Message(event, {}), WebhookTarget("t", ""))) for event in events]


def opened(client: httpx.Client, key: str) -> None:
    severity = client.get("/v1/severities").json()["severities"][0]["id"]
    body = {"idempotency_key": key, "visibility": "public", "severity_id": severity, "name": key}
    assert client.post("/v2/incidents", json=body).status_code == 200


@pytest.mark.parametrize(
    "act, copies",
    [("duplicate", (0.0, 0.0)), ("lost", ()), ({"late": 90}, (90.0,))],
)
def test_a_message_goes_out_twice_late_or_never(act: Any, copies: tuple[float, ...]) -> None:
    assert fates({"match": {"event": EVENT}, "act": {"webhook": act}}) == [copies]
    assert fates({"match": {"event": "other"}, "act": {"webhook": act}}) == [(0.0,)]


@pytest.mark.parametrize(
    "match, lost",
    [
        ({}, [True, True, True]),
        ({"event": "public_incident.*"}, [True, False, True]),
        ({"event": ["a", "b"]}, [False, True, False]),
        ({"nth": 2}, [False, True, False]),
        ({"event": EVENT, "every": 2}, [False, False, True]),
        ({"times": 2}, [True, True, False]),
        ({"provider": "incident-io", "probability": 1}, [True, True, True]),
        ({"probability": 0}, [False, False, False]),
    ],
)
def test_a_rule_is_about_the_events_that_it_matches(match: dict[str, Any], lost: list[bool]) -> None:
    sent = fates({"match": match, "act": {"webhook": "lost"}}, events=(EVENT, "a", EVENT))
    assert [not copies for copies in sent] == lost


def test_the_first_of_several_rules_decides_and_all_of_them_count() -> None:
    duplicate = {"match": {"nth": 2}, "act": {"webhook": "duplicate"}}
    late = {"match": {"every": 2}, "act": {"webhook": {"late": 1}}}
    assert fates(duplicate, late, events=(EVENT,) * 4) == [(0.0,), (0.0, 0.0), (0.0,), (1.0,)]


def test_a_duplicate_reaches_the_receiver_under_the_same_id_and_a_lost_one_does_not(
    make_live_server: MakeLiveServer,
) -> None:
    with receiving() as receiver:
        live = make_live_server(webhooks=WebhookPolicy((WebhookTarget("t", receiver.url),), retry_scale=0))
        with httpx.Client(base_url=live.base_url, headers=INCIDENT_IO, timeout=PATIENCE) as client:
            rule(client, {"webhook": "lost"}, event=EVENT, nth=1)
            rule(client, {"webhook": "duplicate"}, event=EVENT, nth=2)
            rule(client, {"webhook": {"late": 0.001}}, event=EVENT, nth=3)
            opened(client, "lost")
            opened(client, "twice")
            first, second = receiver.next(), receiver.next()
            opened(client, "late")
            third = receiver.next()
            assert [one["hit"] for one in client.get("/_mock/faults").json()["rules"]] == [1, 1, 1]
        assert receiver.inbox.empty()
    assert first.headers["webhook-id"] == second.headers["webhook-id"] != third.headers["webhook-id"]
    assert first.body == second.body
    assert b'"twice"' in first.body
    assert b'"late"' in third.body


def test_work_that_is_taken_back_is_told_to_nobody(client: httpx.Client, server: MockServer) -> None:
    told: list[str] = []
    server.sandboxes.default.services.events.subscribe(lambda event: told.append(event.name))
    severity = reply(server, path="/v1/severities").answer.body
    body = {"idempotency_key": "k", "visibility": "public", "name": "N"}
    body["severity_id"] = httpx.Response(200, content=severity).json()["severities"][0]["id"]
    rule(client, {"malformed": True, "after": False}, method="POST", times=1)
    assert reply(server, "POST", "/v2/incidents", body).answer.status == 200
    assert told == []
    assert reply(server, "POST", "/v2/incidents", body).answer.status == 200
    assert told
