"""A receiver of webhooks in the sandbox itself: for whoever wants to see what was sent and has no receiver."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
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


class Inbox:
    """The last messages: at most so many, with bodies of at most so many bytes; the very last stays in any case."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._messages: deque[Received] = deque()
        self._size = 0

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Received]:
        """The oldest first."""
        return iter(tuple(self._messages))

    def append(self, received: Received) -> None:
        self._messages.append(received)
        self._size += len(received.body)
        while len(self) > self._most or (self._size > self._most_bytes and len(self) > 1):
            self._size -= len(self._messages.popleft().body)

    def clear(self) -> None:
        self._messages.clear()
        self._size = 0


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
