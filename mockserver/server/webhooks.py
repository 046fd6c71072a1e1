"""Webhooks on their way: signed as Standard Webhooks, retried on a schedule, never in the way of an answer.

Retries wait for the sandbox's clock. A clock that is moved makes those that are due go at once; one that stands still
holds them.
"""

from __future__ import annotations

from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from itertools import count
from threading import Condition
from urllib.parse import urlsplit

import httpx
import orjson

from mockserver.core.clock import SandboxClock
from mockserver.core.errors import ConfigurationError
from mockserver.core.ids import IdSource
from mockserver.core.webhook import Message, WebhookTarget
from mockserver.server.courier import Carrier, Errand
from mockserver.server.deliveries import Attempt, Delivery, signed
from mockserver.server.inbox import INBOX, Inbox, receive
from mockserver.server.loopback import is_loopback

# Seconds from one failed attempt to the next: the schedule of the service that sends incident.io's webhooks.
RETRY_AFTER = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
MOST_DELIVERIES = 1_000
# Of the bodies of all deliveries that are kept; the last one stays, however long it is.
MOST_BYTES = 16 * 1024 * 1024
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
        if target.url != INBOX:
            self._hold_address(target)
        try:
            key = b64decode(target.secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if not key:
            raise ConfigurationError(
                f"webhook {target.url!r}: its secret is none: whsec_ and base64 is wanted"
            )

    def _hold_address(self, target: WebhookTarget) -> None:
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


@dataclass(slots=True)
class _Plan:
    """What is still to be tried of one copy of a delivery: next at `due` in the sandbox's time, then after `waits`."""

    delivery: Delivery
    due: float
    waits: tuple[float, ...]
    retry: bool = False
    errand: Errand | None = None


def at_once(message: Message, target: WebhookTarget) -> Sequence[float]:
    """How long after its event each copy of a message goes out, in seconds; no copy, and the message is lost."""
    return (0.0,)


class Outbox:
    """The webhooks of one sandbox: its targets, its last deliveries, the oldest first, and its own inbox.

    `copies` decides how often a message goes out, and when. First attempts go at once and side by side; what waits for
    a time goes to one target one at a time, in the order of the times. The carrier comes back on a thread of its own.
    """

    def __init__(self, ids: IdSource, clock: SandboxClock, policy: WebhookPolicy, carrier: Carrier) -> None:
        self._ids = ids
        self._clock = clock
        self._policy = policy
        self._carrier = carrier
        self._changed = Condition()
        self._plans: dict[str, list[_Plan]] = {}
        self._waiting: list[tuple[float, int, _Plan]] = []
        self._busy: set[str] = set()
        self._numbers = count()
        self._alarm: Errand | None = None
        self.copies: Callable[[Message, WebhookTarget], Sequence[float]] = at_once
        self.targets: dict[str, WebhookTarget] = {}
        self.deliveries: OrderedDict[str, Delivery] = OrderedDict()
        self._size = 0
        self.inbox = Inbox(MOST_DELIVERIES, MOST_BYTES)
        for target in policy.targets:
            self.add_target(target)

    def add_target(self, target: WebhookTarget) -> None:
        """Raises ConfigurationError."""
        self._policy.hold(target)
        self.targets[target.id] = target

    def retarget(self, targets: Iterable[WebhookTarget]) -> None:
        """These and no others. Whoever watches `targets` goes on watching."""
        self.targets.clear()
        self.targets.update((target.id, target) for target in targets)

    def post(self, messages: Iterable[Message]) -> None:
        """Hands messages over and returns at once; what goes to the inbox is there by then."""
        for message in messages:
            wanting = [target for target in self.targets.values() if target.wants(message.event)]
            body = (
                orjson.dumps({"event_type": message.event, message.event: message.payload})
                if wanting
                else b""
            )
            for target in wanting:
                delivery = Delivery("msg_" + self._ids.letters(ID_ALPHABET, 27), message.event, target, body)
                with self._changed:
                    self.deliveries[delivery.id] = delivery
                    self._size += len(body)
                    self._plan(delivery, self.copies(message, target), RETRY_AFTER)
        with self._changed:
            while len(self.deliveries) > MOST_DELIVERIES or (
                self._size > MOST_BYTES and len(self.deliveries) > 1
            ):
                id_, oldest = self.deliveries.popitem(last=False)
                self._size -= len(oldest.body)
                self._forget(id_)

    def send_again(self, delivery_id: str) -> Delivery:
        """One more attempt, under the same id. Raises KeyError."""
        with self._changed:
            delivery = self.deliveries[delivery_id]
            self._forget(delivery_id)
            delivery.state = "pending"
            self._plan(delivery, (0.0,), ())
        return delivery

    def wait(self, until: Callable[[], bool], patience: float) -> bool:
        """Waits for deliveries to make something true, for so many seconds at most; whether it has become so."""
        with self._changed:
            return self._changed.wait_for(until, patience)

    @property
    def pending(self) -> bool:
        return any(delivery.state == "pending" for delivery in self.deliveries.values())

    def close(self) -> None:
        """Gives up whatever is still on its way."""
        with self._changed:
            for delivery_id in list(self._plans):
                self._forget(delivery_id)
                if delivery_id in self.deliveries:
                    self.deliveries[delivery_id].state = "failed"
            self._waiting.clear()
            self._busy.clear()
            self._watch()

    def _plan(self, delivery: Delivery, copies: Sequence[float], waits: tuple[float, ...]) -> None:
        if not copies:
            delivery.state = "failed"
            return
        now = self._clock.seconds()
        plans = self._plans[delivery.id] = [_Plan(delivery, now + delay, waits) for delay in copies]
        for plan in tuple(plans):
            if plan.due <= now:
                self._attempt(plan)
            else:
                self._put_off(plan)
        self._watch()

    def _forget(self, delivery_id: str) -> None:
        for plan in self._plans.pop(delivery_id, ()):
            if plan.retry:
                self._busy.discard(plan.delivery.target.id)
            if plan.errand is not None:
                plan.errand.cancel()

    def _live(self, plan: _Plan) -> bool:
        return any(known is plan for known in self._plans.get(plan.delivery.id, ()))

    def _put_off(self, plan: _Plan) -> None:
        heappush(self._waiting, (plan.due, next(self._numbers), plan))

    def _wake(self) -> None:
        """Lets everything go that is due; called when the clock may have reached the next time."""
        with self._changed:
            held = []
            while self._waiting and self._waiting[0][0] <= self._clock.seconds():
                entry = heappop(self._waiting)
                plan = entry[2]
                if not self._live(plan):
                    continue
                if plan.delivery.target.id in self._busy:
                    held.append(entry)
                    continue
                plan.retry = True
                self._busy.add(plan.delivery.target.id)
                self._attempt(plan)
            for entry in held:
                heappush(self._waiting, entry)
            self._watch()

    def _watch(self) -> None:
        """Sees to it that whatever waits is woken: by the clock, by an alarm if that runs by itself, or by the end of
        the attempt that is in its way."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if not self._waiting:
            self._clock.watchers.discard(self._wake)
            return
        self._clock.watchers.add(self._wake)
        if self._clock.frozen:
            return
        times = [due for due, _, plan in self._waiting if plan.delivery.target.id not in self._busy]
        if times:
            self._alarm = self._carrier.after(max(0.0, min(times) - self._clock.seconds()), self._wake)

    def _attempt(self, plan: _Plan) -> None:
        delivery, target = plan.delivery, plan.delivery.target
        attempt = Attempt(self._clock.now())
        headers = signed(delivery, target)
        if target.url == INBOX:
            number = len(delivery.attempts) + 1
            self.inbox.append(
                receive(delivery.event, attempt.at, number, target.secret, delivery.body, headers)
            )
            self._finished(plan, attempt, 200, "")
        else:
            done = partial(self._finished, plan, attempt)
            plan.errand = self._carrier.send(target.url, delivery.body, headers, done)

    def _finished(self, plan: _Plan, attempt: Attempt, status: int | None, error: str) -> None:
        delivery = plan.delivery
        with self._changed:
            if not self._live(plan):
                return
            attempt.status, attempt.error = status, error
            delivery.note(attempt)
            if plan.retry:
                self._busy.discard(delivery.target.id)
            plan.retry, plan.errand = False, None
            good = status is not None and 200 <= status < 300
            if plan.waits and not good:
                plan.due += plan.waits[0] * self._policy.retry_scale
                plan.waits = plan.waits[1:]
                self._put_off(plan)
            else:
                self._done(plan, good)
            self._wake()
            self._changed.notify_all()

    def _done(self, plan: _Plan, good: bool) -> None:
        plans = self._plans[plan.delivery.id]
        plans[:] = [other for other in plans if other is not plan]
        if good:
            plan.delivery.state = "delivered"
        if not plans:
            del self._plans[plan.delivery.id]
            if plan.delivery.state != "delivered":
                plan.delivery.state = "failed"
