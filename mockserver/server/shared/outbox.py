"""The webhooks of a sandbox that several processes answer for: each sends what its own requests gave rise to."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

from mockserver.core.clock import SandboxClock
from mockserver.core.ids import IdSource
from mockserver.server.courier import Carrier
from mockserver.server.deliveries import Delivery
from mockserver.server.inbox import Inbox, Received
from mockserver.server.webhooks import MOST_BYTES, MOST_DELIVERIES, Outbox, WebhookPolicy

Plan = tuple[Delivery, Sequence[float], tuple[float, ...]]


class SharedInbox(Inbox):
    """Beside its own messages are those of other processes for as long as somebody looks."""

    def __init__(self, most: int, most_bytes: int) -> None:
        super().__init__(most, most_bytes)
        self._others: tuple[Received, ...] = ()
        self.times_cleared = 0

    def own(self) -> tuple[Received, ...]:
        return tuple(self._messages)

    def lend(self, messages: Sequence[Received]) -> None:
        self._others = tuple(messages)

    def __iter__(self) -> Iterator[Received]:
        if not self._others:
            return super().__iter__()
        return iter(sorted((*self._messages, *self._others), key=lambda received: received.at))

    def clear(self) -> None:
        super().clear()
        self.lend(())
        self.times_cleared += 1

    def cleared(self, times: int) -> None:
        """Somebody else has emptied it, or nobody."""
        if times != self.times_cleared:
            self.clear()
            self.times_cleared = times


class SharedOutbox(Outbox):
    """Sends nothing that is posted before it is `released`: what was done may have to be done again."""

    def __init__(self, ids: IdSource, clock: SandboxClock, policy: WebhookPolicy, carrier: Carrier) -> None:
        super().__init__(ids, clock, policy, carrier)
        self.shared_inbox = SharedInbox(MOST_DELIVERIES, MOST_BYTES)
        self.inbox = self.shared_inbox
        self.held: list[Plan] = []
        self._lent: tuple[str, ...] = ()

    def release(self) -> None:
        held, self.held = self.held, []
        with self._changed:
            for delivery, copies, waits in held:
                super()._plan(delivery, copies, waits)

    def take_back(self) -> None:
        """As if what was held had never been posted."""
        with self._changed:
            for delivery, _, _ in self.held:
                if self.deliveries.pop(delivery.id, None) is not None:
                    self._size -= len(delivery.body)
        self.held = []

    def own(self) -> list[Delivery]:
        with self._changed:
            return [delivery for id_, delivery in self.deliveries.items() if id_ not in self._lent]

    def lend(self, deliveries: Mapping[str, Delivery]) -> None:
        """What other processes have sent; an own delivery of the same id stands above theirs."""
        with self._changed:
            for id_ in self._lent:
                returned = self.deliveries.pop(id_, None)
                self._size -= 0 if returned is None else len(returned.body)
            self._lent = tuple(id_ for id_ in deliveries if id_ not in self.deliveries)
            lent = {id_: deliveries[id_] for id_ in self._lent}
            self._size += sum(len(delivery.body) for delivery in lent.values())
            every = {**lent, **self.deliveries}.items()
            self.deliveries = OrderedDict(sorted(every, key=lambda item: _first_at(item[1])))

    def send_again(self, delivery_id: str) -> Delivery:
        """What another process sent first is sent again by this one."""
        self._lent = tuple(id_ for id_ in self._lent if id_ != delivery_id)
        delivery = super().send_again(delivery_id)
        self.release()
        return delivery

    def _plan(self, delivery: Delivery, copies: Sequence[float], waits: tuple[float, ...]) -> None:
        self.held.append((delivery, copies, waits))


def _first_at(delivery: Delivery) -> float:
    """What has not been tried yet comes last."""
    return delivery.attempts[0].at.timestamp() if delivery.attempts else float("inf")
