from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from mockserver.server.control.guard import ControlGuard

LAN = ("10.0.0.7", 40000)


def ask(
    *,
    token: str | None = None,
    client: tuple[str, int] | None = ("127.0.0.1", 5000),
    names: Sequence[str] = (),
    method: str = "GET",
    admits: Callable[[HTTPConnection], bool] | None = None,
    invites: Callable[[HTTPConnection], Response | None] | None = None,
    more: Sequence[tuple[bytes, bytes]] = (),
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
        raise AssertionError("who may come in is known before anything is read")

    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": "/_mock/health",
        "headers": [*raw, *more],
        "client": client,
    }
    guard = ControlGuard(inner, token=token, names=names, admits=admits, invites=invites)
    asyncio.run(guard(scope, receive, send))
    body = sent[1]["body"]
    return sent[0]["status"], json.loads(body).get("error", "") if body.startswith(b"{") else body.decode()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:4010",
        "127.0.0.1",
        "127.8.9.10:4010",
        "localhost",
        "LOCALHOST:4010",
        "[::1]:4010",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
    ],
)
def test_this_machine_may_come_in_by_any_loopback_name(host: str) -> None:
    assert ask(host=host) == (200, "")


@pytest.mark.parametrize("name", ["mock.test", "MOCK.test", "fd00::1"])
def test_the_name_that_the_server_was_given_is_its_own(name: str) -> None:
    host = f"[{name}]:4010" if ":" in name else f"{name.lower()}:4010"
    assert ask(host=host)[0] == 403
    assert ask(host=host, names=[name])[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "evil.test:4010",
        "127.0.0.1.evil.test",
        "localhost.evil.test",
        "evil.localhost",
        "localhost.",
        "127.0.0.1.",
        "0.0.0.0:4010",
        "[::]:4010",
        "127.1",
        "2130706433",
        "0x7f.1",
        "localhost@evil.test",
        "evil.test@localhost",
        "localhost/evil.test",
        "localhost?evil.test",
        "localhost#evil.test",
        "localhost:4010:4010",
        "localhost:",
        "localhost:x",
        "localhost:999999",
        "localhost,evil.test",
        "localhost evil.test",
        "::1",
        "[::1",
        "[::1]evil.test",
        "[::1%25lo]",
        "[::ffff:10.0.0.7]",
        "[",
        "",
        "x" * 10_000,
    ],
)
def test_a_rebound_name_and_a_host_in_an_odd_form_are_refused(host: str) -> None:
    status, error = ask(host=host)
    assert status == 403
    assert "is not this server" in error
    assert len(error) < 200


def test_a_request_without_a_host_as_http_1_0_allows_is_refused() -> None:
    assert ask()[0] == 403
    assert ask(token="t", X_Mock_Token="t")[0] == 200


def test_a_request_with_two_hosts_is_refused() -> None:
    assert ask(host="localhost", more=[(b"host", b"evil.test")])[0] == 403
    assert ask(host="evil.test", more=[(b"host", b"localhost")])[0] == 403


@pytest.mark.parametrize(
    "address", ["10.0.0.7", "192.168.1.1", "2001:db8::1", "::ffff:10.0.0.7", "testclient", ""]
)
def test_another_machine_is_refused_whatever_it_calls_the_server(address: str) -> None:
    status, error = ask(host="localhost", client=(address, 1))
    assert status == 403
    assert "only this machine" in error


def test_a_client_that_has_hung_up_before_its_address_was_asked_is_refused() -> None:
    """A reset takes the peer's address away and leaves what it sent: seen with 206 of 300 such requests."""
    status, error = ask(host="localhost", client=None, method="POST")
    assert status == 403
    assert "only this machine" in error


def test_a_client_of_this_machine_on_a_socket_for_both_kinds_of_address_comes_in() -> None:
    assert ask(host="localhost", client=("::ffff:127.0.0.1", 1))[0] == 200


FORWARDING = ["X-Forwarded-For", "X-Real-IP", "Forwarded"]


def forwarded(header: str, address: str) -> dict[str, Any]:
    return {header.replace("-", "_"): f'for="{address}";proto=http' if header == "Forwarded" else address}


@pytest.mark.parametrize("header", FORWARDING)
def test_no_header_brings_another_machine_nearer(header: str) -> None:
    assert ask(host="localhost", client=LAN, **forwarded(header, "127.0.0.1"))[0] == 403
    assert ask(host="evil.test", X_Forwarded_Host="localhost", **forwarded(header, "127.0.0.1"))[0] == 403


@pytest.mark.parametrize("header", FORWARDING)
@pytest.mark.parametrize("address", ["10.0.0.7", "10.0.0.7:80", "[2001:db8::1]:80", "unknown", "_hidden"])
def test_whom_a_proxy_on_this_machine_brings_from_elsewhere_is_refused(header: str, address: str) -> None:
    """A tunnel or a reverse proxy connects from here, and often writes the Host that it was told to."""
    assert ask(host="localhost", **forwarded(header, address))[0] == 403
    assert ask(token="t", X_Mock_Token="t", host="localhost", **forwarded(header, address))[0] == 200


