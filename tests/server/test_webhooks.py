from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
import standardwebhooks
import svix

from mockserver.core.clock import SandboxClock
from mockserver.core.errors import ConfigurationError
from mockserver.core.ids import IdSource
from mockserver.core.webhook import DEFAULT_SECRET, Message, WebhookTarget
from mockserver.server import webhooks
from mockserver.server.courier import Courier
from mockserver.server.deliveries import Delivery
from mockserver.server.webhooks import Outbox, WebhookPolicy
from tests.carrier import Carrier
from tests.receiver import PATIENCE, receiving

MESSAGE = Message("thing.happened", {"name": "é", "absent": None})


def make_outbox(
    *targets: WebhookTarget, scale: float = 0.0, carrier: Courier | Carrier | None = None
) -> Outbox:
    clock = SandboxClock()
    policy = WebhookPolicy(targets, retry_scale=scale)
    return Outbox(IdSource(Random(1), clock), clock, policy, carrier or Carrier())


def settle(*targets: WebhookTarget, work: Callable[[Outbox], None] | None = None) -> list[Delivery]:
    """Posts one message, lets every attempt be made, and gives the deliveries."""
    courier = Courier()
    outbox = make_outbox(*targets, carrier=courier)
    outbox.post([MESSAGE])
    assert outbox.wait(lambda: not outbox.pending, PATIENCE)
    if work is not None:
        work(outbox)
        assert outbox.wait(lambda: not outbox.pending, PATIENCE)
    courier.close()
    return list(outbox.deliveries.values())


def test_a_message_stands_below_its_own_name_and_both_libraries_verify_it() -> None:
    with receiving() as receiver:
        (delivery,) = settle(WebhookTarget("t", receiver.url + "/hook"))
        received = receiver.next()
    assert received.path == "/hook"
    assert received.headers["content-type"] == "application/json"
    expected = {"event_type": "thing.happened", "thing.happened": {"name": "é", "absent": None}}
    assert json.loads(received.body) == expected
    assert standardwebhooks.Webhook(DEFAULT_SECRET).verify(received.body, received.headers) == expected
    svix.Webhook(DEFAULT_SECRET).verify(received.body, received.headers)
    assert (delivery.state, [attempt.status for attempt in delivery.attempts]) == ("delivered", [204])


