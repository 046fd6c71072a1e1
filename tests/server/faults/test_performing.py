"""Effects as an ASGI server sees them, without one."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from mockserver.core.exchange import Answer
from mockserver.server.asgi import WIRE
from mockserver.server.engine import Reply
from mockserver.server.faults import performing
from mockserver.server.faults.effects import Effect

ANSWER = Answer(200, (("Content-Type", "text/plain"),), b"0123456789" * 3)


class Wire:
    held = False

    def __init__(self, gone: asyncio.Event) -> None:
        self._gone = gone
        self.done: list[str] = []

    def reset(self) -> None:
        self.done.append("reset")
        self._gone.set()

    def close(self) -> None:
        self.done.append("close")
        self._gone.set()


def transmitted(
    effect: Effect, *, method: str = "GET", leaves: bool = False, wired: bool = True
) -> tuple[list[MutableMapping[str, Any]], Wire]:
    """The messages that were sent, and what was done to the connection; `leaves` is a client that hangs up at once."""
    sent: list[MutableMapping[str, Any]] = []

    async def run() -> Wire:
        gone = asyncio.Event()
        wire = Wire(gone)
        if leaves:
            gone.set()
        scope: dict[str, Any] = {"type": "http", "method": method}
        if wired:
            scope[WIRE] = wire

        async def receive() -> MutableMapping[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await performing.transmit(Reply(ANSWER, effect), scope, receive, send)
        assert wire.held is False
        return wire

    return sent, asyncio.run(run())


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited for, without waiting."""
    waited: list[float] = []

    async def passes(seconds: float, gone: asyncio.Future[None]) -> bool:
        waited.append(seconds)
        return False

    monkeypatch.setattr(performing, "passes", passes)
    return waited


def bodies(sent: list[MutableMapping[str, Any]]) -> list[bytes]:
    return [message["body"] for message in sent if message["type"] == "http.response.body"]


def test_a_delay_comes_before_the_first_byte(waits: list[float]) -> None:
    sent, _ = transmitted(Effect(delay=2.5))
    assert (waits, bodies(sent)) == ([2.5], [ANSWER.body])


def test_a_body_drips_in_ten_pieces_with_a_wait_between_them(waits: list[float]) -> None:
    sent, _ = transmitted(Effect(drip=0.5))
    assert bodies(sent) == [ANSWER.body[at : at + 3] for at in range(0, 30, 3)]
    assert [message.get("more_body", False) for message in sent[1:]] == [True] * 9 + [False]
    assert waits == [0.5] * 9


def test_a_body_may_drip_until_it_is_cut(waits: list[float]) -> None:
    sent, wire = transmitted(Effect(drip=0.5, ending="truncate"))
    assert b"".join(bodies(sent)) == ANSWER.body[:15]
    assert all(message["more_body"] for message in sent[1:])
    assert wire.done == ["close"]
    assert dict(sent[0]["headers"])[b"content-length"] == b"30"


@pytest.mark.parametrize(
    "effect", [Effect(delay=3600), Effect(ending="hang"), Effect(delay=3600, ending="reset")]
)
def test_a_client_that_goes_away_ends_the_wait(effect: Effect) -> None:
    assert transmitted(effect, leaves=True)[0] == []


def test_a_client_that_goes_away_ends_a_drip() -> None:
    assert len(bodies(transmitted(Effect(drip=3600), leaves=True)[0])) == 1


def test_a_reset_sends_nothing() -> None:
    sent, wire = transmitted(Effect(ending="reset"))
    assert (sent, wire.done) == ([], ["reset"])


@pytest.mark.parametrize("ending, kept", [("reset", b""), ("truncate", ANSWER.body[:15])])
def test_under_another_server_a_broken_answer_is_begun_and_not_ended(ending: Any, kept: bytes) -> None:
    sent, _ = transmitted(Effect(ending=ending), wired=False)
    assert sent[0]["type"] == "http.response.start"
    assert int(dict(sent[0]["headers"])[b"content-length"]) > len(kept)
    assert b"".join(bodies(sent)) == kept
    assert all(message["more_body"] for message in sent[1:])


def test_what_is_left_of_a_body_that_was_too_long_is_no_hangup() -> None:
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": b"x", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def run() -> list[MutableMapping[str, Any]]:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return messages.pop(0)

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await performing.transmit(Reply(ANSWER, Effect(ending="hang")), {"method": "GET"}, receive, send)
        return sent

    assert asyncio.run(run()) == []
    assert messages == []
