from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest

from mockserver.core.exchange import Headers, Request
from mockserver.server.app import MockServer, create_server
from mockserver.server.console import events
from mockserver.server.console.events import MOST_WAITING, EventStream, Listener
from mockserver.server.settings import Settings
from tests.conftest import BOTH
from tests.inprocess import InProcess
from tests.live import serving

KEY = (b"authorization", b"meowmeowmeow")


def ask(server: MockServer, path: str = "/api/v1/postmortems/", sandbox: str = "default") -> None:
    server.engine.answer(sandbox, Request("GET", path, headers=Headers([KEY])))


def ask_often(server: MockServer) -> None:
    for _ in range(50):
        ask(server)


def told(chunks: bytes) -> list[tuple[str, Any]]:
    """The events of a stream, and what each says."""
    found = []
    for block in chunks.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


class Client:
    """One that listens until it hangs up."""

    def __init__(self) -> None:
        self.heard = b""
        self.ended = False
        self.changed = asyncio.Event()
        self._gone = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.heard += message.get("body", b"")
        self.ended = message["type"] == "http.response.body" and not message["more_body"]
        self.changed.set()

    async def receive(self) -> Any:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    def hang_up(self) -> None:
        self._gone.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 30)


async def listening(
    server: MockServer, client: Client, sandbox: str | None = None, **more: float
) -> asyncio.Task[None]:
    stream = EventStream(server.sandboxes.feed, sandbox, **more)
    task = asyncio.create_task(stream({"type": "http"}, client.receive, client.send))
    await client.until(lambda: b"listening" in client.heard)
    return task


def test_each_request_is_told_while_it_happens_without_its_query(server: MockServer) -> None:
    async def story() -> list[tuple[str, Any]]:
        client = Client()
        task = await listening(server, client)
        ask(server, "/nowhere")
        ask(server, sandbox="other")
        await client.until(lambda: client.heard.count(b"event: request") == 2)
        client.hang_up()
        await task
        assert client.ended
        return told(client.heard)

    (_, first), (kind, second) = asyncio.run(story())
    assert kind == "request"
    assert (first["method"], first["path"], first["status"], first["operation"]) == (
        "GET",
        "/nowhere",
        404,
        None,
    )
    assert (second["sandbox"], second["provider"], second["operation"]) == (
        "other",
        "grafana-oncall",
        "list_postmortems",
    )
    assert server.sandboxes.feed.listeners == set()


def test_a_credential_that_a_client_put_into_its_path_is_not_told(server: MockServer) -> None:
    heard: list[Any] = []
    server.sandboxes.feed.listeners.add(lambda entry: heard.append(events.summary(entry)["path"]))
    ask(server, "/api/v1/meowmeowmeow/")
    ask(server, "/api/v1/postmortems/")
    server.sandboxes.feed.listeners.clear()
    assert heard == ["/api/v1/<credential>/", "/api/v1/postmortems/"]


def test_a_listener_may_choose_a_sandbox(server: MockServer) -> None:
    async def story() -> bytes:
        client = Client()
        task = await listening(server, client, "mine")
        ask(server, sandbox="other")
        ask(server, sandbox="mine")
        await client.until(lambda: b"event: request" in client.heard)
        client.hang_up()
        await task
        return client.heard

    assert [event["sandbox"] for _, event in told(asyncio.run(story()))] == ["mine"]


def test_a_listener_hears_of_requests_that_another_thread_answers(server: MockServer) -> None:
    async def story() -> bytes:
        client = Client()
        task = await listening(server, client)
        thread = threading.Thread(target=ask_often, args=[server])
        thread.start()
        await client.until(lambda: client.heard.count(b"event: request") == 50)
        thread.join()
        client.hang_up()
        await task
        return client.heard

    assert len(told(asyncio.run(story()))) == 50


def test_a_slow_listener_loses_the_oldest_and_is_told_how_many(server: MockServer) -> None:
    async def story() -> bytes:
        listener = Listener(asyncio.get_running_loop(), None)
        server.sandboxes.feed.listeners.add(listener.hear)
        for _ in range(MOST_WAITING + 44):
            ask(server)
        server.sandboxes.feed.listeners.clear()
        assert listener.waiting == MOST_WAITING
        return await listener.next(30)

    (kind, lost), *kept = told(asyncio.run(story()))
    assert (kind, lost) == ("dropped", {"count": 44})
    numbers = [int(event["id"][1:]) for _, event in kept]
    assert len(numbers) == MOST_WAITING
    assert numbers == list(range(numbers[0], numbers[0] + MOST_WAITING))


def test_what_waits_is_bounded_in_bytes_too(server: MockServer) -> None:
    async def story() -> int:
        listener = Listener(asyncio.get_running_loop(), None)
        server.sandboxes.feed.listeners.add(listener.hear)
        ask(server, "/" + "x" * 60_000)
        server.sandboxes.feed.listeners.clear()
        return len(await listener.next(30))

    assert asyncio.run(story()) < 1_500


def test_silence_is_broken_now_and_then(server: MockServer) -> None:
    async def story() -> None:
        client = Client()
        task = await listening(server, client, heartbeat=0.001)
        await client.until(lambda: client.heard.count(b": nothing new\n\n") >= 2)
        client.hang_up()
        await task

    asyncio.run(story())


def test_a_loop_that_has_ended_does_not_disturb_those_who_ask(server: MockServer) -> None:
    loop = asyncio.new_event_loop()
    listener = Listener(loop, None)
    loop.close()
    server.sandboxes.feed.listeners.add(listener.hear)
    ask(server)
    server.sandboxes.feed.listeners.clear()


def test_more_listeners_than_there_is_room_for_are_refused(
    server: MockServer, transport: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST_LISTENERS", 0)
    answer = transport.exchange("GET", "/_mock/events", [(b"host", b"127.0.0.1")])
    assert (answer.status, answer.json()) == (503, {"error": "0 listen already"})


def test_a_listener_does_not_hold_up_a_shutdown(caplog: pytest.LogCaptureFixture) -> None:
    """uvicorn waits for an answer that is under way, until its patience ends: then it says so in the log."""
    connected, ended = threading.Event(), threading.Event()

    def listen(base_url: str) -> None:
        with (
            httpx.Client(timeout=60) as client,
            client.stream("GET", f"{base_url}/_mock/events") as answer,
            suppress(httpx.RemoteProtocolError),
        ):
            assert answer.headers["Content-Type"] == "text/event-stream"
            for _ in answer.iter_raw():
                connected.set()
        ended.set()

    with serving(lambda base_url: create_server(Settings(providers=BOTH, base_url=base_url))) as live:
        thread = threading.Thread(target=listen, args=[live.base_url])
        thread.start()
        assert connected.wait(30)
    assert ended.wait(30)
    thread.join()
    assert caplog.messages == []
    assert live.mock.sandboxes.feed.listeners == set()
