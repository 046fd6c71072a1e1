"""When webhooks go out: retries on the sandbox's clock, copies, and the sandbox's own inbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest

from mockserver.core.clock import ClockState, SandboxClock
from mockserver.core.ids import IdSource
from mockserver.core.webhook import Message, WebhookTarget
from mockserver.server.deliveries import MOST_ATTEMPTS
from mockserver.server.inbox import INBOX
from mockserver.server.webhooks import Outbox, WebhookPolicy
from tests.carrier import Carrier
from tests.conftest import MakeServer
from tests.inprocess import InProcess

START = datetime(2026, 1, 1, tzinfo=UTC)
HERE = WebhookTarget("here", "http://localhost/here")
THERE = WebhookTarget("there", "http://localhost/there")


class Bench:
    """An outbox on a clock that stands still, and a carrier that does as it is told."""

    def __init__(self, *targets: WebhookTarget, statuses: tuple[int, ...] = (), step: float = 0) -> None:
        self.clock = SandboxClock(ClockState(START, step=timedelta(seconds=step)))
        self.carrier = Carrier(list(statuses))
        ids = IdSource(Random(1), self.clock)
        self.outbox = Outbox(ids, self.clock, WebhookPolicy(targets), self.carrier)

    def post(self, *events: str) -> None:
        self.outbox.post([Message(event, {}) for event in events])

    def move(self, seconds: float) -> None:
        self.clock.move(timedelta(seconds=seconds))

    @property
    def sent(self) -> list[tuple[str, str]]:
        """The events that were sent, each with the last word of its address."""
        events = {delivery.id: delivery.event for delivery in self.outbox.deliveries.values()}
        return [(events[e.headers["webhook-id"]], e.url.rpartition("/")[2]) for e in self.carrier.sent]


def test_a_clock_that_stands_still_holds_a_retry_and_one_that_is_moved_makes_it_go_at_once() -> None:
    bench = Bench(HERE, statuses=(500, 200))
    bench.post("a")
    assert bench.carrier.alarms == []
    bench.move(4.9)
    assert len(bench.sent) == 1
    bench.move(0.1)
    (delivery,) = bench.outbox.deliveries.values()
    assert [(attempt.status, attempt.at) for attempt in delivery.attempts] == [
        (500, START),
        (200, START + timedelta(seconds=5)),
    ]
    assert delivery.state == "delivered"
    assert not bench.clock.watchers


def test_requests_that_step_the_clock_bring_a_retry_nearer() -> None:
    bench = Bench(HERE, statuses=(500, 200), step=2)
    bench.post("a")
    for _ in range(2):
        bench.clock.tick()
    assert len(bench.sent) == 1
    bench.clock.tick()
    assert len(bench.sent) == 2


def test_a_clock_moved_over_several_retries_makes_all_of_them_in_the_order_of_their_times() -> None:
    bench = Bench(HERE, statuses=(500,) * 20)
    bench.post("a")
    bench.move(3)
    bench.post("b")
    bench.move(24 * 3600)
    # Seconds from the start: a at 0, 5, 305, …; b at 3, 8, 308, ….
    assert [event for event, _ in bench.sent] == [
        "a",
        "b",
        "a",
        "b",
        "a",
        "b",
        "a",
        "b",
        "a",
        "b",
        "a",
        "b",
        "a",
        "b",
    ]
    bench.move(24 * 3600)
    assert {delivery.state for delivery in bench.outbox.deliveries.values()} == {"failed"}


def test_retries_to_one_target_go_one_at_a_time_and_those_to_another_do_not_wait_for_them() -> None:
    bench = Bench(HERE, THERE, statuses=(500,) * 4)
    bench.post("a", "b")
    bench.move(5)
    assert bench.sent[4:] == [("a", "here"), ("a", "there")]
    bench.carrier.sent[4].done(200, "")
    assert bench.sent[6:] == [("b", "here")]
    bench.carrier.sent[5].done(None, "ConnectError: refused")
    assert bench.sent[7:] == [("b", "there")]


def test_a_clock_that_runs_sets_an_alarm_one_that_is_frozen_takes_it_away_and_it_comes_back() -> None:
    bench = Bench(HERE, statuses=(500,))
    bench.clock.run()
    bench.post("a")
    assert 0 < bench.carrier.alarm.seconds <= 5
    bench.move(2)
    assert 0 < bench.carrier.alarm.seconds <= 3
    bench.clock.freeze()
    assert all(alarm.cancelled for alarm in bench.carrier.alarms)
    bench.clock.run()
    bench.carrier.alarm.ring()
    assert len(bench.sent) == 1
    bench.move(10)
    assert len(bench.sent) == 2


def test_a_clock_that_goes_back_holds_a_retry_until_its_time_comes() -> None:
    bench = Bench(HERE, statuses=(500, 200))
    bench.post("a")
    bench.move(-60)
    bench.move(60)
    assert len(bench.sent) == 1
    bench.move(5)
    assert len(bench.sent) == 2


def test_a_message_can_go_out_twice_late_or_never() -> None:
    bench = Bench(HERE, statuses=(200,) * 4)
    plans: dict[str, tuple[float, ...]] = {"twice": (0, 0), "late": (30,), "never": ()}
    bench.outbox.copies = lambda message, target: plans[message.event]
    bench.post("twice", "late", "never")
    assert [event for event, _ in bench.sent] == ["twice", "twice"]
    assert len({errand.headers["webhook-id"] for errand in bench.carrier.sent}) == 1
    states = {delivery.event: delivery.state for delivery in bench.outbox.deliveries.values()}
    assert states == {"twice": "delivered", "late": "pending", "never": "failed"}
    bench.move(30)
    assert [event for event, _ in bench.sent] == ["twice", "twice", "late"]


def test_the_inbox_has_a_message_as_soon_as_it_is_posted_without_any_loop_or_thread() -> None:
    bench = Bench(WebhookTarget("t", INBOX))
    bench.post("a")
    (received,) = bench.outbox.inbox
    assert (received.event, received.at, received.verified, received.attempt) == ("a", START, True, 1)
    assert received.as_json()["payload"] == {"event_type": "a", "a": {}}
    bench.outbox.send_again(received.id)
    assert [(again.id, again.attempt) for again in bench.outbox.inbox] == [(received.id, 1), (received.id, 2)]
    assert bench.carrier.sent == []


OPENED = {
    "idempotency_key": "k",
    "visibility": "public",
    "severity_id": "01FC31EQM04W15VJSB8MKJV5NT",
    "name": "Down",
}


def open_incident(client: httpx.Client, **headers: str) -> None:
    headers["Authorization"] = "Bearer inc-test-key"
    assert client.post("/v2/incidents", json=OPENED, headers=headers).status_code == 200


def messages(client: httpx.Client) -> list[dict[str, Any]]:
    found = client.get("/_mock/inbox").json()["messages"]
    assert isinstance(found, list)
    return found


def test_the_inbox_shows_what_a_vendor_tells_verified_and_is_emptied(client: httpx.Client) -> None:
    client.put("/_mock/clock", json={"now": "2026-03-01", "frozen": True})
    assert client.post("/_mock/webhooks/targets", json={"url": INBOX}).status_code == 201
    open_incident(client)
    (message,) = messages(client)
    assert message["event"] == "public_incident.incident_created_v2"
    assert message["payload"]["event_type"] == message["event"]
    assert (message["verified"], message["attempt"]) == (True, 1)
    assert message["at"] == "2026-03-01T00:00:00+00:00"
    assert set(message["headers"]) >= {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert client.delete("/_mock/inbox").status_code == 204
    assert messages(client) == []


def test_each_sandbox_has_an_inbox_of_its_own(client: httpx.Client) -> None:
    client.post("/_mock/webhooks/targets", json={"url": INBOX})
    open_incident(client, **{"X-Mock-Sandbox": "other"})
    assert messages(client) == []


@pytest.mark.parametrize("url", ["inbox:x", "inbox://", "INBOX:", "inbox"])
def test_an_address_that_looks_like_the_inbox_is_none(client: httpx.Client, url: str) -> None:
    assert client.post("/_mock/webhooks/targets", json={"url": url}).status_code == 400


def test_with_a_seed_two_runs_tell_the_same_in_the_same_order(make_server: MakeServer) -> None:
    def run() -> list[Any]:
        server = make_server(seed=5)
        with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
            client.post("/_mock/webhooks/targets", json={"url": INBOX})
            open_incident(client)
            return [{**message, "headers": None} for message in messages(client)]

    assert run() == run() != []


def test_deliveries_are_bounded_in_bytes_and_the_last_one_stays() -> None:
    bench = Bench(HERE, statuses=(200,) * 9)
    for size in (9, 9, 20):
        bench.outbox.post([Message("long", {"text": "x" * size * 1_000_000})])
        kept = [len(delivery.body) for delivery in bench.outbox.deliveries.values()]
    assert [size // 1_000_000 for size in kept] == [20]


def test_an_inbox_is_bounded_in_bytes_and_the_last_message_stays() -> None:
    bench = Bench(WebhookTarget("inbox", INBOX))
    for size in (5, 6, 7, 20):
        bench.outbox.post([Message("long", {"text": "x" * size * 1_000_000})])
        if size == 7:
            assert [len(received.body) // 1_000_000 for received in bench.outbox.inbox] == [6, 7]
    assert [len(received.body) // 1_000_000 for received in bench.outbox.inbox] == [20]


def test_of_a_delivery_that_is_sent_again_and_again_the_last_attempts_are_kept() -> None:
    bench = Bench(HERE, statuses=(200,) * (MOST_ATTEMPTS + 10))
    bench.post("often")
    [delivery] = bench.outbox.deliveries.values()
    for _ in range(MOST_ATTEMPTS + 5):
        bench.outbox.send_again(delivery.id)
    assert len(delivery.attempts) == MOST_ATTEMPTS
