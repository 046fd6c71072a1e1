from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mockserver.server.control.guard import ControlGuard


def ask(
    *,
    token: str | None = None,
    client: tuple[str, int] | None = ("127.0.0.1", 5000),
    names: list[str] | None = None,
    **headers: str,
) -> tuple[int, str]:
    """The status and error that the guard answers with; 200 stands for what it lets through."""
    sent: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/_mock/health", "headers": raw, "client": client}
    asyncio.run(ControlGuard(inner, token=token, names=names or [])(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"]).get("error", "")


@pytest.mark.parametrize("host", ["127.0.0.1:4010", "localhost", "LOCALHOST:4010", "[::1]:4010", "127.0.0.1"])
def test_this_machine_may_come_in_by_any_loopback_name(host: str) -> None:
    assert ask(host=host)[0] == 200


def test_the_name_that_the_server_was_given_is_its_own() -> None:
    assert ask(host="mock.test:4010")[0] == 403
    assert ask(host="mock.test:4010", names=["mock.test"])[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "evil.test:4010",
        "127.0.0.1.evil.test",
        "localhost.evil.test",
        "",
        "localhost@evil.test",
        "[",
    ],
)
def test_a_rebound_name_is_refused(host: str) -> None:
    status, error = ask(host=host)
    assert status == 403
    assert "is not this server" in error


def test_a_request_without_a_host_is_refused() -> None:
    assert ask()[0] == 403


@pytest.mark.parametrize("address", ["10.0.0.7", "2001:db8::1", "testclient"])
def test_another_machine_is_refused(address: str) -> None:
    status, error = ask(host="localhost", client=(address, 1))
    assert status == 403
    assert "only this machine" in error


def test_a_page_from_elsewhere_is_refused_even_with_the_token() -> None:
    assert ask(host="127.0.0.1:4010", origin="http://evil.test")[0] == 403
    assert ask(token="t", X_Mock_Token="t", host="127.0.0.1:4010", origin="http://evil.test")[0] == 403
    assert ask(host="127.0.0.1:4010", origin="http://127.0.0.1:4010")[0] == 200
    assert ask(host="127.0.0.1:4010", origin="http://127.0.0.1:9999")[0] == 403
    assert ask(host="127.0.0.1:4010", origin="null")[0] == 403


def test_with_a_token_set_only_the_token_counts() -> None:
    assert ask(token="t", host="localhost")[0] == 403
    assert ask(token="t", host="localhost", X_Mock_Token="T")[0] == 403
    assert ask(token="t", host="anything.test", client=("10.0.0.7", 1), X_Mock_Token="t")[0] == 200
