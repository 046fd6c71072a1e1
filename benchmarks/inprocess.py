"""Tests without a socket: ours in each of its ways, and httpx's ASGITransport on stock Connexion. A process of its own:

python -m benchmarks.inprocess ROUNDS SECONDS DOCUMENT RESULTS
"""

from __future__ import annotations

import asyncio
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import requests

from benchmarks import asked
from benchmarks.asked import INCIDENT_IO, ONCALL
from benchmarks.results import Results
from benchmarks.timing import Repeated, interleave, times
from benchmarks.work import IMPORT, KEY, Question, canned, post, question
from mockserver.server.engine import Engine
from mockserver.transport import AsyncDirectTransport, Direct, DirectTransport
from mockserver.transport.for_requests import DirectAdapter

Works = dict[tuple[str, str], Repeated]
ENGINE, HTTPX, ASYNC_HTTPX, REQUESTS = (
    "the engine, called directly",
    "httpx.Client, our transport",
    "httpx.AsyncClient, our transport",
    "requests, our adapter",
)
NOTHING = "httpx.Client, a transport that does nothing"
OVER_ASGI = "httpx.AsyncClient, ASGITransport on ours"
OVER_CONNEXION = "httpx.AsyncClient, ASGITransport on stock Connexion"
FRESH = "a fresh sandbox and its first request"
BODY_HEADERS = {"content-type": "application/json"}


def fine(answer: httpx.Response | requests.Response) -> None:
    assert 200 <= answer.status_code < 300, answer.text


def ours(runner: asyncio.Runner) -> tuple[Works, Engine]:
    mock = asked.server()
    direct, engine = Direct(mock), mock.engine
    shown = asked.created(engine, INCIDENT_IO)
    sync = httpx.Client(transport=DirectTransport(direct), base_url=direct.base_url)
    session = requests.Session()
    session.mount(direct.base_url, DirectAdapter(direct))
    for client in (sync, session):
        client.headers["authorization"] = KEY
    body, fresh = post().body, count()
    get, send = Question("GET", shown), post()

    def of_session(method: str, path: str, data: bytes | None = None) -> None:
        fine(session.request(method, direct.base_url + path, data=data, headers=BODY_HEADERS))

    def in_fresh(made: Question) -> None:
        """As a test has it: a sandbox of its own, which goes with the test."""
        name = f"fresh-{next(fresh)}"
        engine.answer(name, asked.of(INCIDENT_IO, made))
        engine.sandboxes.delete(name)

    works: Works = {
        (ENGINE, "POST"): times(lambda: engine.answer("default", asked.of(INCIDENT_IO, send))),
        (ENGINE, "GET"): times(lambda: engine.answer("default", asked.of(INCIDENT_IO, get))),
        (HTTPX, "POST"): times(lambda: fine(sync.post(IMPORT, content=body, headers=BODY_HEADERS))),
        (HTTPX, "GET"): times(lambda: fine(sync.get(shown))),
        **idle(),
        (REQUESTS, "POST"): times(lambda: of_session("POST", IMPORT, body)),
        (REQUESTS, "GET"): times(lambda: of_session("GET", shown)),
        (FRESH, "POST"): times(lambda: in_fresh(send)),
        (FRESH, "GET"): times(lambda: in_fresh(Question("GET", asked.FIXTURE))),
        **through(ASYNC_HTTPX, AsyncDirectTransport(direct), shown, runner),
        **through(OVER_ASGI, httpx.ASGITransport(mock.app), shown, runner),
    }
    return works, engine


def idle() -> Works:
    """What the client alone costs."""
    answer = httpx.MockTransport(lambda request: httpx.Response(200, json=canned("GET")[1]))
    client = httpx.Client(transport=answer, base_url="http://127.0.0.1:4010", headers={"authorization": KEY})
    body, path = post().body, question("GET").path
    return {
        (NOTHING, "POST"): times(lambda: fine(client.post(IMPORT, content=body, headers=BODY_HEADERS))),
        (NOTHING, "GET"): times(lambda: fine(client.get(path))),
    }


def through(name: str, transport: httpx.AsyncBaseTransport, shown: str, runner: asyncio.Runner) -> Works:
    """Many requests in one run of the loop."""
    client = httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:4010", headers={"authorization": KEY}
    )
    body = post().body

    async def send(number: int) -> None:
        for _ in range(number):
            fine(await client.post(IMPORT, content=body, headers=BODY_HEADERS))

    async def get(number: int) -> None:
        for _ in range(number):
            fine(await client.get(shown))

    return {
        (name, "POST"): lambda number: runner.run(send(number)),
        (name, "GET"): lambda number: runner.run(get(number)),
    }


def connexions(document: str, runner: asyncio.Runner) -> Works:
    os.environ["PEER_DOCUMENT"] = document
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Connexion imports a test client that warns of its own age
        from benchmarks.peers.connexion_app import app  # noqa: PLC0415  it reads the environment

    transport = httpx.ASGITransport(app)
    client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:4010")
    sent = client.post(IMPORT, content=post().body, headers={**BODY_HEADERS, "authorization": KEY})
    shown = runner.run(sent).headers["location"]
    return through(OVER_CONNEXION, transport, shown, runner)


def calls(engine: Engine) -> Iterator[tuple[str, str, int]]:
    """Python functions that are called for one request: no clock, no noise."""
    for vendor in (INCIDENT_IO, ONCALL):
        shown = Question("GET", asked.created(engine, vendor))
        for kind in ("POST", "GET"):
            for _ in range(3):  # the first ones may have things to build
                made = asked.creating(vendor) if kind == "POST" else asked.of(vendor, shown)
                counted = counted_calls(partial(engine.answer, "default", made))
            yield vendor, kind, counted


def counted_calls(work: Callable[[], Any]) -> int:
    found = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal found
        found += event == "call"

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


def main() -> None:
    rounds, seconds, document, path = sys.argv[1:]
    results = Results()
    with asyncio.Runner() as runner:
        works, engine = ours(runner)
        for vendor, kind, found in calls(engine):
            results.add("calls", vendor, kind, found)
        works.update(connexions(document, runner))
        interleave(works, int(rounds), float(seconds), partial(results.add, "in-process"))
    results.save(Path(path))


if __name__ == "__main__":
    main()
