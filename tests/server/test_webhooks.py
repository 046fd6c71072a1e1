from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from random import Random

import pytest
import standardwebhooks
import svix

from mockserver.core.clock import SystemClock
from mockserver.core.errors import ConfigurationError
from mockserver.core.ids import IdSource
from mockserver.core.webhook import DEFAULT_SECRET, Message, WebhookTarget
from mockserver.server import webhooks
from mockserver.server.webhooks import Delivery, Outbox, WebhookPolicy
from tests.receiver import receiving

MESSAGE = Message("thing.happened", {"name": "é", "absent": None})


def make_outbox(*targets: WebhookTarget, scale: float = 0.0) -> Outbox:
    return Outbox(IdSource(Random(1), SystemClock()), WebhookPolicy(targets, retry_scale=scale))


def settle(
    *targets: WebhookTarget, work: Callable[[Outbox], Awaitable[None]] | None = None
) -> list[Delivery]:
    """Posts one message, lets every attempt be made, and gives the deliveries."""

    async def run() -> list[Delivery]:
        outbox = make_outbox(*targets)
        outbox.post([MESSAGE])
        await finished(outbox)
        if work is not None:
            await work(outbox)
            await finished(outbox)
        return list(outbox.deliveries.values())

    return asyncio.run(run())


async def finished(outbox: Outbox) -> None:
    while outbox._tasks:
        await asyncio.gather(*outbox._tasks.values(), return_exceptions=True)


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


def test_the_waits_follow_the_schedule_and_its_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def run() -> None:
        outbox = make_outbox(WebhookTarget("t", receiver.url), scale=2)
        outbox.post([MESSAGE])
        await finished(outbox)

    with receiving(*[500] * 8) as receiver:
        monkeypatch.setattr(webhooks, "sleep", sleep)
        asyncio.run(run())
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
    async def again(outbox: Outbox) -> None:
        outbox.send_again(next(iter(outbox.deliveries)))
        with pytest.raises(KeyError):
            outbox.send_again("msg_none")

    with receiving() as receiver:
        (delivery,) = settle(WebhookTarget("t", receiver.url), work=again)
        first, second = receiver.next(), receiver.next()
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.id
    assert [attempt.status for attempt in delivery.attempts] == [204, 204]


def test_posting_waits_for_nobody_and_closing_gives_up_what_is_on_its_way() -> None:
    async def run() -> Outbox:
        outbox = make_outbox(WebhookTarget("t", receiver.url), scale=1)
        outbox.post([MESSAGE])
        (delivery,) = outbox.deliveries.values()
        assert (delivery.state, delivery.attempts) == ("pending", [])
        while not delivery.attempts:
            await asyncio.sleep(0)
        outbox.close()
        await asyncio.sleep(0)
        assert not outbox._tasks
        return outbox

    with receiving(500) as receiver:
        asyncio.run(run())


def test_only_the_last_deliveries_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_DELIVERIES", 3)

    async def run() -> list[str]:
        outbox = make_outbox(WebhookTarget("t", receiver.url))
        outbox.post([Message(f"event-{number}", {}) for number in range(5)])
        outbox.close()
        return [delivery.event for delivery in outbox.deliveries.values()]

    with receiving() as receiver:
        assert asyncio.run(run()) == ["event-2", "event-3", "event-4"]


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
    assert Outbox(IdSource(Random(1), SystemClock()), policy).targets == {"t": target}
    for url in ("http://localhost:1/", "http://127.9.9.9/", "http://[::1]:80/", "https://localhost/"):
        WebhookPolicy().hold(WebhookTarget("t", url))
