"""One webhook to one target: what was tried, and what goes over the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from standardwebhooks import Webhook

from mockserver.core.clock import machine_time
from mockserver.core.webhook import WebhookTarget

# Of one delivery; it can be sent again without an end.
MOST_ATTEMPTS = 100


@dataclass(slots=True)
class Attempt:
    """`at` is the sandbox's time. `status` is what the receiver answered; None where there was no answer, and `error`
    says why."""

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

    def note(self, attempt: Attempt) -> None:
        """The last MOST_ATTEMPTS are kept."""
        self.attempts.append(attempt)
        del self.attempts[:-MOST_ATTEMPTS]

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


def signed(delivery: Delivery, target: WebhookTarget) -> dict[str, str]:
    """Receivers hold the time of a message against their own clock, so it is the machine's and no sandbox's."""
    at = machine_time()
    return {
        "content-type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(target.secret).sign(delivery.id, at, delivery.body.decode()),
    }
