"""A client of a guard, a clock that it sleeps by, and a server to be guarded from."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Callable
from typing import Any

from contract_tests.deployment import Deployment
from contract_tests.guard.guard import Guard
from contract_tests.guard.ledger import Intent
from contract_tests.guard.ownership import digest
from tests.guard.servers import Line, Server, Talk, place

POSTMORTEMS = "/api/v1/postmortems/"
TOKEN = "token-of-mine"
DEPLOYMENT = Deployment(oncall_token=TOKEN, incident_key="key-of-mine")
RUN = "run-1234"
TAG = "[made by run-1234]"
NOW = time.time()
INTENT = Intent(
    operation="create_postmortem",
    resource="postmortem",
    path=POSTMORTEMS,
    into=("IABC",),
    removed_at=f"{POSTMORTEMS}{{id}}/",
    credential="oncall_editor_token",
    text=digest("words"),
    tagged=False,
    label="",
    at=NOW,
)

Serve = Callable[[Talk], Server]


class Hours:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


MakeGuard = Callable[..., Guard]


def answer(status: int, body: Any = None, *headers: str) -> bytes:
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Some", *headers, f"Content-Length: {len(data)}", "", ""]
    return "\r\n".join(lines).encode() + data


class Client:
    def __init__(self, door: str) -> None:
        self._connection = http.client.HTTPConnection(*place(door), timeout=10)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, bytes]:
        """The status, what the guard says, and the body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, {"Authorization": TOKEN, **named})
        answered = self._connection.getresponse()
        return answered.status, answered.getheader("X-Contract-Guard") or "", answered.read()

    def close(self) -> None:
        self._connection.close()


MakeClient = Callable[[str], Client]


def server_of(ids: list[str]) -> Talk:
    """Makes a postmortem of each id, lists somebody's, and does what it is asked to."""

    def talk(line: Line) -> None:
        while request := line.request():
            method, path, _ = request.split(b" ", 2)
            if method == b"POST" and path == POSTMORTEMS.encode():
                line.say(answer(201, {"id": ids.pop(0)}))
            elif method == b"DELETE":
                line.say(answer(204))
            else:
                line.say(answer(200, {"results": [{"id": "PTHEIRS"}]}))

    return talk