def test_another_secret_or_a_changed_body_does_not_verify() -> None:
    with receiving() as receiver:
        settle(WebhookTarget("t", receiver.url))
        received = receiver.next()
    other = standardwebhooks.Webhook("whsec_b3RoZXI=")
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        other.verify(received.body, received.headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(DEFAULT_SECRET).verify(received.body + b" ", received.headers)


def test_a_refused_message_is_tried_again_under_its_id_until_it_is_taken() -> None:
    with receiving(500, 404, 302, 200) as receiver:
        (delivery,) = settle(WebhookTarget("t", receiver.url))
        received = [receiver.next() for _ in range(4)]
        assert receiver.inbox.empty()
    assert {message.headers["webhook-id"] for message in received} == {delivery.id}
    assert {message.path for message in received} == {"/"}
    assert [attempt.status for attempt in delivery.attempts] == [500, 404, 302, 200]
    assert delivery.state == "delivered"


def test_after_the_last_attempt_a_message_has_failed_and_says_why() -> None:
    with receiving() as receiver:
        gone = receiver.url
    (delivery,) = settle(WebhookTarget("t", gone))
    assert delivery.state == "failed"
    assert len(delivery.attempts) == len(webhooks.RETRY_AFTER) + 1
    assert {attempt.status for attempt in delivery.attempts} == {None}
    assert all("ConnectError" in attempt.error for attempt in delivery.attempts)


def test_the_waits_follow_the_schedule_and_its_scale() -> None:
    carrier = Carrier([500] * 8)
    outbox = make_outbox(WebhookTarget("t", "http://localhost/"), scale=2, carrier=carrier)
    outbox.post([MESSAGE])
    waits = []
    while outbox.pending:
        waits.append(round(carrier.alarm.seconds))
        outbox._clock.move(timedelta(seconds=carrier.alarm.seconds))
    assert waits == [10, 600, 3600, 14400, 36000, 72000, 72000]


def test_a_target_hears_of_the_events_it_asked_for() -> None:
    with receiving() as receiver:
        deliveries = settle(
            WebhookTarget("all", receiver.url),
            WebhookTarget("this", receiver.url, events=("thing.happened",)),
            WebhookTarget("other", receiver.url, events=("thing.else",)),
        )
    assert [delivery.target.id for delivery in deliveries] == ["all", "this"]
    assert len({delivery.id for delivery in deliveries}) == 2


def test_a_delivery_can_be_sent_again_under_its_id() -> None:
    def again(outbox: Outbox) -> None:
        outbox.send_again(next(iter(outbox.deliveries)))
        with pytest.raises(KeyError):
            outbox.send_again("msg_none")

    with receiving() as receiver:
        (delivery,) = settle(WebhookTarget("t", receiver.url), work=again)
        first, second = receiver.next(), receiver.next()
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.id
    assert [attempt.status for attempt in delivery.attempts] == [204, 204]


def test_posting_waits_for_nobody_and_closing_gives_up_what_is_on_its_way() -> None:
    carrier = Carrier()
    outbox = make_outbox(WebhookTarget("t", "http://localhost/"), scale=1, carrier=carrier)
    outbox.post([MESSAGE])
    (delivery,) = outbox.deliveries.values()
    assert (delivery.state, delivery.attempts) == ("pending", [])
    outbox.close()
    carrier.sent[0].done(500, "")
    assert carrier.sent[0].cancelled
    assert (delivery.state, delivery.attempts, carrier.alarms) == ("failed", [], [])


def test_closing_gives_up_what_waits_for_a_time_too() -> None:
    carrier = Carrier([500])
    outbox = make_outbox(WebhookTarget("t", "http://localhost/"), scale=1, carrier=carrier)
    outbox.post([MESSAGE])
    alarm = carrier.alarm
    outbox.close()
    assert alarm.cancelled
    outbox._clock.move(timedelta(days=7))
    assert len(carrier.sent) == 1
    assert not outbox._clock.watchers


def test_only_the_last_deliveries_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_DELIVERIES", 3)
    carrier = Carrier()
    outbox = make_outbox(WebhookTarget("t", "http://localhost/"), carrier=carrier)
    outbox.post([Message(f"event-{number}", {}) for number in range(5)])
    assert [delivery.event for delivery in outbox.deliveries.values()] == ["event-2", "event-3", "event-4"]
    assert [errand.cancelled for errand in carrier.sent] == [True, True, False, False, False]


@pytest.mark.parametrize(
    "target, problem",
    [
        (WebhookTarget("t", "http://example.test/"), "example.test is neither loopback nor allowed"),
        (WebhookTarget("t", "http://10.0.0.1/"), "10.0.0.1 is neither loopback nor allowed"),
        (WebhookTarget("t", "http://127.0.0.1.example.test/"), "neither loopback nor allowed"),
        (WebhookTarget("t", "http://localhost@example.test/"), "example.test is neither"),
        (WebhookTarget("t", "ftp://127.0.0.1/"), "is no http or https address"),
        (WebhookTarget("t", "127.0.0.1:80"), "is no http or https address"),
        (WebhookTarget("t", "http://["), "is no http or https address"),
        (WebhookTarget("t", "http://127.0.0.1/", secret=""), "its secret is none"),
        (WebhookTarget("t", "http://127.0.0.1/", secret="whsec_!"), "its secret is none"),
    ],
)
def test_an_address_beyond_this_machine_or_a_secret_that_is_none_is_refused(
    target: WebhookTarget, problem: str
) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        make_outbox(target)


def test_another_host_can_be_allowed_by_name() -> None:
    target = WebhookTarget("t", "http://example.test/")
    policy = WebhookPolicy((target,), allowed_hosts=frozenset({"example.test"}))
    outbox = Outbox(IdSource(Random(1), SandboxClock()), SandboxClock(), policy, Carrier())
    assert outbox.targets == {"t": target}
    for url in ("http://localhost:1/", "http://127.9.9.9/", "http://[::1]:80/", "https://localhost/"):
        WebhookPolicy().hold(WebhookTarget("t", url))
