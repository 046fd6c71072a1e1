from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest

from mockserver.core.clock import SystemClock
from mockserver.core.ids import IdSource
from mockserver.core.webhook import Message, WebhookTarget
from mockserver.server import webhooks
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.faults.deciding import Faults
from mockserver.server.faults.reading import read_rules
from mockserver.server.webhooks import Delivery, Outbox, WebhookPolicy
from tests.receiver import Receiver, receiving

EVENT = "public_incident.incident_created_v2"
KNOWN = Catalogue({"incident-io": ["x"], "grafana-oncall": ["y"]}, frozenset({"incident-io"}))


def posted(receiver: Receiver, *rules: dict[str, Any], events: tuple[str, ...] = (EVENT,)) -> list[Delivery]:
    """What became of messages of these events."""
    faults = Faults(read_rules(list(rules), KNOWN))
    assert not faults

    async def run() -> list[Delivery]:
        policy = WebhookPolicy((WebhookTarget("t", receiver.url),), retry_scale=0)
        outbox = Outbox(IdSource(Random(1), SystemClock()), policy, faults.of_webhook)
        outbox.post([Message(event, {"n": number}) for number, event in enumerate(events)])
        while outbox._tasks:
            await asyncio.gather(*outbox._tasks.values())
        return list(outbox.deliveries.values())

    return asyncio.run(run())


def test_a_duplicate_comes_under_the_same_id() -> None:
    with receiving() as receiver:
        (delivery,) = posted(receiver, {"match": {"event": EVENT}, "act": {"webhook": "duplicate"}})
        first, second = receiver.next(), receiver.next()
        assert receiver.inbox.empty()
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.id
    assert first.body == second.body
    assert (delivery.state, [attempt.status for attempt in delivery.attempts]) == ("delivered", [204, 204])


def test_a_late_one_waits_before_its_first_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        assert receiver.inbox.empty()
        waits.append(seconds)

    monkeypatch.setattr(webhooks, "sleep", sleep)
    with receiving() as receiver:
        posted(receiver, {"act": {"webhook": {"late": 90}}})
        receiver.next()
    assert waits == [90]


def test_a_lost_one_is_never_made() -> None:
    with receiving() as receiver:
        assert posted(receiver, {"act": {"webhook": "lost"}}) == []
        assert receiver.inbox.empty()


@pytest.mark.parametrize(
    "match, made",
    [
        ({"event": "public_incident.*"}, ["a"]),
        ({"event": ["a", "b"]}, [EVENT, EVENT]),
        ({"nth": 2}, [EVENT, EVENT]),
        ({"every": 2}, [EVENT, EVENT]),
        ({"times": 2}, [EVENT]),
        ({"provider": "incident-io", "probability": 1}, []),
        ({"probability": 0}, [EVENT, "a", EVENT]),
    ],
)
def test_a_rule_is_about_the_events_that_it_matches(match: dict[str, Any], made: list[str]) -> None:
    with receiving() as receiver:
        deliveries = posted(
            receiver, {"match": match, "act": {"webhook": "lost"}}, events=(EVENT, "a", EVENT)
        )
    assert [delivery.event for delivery in deliveries] == made
