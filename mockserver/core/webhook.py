"""What is told to whom: the vendor's messages, and the addresses that asked for them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Published on purpose, and of use to nobody: it signs messages of a mock to addresses on the same machine.
DEFAULT_SECRET = "whsec_" + b64encode(b"the mock's webhook secret").decode()


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """`secret` as Standard Webhooks writes it; no `events` means every event."""

    id: str
    url: str
    secret: str = DEFAULT_SECRET
    events: tuple[str, ...] = ()

    def wants(self, event: str) -> bool:
        return not self.events or event in self.events


@dataclass(frozen=True, slots=True)
class Message:
    """`event` is the vendor's name for it; `payload` what stands below that name in the body."""

    event: str
    payload: Mapping[str, Any]
