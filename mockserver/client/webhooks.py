"""What the vendor told its subscribers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from mockserver.client.calls import AsyncPart, Call, Part, awaited, nothing, parsed, sync
from mockserver.client.errors import NothingCame

# In seconds: between two looks into the inbox.
PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Received:
    """One message in the sandbox's inbox.

    `verified` says whether its signature held, which is of `body` and among the `headers`; `payload` is the body,
    parsed; `attempt` counts the deliveries of the same message.
    """

    id: str
    event: str
    at: datetime
    verified: bool
    attempt: int
    payload: Any
    body: bytes
    headers: Mapping[str, str]


def listen(*events: str) -> Call[None]:
    """Has messages (of these events, or all) delivered into the inbox. `mockserver.running()` and the pytest plugin
    do so by themselves."""
    return Call("POST", "/webhooks/targets", nothing, json={"url": "inbox:", "events": list(events)})


def send_to(url: str, secret: str | None = None, events: Sequence[str] = ()) -> Call[str]:
    """Has messages sent to a URL of yours as well; the target's id."""
    wanted: dict[str, Any] = {"url": url, "events": list(events)}
    if secret is not None:
        wanted["secret"] = secret
    return Call("POST", "/webhooks/targets", lambda answer: str(answer.json()["id"]), json=wanted)


def received(event: str | None = None) -> Call[list[Received]]:
    """What is in the inbox, the oldest first."""

    def read(answer: httpx.Response) -> list[Received]:
        messages = [_message(data) for data in answer.json()["messages"]]
        return [message for message in messages if event in (None, message.event)]

    return Call("GET", "/inbox", read)


def deliveries() -> Call[Any]:
    """Targets, and the last deliveries with their attempts."""
    return Call("GET", "/webhooks", parsed)


def clear() -> Call[None]:
    return Call("DELETE", "/inbox", nothing)


class Webhooks(Part):
    listen = sync(listen)
    send_to = sync(send_to)
    deliveries = sync(deliveries)
    clear = sync(clear)

    @property
    def received(self) -> list[Received]:
        """What is in the inbox, the oldest first."""
        return self._link.send(received())

    def wait(self, event: str | None = None, *, timeout: float = 5.0) -> Received:
        """The oldest message (of this event) in the inbox, once there is one. Raises NothingCame."""
        until = time.monotonic() + timeout
        while True:
            if found := self._link.send(received(event)):
                return found[0]
            if time.monotonic() >= until:
                raise _nothing_came(event, timeout, self.received)
            time.sleep(PAUSE)


class AsyncWebhooks(AsyncPart):
    listen = awaited(listen)
    send_to = awaited(send_to)
    deliveries = awaited(deliveries)
    received = awaited(received)
    clear = awaited(clear)

    async def wait(self, event: str | None = None, *, timeout: float = 5.0) -> Received:
        """The oldest message (of this event) in the inbox, once there is one. Raises NothingCame."""
        until = time.monotonic() + timeout
        while True:
            if found := await self._link.send(received(event)):
                return found[0]
            if time.monotonic() >= until:
                raise _nothing_came(event, timeout, await self.received())
            await asyncio.sleep(PAUSE)


def _nothing_came(event: str | None, patience: float, there: Sequence[Received]) -> NothingCame:
    wanted = f"no {event}" if event else "no webhook"
    what = ", ".join(message.event for message in there) or "nothing"
    return NothingCame(f"{wanted} came within {patience:g} seconds; the inbox holds {what}")


def _message(data: Mapping[str, Any]) -> Received:
    payload = data["payload"]
    # As the mock writes it.
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return Received(
        data["id"],
        data["event"],
        datetime.fromisoformat(data["at"]),
        data["verified"],
        data["attempt"],
        payload,
        body.encode(),
        data["headers"],
    )
