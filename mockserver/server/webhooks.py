"""Webhooks on their way: signed as Standard Webhooks, retried on a schedule, never in the way of an answer."""

from __future__ import annotations

import asyncio
from asyncio import sleep
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from standardwebhooks import Webhook

from mockserver.core.clock import SystemClock
from mockserver.core.errors import ConfigurationError
from mockserver.core.ids import IdSource
from mockserver.core.webhook import Message, WebhookTarget
from mockserver.server.loopback import is_loopback

# Seconds from one failed attempt to the next: the schedule of the service that sends incident.io's webhooks.
RETRY_AFTER = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
PATIENCE = 15
MOST_DELIVERIES = 1_000
LONGEST_URL = 2_000
ID_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class WebhookPolicy:
    """`targets` is what every fresh sandbox begins with; hosts beyond loopback must be allowed by name."""

    targets: tuple[WebhookTarget, ...] = ()
    allowed_hosts: frozenset[str] = frozenset()
    retry_scale: float = 1.0

    def hold(self, target: WebhookTarget) -> None:
        """Raises ConfigurationError for an address that nothing may be sent to, and for a secret that is none."""
        try:
            # Two readers have to agree on whom it names; one of them is the one that will go there.
            url, read_again = urlsplit(target.url), httpx.URL(target.url)
            host, usable = url.hostname or "", url.scheme in ("http", "https") and url.port != 0
            usable = usable and host == read_again.host and len(target.url) <= LONGEST_URL
        except (ValueError, httpx.InvalidURL):
            host, usable = "", False
        if not usable or not host:
            raise ConfigurationError(f"webhook {target.url[:100]!r} is no http or https address")
        if not (is_loopback(host) or host in self.allowed_hosts):
            raise ConfigurationError(f"webhook {target.url!r}: {host} is neither loopback nor allowed")
        if url.username is not None:
            raise ConfigurationError(f"webhook {target.url!r}: credentials do not belong in an address")
        try:
            key = b64decode(target.secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if not key:
            raise ConfigurationError(
                f"webhook {target.url!r}: its secret is none: whsec_ and base64 is wanted"
            )


@dataclass(slots=True)
class Attempt:
    """`status` is what the receiver answered; None where there was no answer, and `error` says why."""

    at: datetime
    status: int | None = None
    error: str = ""


@dataclass(slots=True)
class Delivery:
    """One message to one target. `state` is `pending`, `delivered` or `failed`."""

    id: str
    event: str
    target: WebhookTarget
    body: bytes
    state: str = "pending"
    attempts: list[Attempt] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "event": self.event,
            "target": self.target.id,
            "url": self.target.url,
            "state": self.state,
            "attempts": [
                {"at": attempt.at.isoformat(), "status": attempt.status, "error": attempt.error}
                for attempt in self.attempts
            ],
            "body": orjson.loads(self.body),
        }


def at_once(message: Message, target: WebhookTarget) -> Sequence[float]:
    """How long after its event each copy of a message goes out, in seconds; no copy, and the message is lost."""
    return (0.0,)


class Outbox:
    """The webhooks of one sandbox: its targets, and its last deliveries, the oldest first.

    `copies` decides how often a message goes out, and when.
    """

    def __init__(self, ids: IdSource, policy: WebhookPolicy) -> None:
        self._ids = ids
        self._policy = policy
        # Receivers hold the time of a message against their own clock, so it is the machine's and no sandbox's.
        self._clock = SystemClock()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.copies: Callable[[Message, WebhookTarget], Sequence[float]] = at_once
        self.targets: dict[str, WebhookTarget] = {}
        self.deliveries: OrderedDict[str, Delivery] = OrderedDict()
        for target in policy.targets:
            self.add_target(target)

    def add_target(self, target: WebhookTarget) -> None:
        """Raises ConfigurationError."""
        self._policy.hold(target)
        self.targets[target.id] = target

    def post(self, messages: Iterable[Message]) -> None:
        """Hands messages over and returns at once; needs a running event loop."""
        for message in messages:
            wanting = [target for target in self.targets.values() if target.wants(message.event)]
            body = (
                orjson.dumps({"event_type": message.event, message.event: message.payload})
                if wanting
                else b""
            )
            for target in wanting:
                delivery = Delivery("msg_" + self._ids.letters(ID_ALPHABET, 27), message.event, target, body)
                self.deliveries[delivery.id] = delivery
                self._start(delivery, RETRY_AFTER, self.copies(message, target))
        while len(self.deliveries) > MOST_DELIVERIES:
            self._stop(self.deliveries.popitem(last=False)[0])

    def send_again(self, delivery_id: str) -> Delivery:
        """One more attempt, under the same id. Raises KeyError."""
        delivery = self.deliveries[delivery_id]
        self._stop(delivery_id)
        self._start(delivery, ())
        return delivery

    def close(self) -> None:
        """Gives up whatever is still on its way."""
        for delivery_id in list(self._tasks):
            self._stop(delivery_id)

    def _start(self, delivery: Delivery, waits: Sequence[float], copies: Sequence[float] = (0.0,)) -> None:
        delivery.state = "pending"
        task = asyncio.get_running_loop().create_task(self._send_copies(delivery, waits, copies))
        self._tasks[delivery.id] = task
        task.add_done_callback(lambda done: self._forget(delivery.id, done))

    def _forget(self, delivery_id: str, done: asyncio.Task[None]) -> None:
        if self._tasks.get(delivery_id) is done:
            del self._tasks[delivery_id]

    def _stop(self, delivery_id: str) -> None:
        task = self._tasks.pop(delivery_id, None)
        if task is not None:
            task.cancel()

    async def _send_copies(self, delivery: Delivery, waits: Sequence[float], copies: Sequence[float]) -> None:
        for delay in copies:
            if delay:
                await sleep(delay)
            await self._deliver(delivery, waits)
        if not copies:
            delivery.state = "failed"

    async def _deliver(self, delivery: Delivery, waits: Sequence[float]) -> None:
        for wait in (*waits, None):
            attempt = await self._attempt(delivery)
            delivery.attempts.append(attempt)
            if attempt.status is not None and 200 <= attempt.status < 300:
                delivery.state = "delivered"
                return
            if wait is not None:
                await sleep(wait * self._policy.retry_scale)
        delivery.state = "failed"

    async def _attempt(self, delivery: Delivery) -> Attempt:
        attempt = Attempt(self._clock.now())
        signature = Webhook(delivery.target.secret).sign(delivery.id, attempt.at, delivery.body.decode())
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(attempt.at.timestamp())),
            "webhook-signature": signature,
        }
        url = delivery.target.url
        try:
            async with httpx.AsyncClient(
                verify=url.startswith("https:"), trust_env=False, timeout=PATIENCE
            ) as client:
                answer = await client.post(url, content=delivery.body, headers=headers)
        except httpx.HTTPError as error:
            attempt.error = f"{type(error).__name__}: {error}"
        else:
            attempt.status = answer.status_code
        return attempt
