"""A receiver of webhooks in the sandbox itself: for whoever wants to see what was sent and has no receiver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from standardwebhooks import Webhook, WebhookVerificationError

# The address of it, as a target has one.
INBOX = "inbox:"


@dataclass(frozen=True, slots=True)
class Received:
    """`at` is the sandbox's time, `verified` whether the signature is good, `attempt` counts from 1."""

    id: str
    event: str
    at: datetime
    verified: bool
    attempt: int
    body: bytes
    headers: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "event": self.event,
            "at": self.at.isoformat(),
            "verified": self.verified,
            "attempt": self.attempt,
            "payload": orjson.loads(self.body),
            "headers": dict(self.headers),
        }


def receive(
    event: str, at: datetime, attempt: int, secret: str, body: bytes, headers: Mapping[str, str]
) -> Received:
    """Verifies as any receiver would, with the library that the vendor's documentation names."""
    try:
        Webhook(secret).verify(body, dict(headers))
    except WebhookVerificationError:
        verified = False
    else:
        verified = True
    return Received(headers["webhook-id"], event, at, verified, attempt, body, headers)
