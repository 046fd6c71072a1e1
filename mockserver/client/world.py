"""Clock, state and snapshots of a sandbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from mockserver.client.calls import AsyncLink, AsyncPart, Call, Link, Part, awaited, nothing, sync


def now() -> Call[datetime]:
    """What time it is in the sandbox."""
    return Call("GET", "/clock", lambda answer: datetime.fromisoformat(answer.json()["now"]))


def freeze(at: datetime | str | None = None) -> Call[None]:
    """Time stands still, now or at a time of your choice."""
    moved = {} if at is None else {"now": at.isoformat() if isinstance(at, datetime) else at}
    return Call("PUT", "/clock", nothing, json={"frozen": True, **moved})


def move(by: float | timedelta) -> Call[None]:
    """Seconds, or a timedelta, forwards."""
    seconds = by.total_seconds() if isinstance(by, timedelta) else by
    return Call("POST", "/clock/move", nothing, json={"seconds": seconds})


def tick(seconds: float) -> Call[None]:
    """From now on time moves by so much with every request, and not otherwise."""
    return Call("PUT", "/clock", nothing, json={"tick": seconds})


def run() -> Call[None]:
    """From now on time passes by itself, from where it stands."""
    return Call("PUT", "/clock", nothing, json={"frozen": False, "tick": None})


class Clock(Part):
    """Rate limits, timestamps and the retries of webhooks follow it."""

    freeze = sync(freeze)
    move = sync(move)
    tick = sync(tick)
    run = sync(run)

    @property
    def now(self) -> datetime:
        """What time it is in the sandbox."""
        return self._link.send(now())


class AsyncClock(AsyncPart):
    now = awaited(now)
    freeze = awaited(freeze)
    move = awaited(move)
    tick = awaited(tick)
    run = awaited(run)


def export() -> Call[str]:
    """Everything in the sandbox as YAML, which is a fixture, too."""
    return Call("GET", "/state", lambda answer: answer.text)


def load(text: str) -> Call[None]:
    """Puts exported state in the place of the sandbox's own."""
    return Call("PUT", "/state", nothing, text=text)


class State(Part):
    export = sync(export)
    load = sync(load)


class AsyncState(AsyncPart):
    export = awaited(export)
    load = awaited(load)


def take(name: str | None = None) -> Call[str]:
    """Keeps the sandbox as it is now, under a name, which it makes up if none is given."""
    named = name or f"snapshot-{uuid4().hex[:12]}"

    def read(answer: httpx.Response) -> str:
        return named

    return Call("PUT", f"/snapshots/{named}", read)


def snapshots() -> Call[Any]:
    return Call("GET", "/snapshots", lambda answer: answer.json())


def restore(name: str) -> Call[None]:
    return Call("POST", f"/snapshots/{name}/restore", nothing)


def drop(name: str) -> Call[None]:
    return Call("DELETE", f"/snapshots/{name}", nothing)


class Snapshot:
    """The sandbox as it was. As a context, that is what it is again at the end."""

    def __init__(self, link: Link, name: str) -> None:
        self._link = link
        self.name = name

    def restore(self) -> None:
        self._link.send(restore(self.name))

    def drop(self) -> None:
        self._link.send(drop(self.name))

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *problem: object) -> None:
        self.restore()


class AsyncSnapshot:
    def __init__(self, link: AsyncLink, name: str) -> None:
        self._link = link
        self.name = name

    async def restore(self) -> None:
        await self._link.send(restore(self.name))

    async def drop(self) -> None:
        await self._link.send(drop(self.name))

    async def __aenter__(self) -> AsyncSnapshot:
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.restore()
