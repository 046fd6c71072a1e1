"""Replaying recorded exchanges against a mock in the same process."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from tests.inprocess import RawHeaders, Received

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
WAIT = re.compile(r"available in \d+ seconds?")
CUT = re.compile(r"\.\.\.<\d+ bytes>$")
LEFT_OUT = re.compile(r"<(\d+) bytes>")
CREATED = re.compile(r'^\{"id": ?"(\w+)"')
VOLATILE = {"content-length"}
WAITS = {"retry-after", "ratelimit-reset"}


@dataclass(frozen=True)
class Exchange:
    name: str
    supplied: str | None
    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]

    @property
    def headers(self) -> dict[str, str]:
        headers: dict[str, str] = self.request["headers"]
        return headers


def recorded(file: Path) -> list[Exchange]:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [Exchange(one["name"], one.get("supplied"), one["request"], one["response"]) for one in lines]


class Transport(Protocol):
    def exchange(
        self, method: str, target: bytes | str, headers: RawHeaders, body: bytes = b""
    ) -> Received: ...

    def close(self) -> None: ...


class Replay:
    """Sends exchanges in order and says what came back otherwise."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._ids: dict[str, str] = {}

    def __enter__(self) -> Replay:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._transport.close()

    def spend(self, token: str, requests: int) -> None:
        for _ in range(requests):
            self._transport.exchange("GET", "/api/v1/users/", [(b"authorization", token.encode())])

    def run(self, exchanges: Iterable[Exchange]) -> dict[str, str]:
        told = {one.name: self._difference(one, self._send(one)) for one in exchanges}
        return {name: difference for name, difference in told.items() if difference}

    def _send(self, exchange: Exchange) -> Received:
        asked = exchange.request
        query = f"?{asked['query']}" if asked["query"] else ""
        # As a parser hands them on: without white space at the ends.
        headers = [
            (name.lower().encode(), value.strip(" \t").encode())
            for name, value in exchange.headers.items()
            if name != "Content-Length"
        ]
        target = self._carried(asked["path"] + query)
        received = self._transport.exchange(asked["method"], target, headers, self._body(asked["body"]))
        was = CREATED.match(str(exchange.response["body"]))
        now = CREATED.match(received.body.decode("utf-8", "replace"))
        if was and now and exchange.response["status"] == received.status == 201:
            self._ids[was[1]] = now[1]
        return received

    def _body(self, body: Any) -> bytes:
        if isinstance(body, dict):
            return base64.b64decode(body["base64"])
        left_out = LEFT_OUT.fullmatch(body or "")
        if left_out is None:
            return self._carried(body or "").encode()
        length = int(left_out[1])
        if length == 100_000:
            return b"[" * length
        start, end = b'{"alert_group_id": "I2UU73G65BDMG", "text": "', b'"}'
        return start + b"x" * (length - len(start) - len(end)) + end

    def _carried(self, text: str) -> str:
        """The same text, with the ids of the recording replaced by those that took their place."""
        for was, now in self._ids.items():
            text = text.replace(was, now)
        return text

    def _difference(self, exchange: Exchange, received: Received) -> str:
        wanted = exchange.response
        if received.status != wanted["status"]:
            return f"{received.status} instead of {wanted['status']}: {received.body[:200]!r}"
        if exchange.supplied:
            return ""
        headers = {name.decode(): value.decode() for name, value in received.headers}
        if _steady(headers) != _steady({name.lower(): value for name, value in wanted["headers"].items()}):
            return f"headers {_steady(headers)} instead of {_steady(wanted['headers'])}"
        body, expected = received.body.decode(), self._carried(wanted["body"] or "")
        if CUT.search(expected):
            expected = CUT.sub("", expected)
            expected = expected[: expected.rfind("},{") + 1] if "},{" in expected else expected
            body = body[: len(expected)]
        if exchange.request["method"] == "HEAD":
            body = ""
        return "" if _still(body) == _still(expected) else f"{_still(body)} instead of {_still(expected)}"


def _steady(headers: dict[str, str]) -> dict[str, str]:
    return {
        name: "a while" if name in WAITS else value for name, value in headers.items() if name not in VOLATILE
    }


def _still(text: str) -> str:
    return WAIT.sub("available in a while", TIME.sub("a time", text))