@pytest.mark.parametrize("header", FORWARDING)
@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]:80"])
def test_a_proxy_of_somebody_on_this_machine_may_bring_him(header: str, address: str) -> None:
    assert ask(host="localhost", **forwarded(header, address))[0] == 200


HERE = "127.0.0.1:4010"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.test",
        "http://evil.test:4010",
        "http://127.0.0.1:9999",
        "http://127.0.0.1",
        "http://localhost:4010",
        "http://127.0.0.1:4010.evil.test",
        "http://127.0.0.1:4010@evil.test",
        "http://127.0.0.1:4010/",
        "http://127.0.0.1:4010 http://evil.test",
        "null",
        "",
        "file://",
        "chrome-extension://abcdefghijklmnop",
        "127.0.0.1:4010",
    ],
)
def test_a_page_from_elsewhere_is_refused_even_with_the_token(origin: str) -> None:
    assert ask(host=HERE, origin=origin)[0] == 403
    assert ask(token="t", X_Mock_Token="t", host=HERE, origin=origin)[0] == 403
    assert ask(token="t", admits=lambda _: True, host=HERE, origin=origin)[0] == 403


@pytest.mark.parametrize(
    "host, origin",
    [
        (HERE, f"http://{HERE}"),
        ("LOCALHOST:4010", "http://localhost:4010"),
        ("localhost", "http://localhost:80"),
        ("localhost", "https://localhost"),
        ("[::1]:4010", "http://[::1]:4010"),
    ],
)
def test_a_page_of_the_servers_own_may_ask(host: str, origin: str) -> None:
    assert ask(host=host, origin=origin, method="POST")[0] == 200


def test_the_page_of_a_rebound_name_is_of_the_same_origin_and_refused_by_its_host() -> None:
    headers: dict[str, Any] = {
        "host": "evil.test:4010",
        "origin": "http://evil.test:4010",
        "sec_fetch_site": "same-origin",
    }
    assert ask(**headers)[0] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "something new", ""])
def test_what_a_page_from_elsewhere_embeds_or_posts_is_refused_without_an_origin_too(site: str) -> None:
    for embedded in ("image", "script", "iframe", "object", "embed", "empty"):
        mode = "navigate" if embedded in ("iframe", "object", "embed") else "no-cors"
        status, error = ask(host=HERE, sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=embedded)
        assert (status, error) == (403, "requests of pages from elsewhere are refused")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        posted = ask(
            host=HERE,
            method=method,
            sec_fetch_site=site,
            sec_fetch_mode="navigate",
            sec_fetch_dest="document",
        )
        assert posted[0] == 403


@pytest.mark.parametrize("site", ["same-origin", "none", "cross-site", "same-site"])
def test_a_person_may_type_an_address_and_follow_a_link(site: str) -> None:
    assert ask(host=HERE, sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest="document")[0] == 200


def test_with_a_token_set_only_the_token_counts() -> None:
    assert ask(token="t", host="localhost")[0] == 403
    for wrong in ("T", "", "tt", "t\u00e4"):
        assert ask(token="t", host="localhost", X_Mock_Token=wrong)[0] == 403
    assert ask(token="t", host="anything.test", client=LAN, X_Mock_Token="t")[0] == 200
    assert ask(token="t", host="anything.test", client=None, X_Mock_Token="t")[0] == 200


def test_a_token_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, wanted: bytes) -> bool:
        compared.append((given, wanted))
        return False

    monkeypatch.setattr("mockserver.server.control.guard.hmac.compare_digest", compare)
    assert ask(token="secret", X_Mock_Token="guess")[0] == 403
    assert compared == [(b"guess", b"secret")]


def test_a_session_stands_in_for_the_token_and_only_where_there_is_one() -> None:
    assert (
        ask(token="t", host="mock.test", client=LAN, admits=lambda asked: "cookie" in asked.headers)[0] == 403
    )
    assert ask(token="t", client=LAN, cookie="x", admits=lambda asked: "cookie" in asked.headers)[0] == 200
    assert ask(host="localhost", client=LAN, admits=lambda _: True)[0] == 403


def test_who_has_no_token_may_be_invited_to_show_it() -> None:
    def invites(asked: HTTPConnection) -> Response | None:
        return PlainTextResponse("the token, please", 401) if "accept" in asked.headers else None

    assert ask(token="t", accept="text/html", invites=invites) == (401, "the token, please")
    assert ask(token="t", invites=invites)[0] == 403
    assert ask(token="t", accept="text/html", origin="http://evil.test", invites=invites)[0] == 403


@pytest.mark.parametrize("host", [b"localhost", b"evil.test"])
def test_no_websocket_is_opened(host: bytes) -> None:
    """Browsers let any page open one, whatever its origin."""
    sent: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("passed on")

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/_mock/events", "headers": [(b"host", host)], "client": LAN}
    asyncio.run(ControlGuard(inner, token=None, names=[])(scope, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
