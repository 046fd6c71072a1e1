"""What goes wrong on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from mockserver.client.calls import (
    AsyncLink,
    AsyncPart,
    Call,
    Link,
    Part,
    awaited,
    awaited_handle,
    nothing,
    sync,
    sync_handle,
)

Delay = float | Mapping[str, Any]
Words = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """`seen` counts the requests that matched, `hits` those that something was done to."""

    id: str
    match: Mapping[str, Any]
    act: Mapping[str, Any]
    enabled: bool
    seen: int
    hits: int


def fault(
    *,
    provider: str | None = None,
    operation: Words | None = None,
    method: Words | None = None,
    path: Words | None = None,
    header: Mapping[str, str | None] | None = None,
    body: Mapping[str, Any] | None = None,
    event: Words | None = None,
    nth: int | Sequence[int] | None = None,
    every: int | None = None,
    probability: float | None = None,
    seed: int | None = None,
    times: int | None = None,
    status: int | None = None,
    retry_after: float | None = None,
    delay: Delay | None = None,
    reset: bool | None = None,
    hang: bool | None = None,
    drip: float | None = None,
    truncate: bool | None = None,
    malformed: bool | None = None,
    content_type: str | None = None,
    stale: bool | None = None,
    after: bool | None = None,
    webhook: str | Mapping[str, Any] | None = None,
    id: str | None = None,
) -> Call[Rule]:
    """Adds a rule: what it is about, then what happens.

    Which requests: `provider`, `operation`, `method`, `path` (a glob), `header` (None: must not be there), `body` (JSON
    path to value); of those the `nth` alone, `every` so many, with a `probability` (and its `seed`), no more than so
    many `times`. `event` is for webhooks.

    What happens: a `status` in the vendor's words (429 with `retry_after`); a `delay` in seconds or drawn, e.g.
    `{"normal": [0.2, 0.05]}`; `reset`, `hang`, `drip` (seconds between pieces), `truncate`; `malformed`,
    `content_type`; a `stale` read; `webhook="duplicate"` or `{"late": seconds}`. `after` has the request done first, so
    that only its answer is lost.
    """
    match = {
        "provider": provider.replace("_", "-") if provider else None,
        "operation": operation,
        "method": method,
        "path": path,
        "header": header,
        "body": body,
        "event": event,
        "nth": nth,
        "every": every,
        "probability": probability,
        "seed": seed,
        "times": times,
    }
    act = {
        "status": status,
        "retry_after": retry_after,
        "delay": delay,
        "reset": reset,
        "hang": hang,
        "drip": drip,
        "truncate": truncate,
        "malformed": malformed,
        "content_type": content_type,
        "stale": stale,
        "after": after,
        "webhook": webhook,
    }
    rule: dict[str, Any] = {"match": _given(match), "act": _given(act)}
    return Call("POST", "/faults", _read, json=rule if id is None else {"id": id, **rule})


def all_rules() -> Call[list[Rule]]:
    """Every rule, in the order in which they are tried."""
    return Call("GET", "/faults", _rules)


def profile(name: str) -> Call[list[Rule]]:
    """Adds the rules of a ready-made profile: flaky, slow, rate-limited, outage, maintenance."""
    return Call("POST", f"/profiles/{name}", _rules)


def clear() -> Call[None]:
    """From now on nothing goes wrong."""
    return Call("DELETE", "/faults", nothing)


def show(id: str) -> Call[Rule]:
    return Call("GET", f"/faults/{id}", _read)


def remove(id: str) -> Call[None]:
    return Call("DELETE", f"/faults/{id}", nothing)


def switch(id: str, enabled: bool) -> Call[None]:
    return Call("PATCH", f"/faults/{id}", nothing, json={"enabled": enabled})


class FaultHandle:
    """One rule. As a context, the rule is gone at its end."""

    def __init__(self, link: Link, rule: Rule) -> None:
        self._link = link
        self.id = rule.id

    @property
    def hits(self) -> int:
        """How many requests something was done to so far."""
        return self._link.send(show(self.id)).hits

    def remove(self) -> None:
        self._link.send(remove(self.id))

    def enable(self) -> None:
        self._link.send(switch(self.id, True))

    def disable(self) -> None:
        self._link.send(switch(self.id, False))

    def __enter__(self) -> FaultHandle:
        return self

    def __exit__(self, *problem: object) -> None:
        self.remove()


class AsyncFaultHandle:
    def __init__(self, link: AsyncLink, rule: Rule) -> None:
        self._link = link
        self.id = rule.id

    async def hits(self) -> int:
        return (await self._link.send(show(self.id))).hits

    async def remove(self) -> None:
        await self._link.send(remove(self.id))

    async def enable(self) -> None:
        await self._link.send(switch(self.id, True))

    async def disable(self) -> None:
        await self._link.send(switch(self.id, False))

    async def __aenter__(self) -> AsyncFaultHandle:
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.remove()


class Faults(Part):
    add = sync_handle(FaultHandle, fault)
    all = sync(all_rules)
    profile = sync(profile)
    clear = sync(clear)


class AsyncFaults(AsyncPart):
    add = awaited_handle(AsyncFaultHandle, fault)
    all = awaited(all_rules)
    profile = awaited(profile)
    clear = awaited(clear)


def _given(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wanted.items() if value is not None}


def _read(answer: httpx.Response) -> Rule:
    return _rule(answer.json())


def _rules(answer: httpx.Response) -> list[Rule]:
    found = answer.json()
    return [_rule(rule) for rule in (found["rules"] if isinstance(found, dict) else found)]


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        data["id"],
        data.get("match", {}),
        data.get("act", {}),
        data.get("enabled", True),
        data.get("seen", 0),
        data.get("hit", 0),
    )
