"""The guard keeps to what a server, and a run, can bear."""

from __future__ import annotations

from tests.guard.guarded import (
    POSTMORTEMS,
    Hours,
    MakeClient,
    MakeGuard,
    Serve,
    answer,
)
from tests.guard.servers import Line, Talk, always


def test_a_budget_of_requests_is_kept(make_guard: MakeGuard, serve: Serve, client: MakeClient) -> None:
    server = serve(always())
    send = client(make_guard(max_requests=3).door(server.url, policy="none"))
    words = [send("GET", "/")[1] for _ in range(5)]
    assert words == ["", "", "", *["budget; all 3 requests are spent"] * 2]
    assert server.requests() == 3


def test_a_budget_of_time_is_kept(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, hours: Hours
) -> None:
    send = client(make_guard(max_time=60).door(serve(always()).url, policy="none"))
    assert send("GET", "/")[1] == ""
    hours.now = 60
    assert send("GET", "/")[1] == "budget; the 60 seconds are over"


def test_requests_keep_to_the_rate(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, hours: Hours
) -> None:
    send = client(make_guard(rate="2/s").door(serve(always()).url, policy="none"))
    for _ in range(4):
        assert send("GET", "/")[1] == ""
    assert hours.slept == [0.5, 0.5, 0.5]


def busy(times: int, *headers: str) -> Talk:
    """Says 429 that many times, then answers."""

    def talk(line: Line) -> None:
        left = times
        while line.request():
            line.say(answer(429, None, *headers) if left > 0 else answer(201, {"id": "P1"}))
            left -= 1

    return talk


def test_a_request_that_comes_too_soon_is_sent_again_when_the_server_says(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, hours: Hours
) -> None:
    server = serve(busy(3, "Retry-After: 7"))
    guard = make_guard()
    send = client(guard.door(server.url, policy="own"))
    assert send("POST", POSTMORTEMS, {}) == (201, "", b'{"id": "P1"}')
    assert hours.slept == [7, 7, 7]
    assert server.requests() == 4
    assert guard.leftovers() == ["postmortem P1: made"]


def test_patience_ends(make_guard: MakeGuard, serve: Serve, client: MakeClient, hours: Hours) -> None:
    server = serve(busy(99, "Retry-After: 50"))
    guard = make_guard(patience=120)
    send = client(guard.door(server.url, policy="own"))
    assert send("POST", POSTMORTEMS, {})[1] == "throttled; 50 s to wait, 120 s of patience"
    assert (hours.slept, server.requests()) == ([50, 50], 3)
    assert guard.leftovers() == []


def test_waiting_does_not_go_beyond_the_budget(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, hours: Hours
) -> None:
    send = client(make_guard(max_time=60).door(serve(busy(9, "Retry-After: 50")).url, policy="none"))
    assert send("GET", "/")[1] == "budget; there is no time left to wait for 50 s"
    assert hours.slept == [50]


def test_a_server_that_says_no_time_is_not_asked_without_end(
    make_guard: MakeGuard, serve: Serve, client: MakeClient
) -> None:
    server = serve(busy(9999, "Retry-After: 0"))
    send = client(make_guard(patience=20).door(server.url, policy="none"))
    assert send("GET", "/")[1].startswith("throttled; ")
    assert server.requests() < 30


def test_a_server_of_ones_own_may_say_429(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, hours: Hours
) -> None:
    guard = make_guard(max_requests=1, rate="1/h")
    send = client(guard.door(serve(busy(2, "Retry-After: 7")).url))
    assert [send("GET", "/")[0] for _ in range(3)] == [429, 429, 201]
    assert hours.slept == []


def test_a_server_that_is_gone_is_said_to_be_at_once(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, hours: Hours
) -> None:
    def talk(line: Line) -> None:
        line.request()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut")

    server = serve(talk)
    send = client(make_guard().door(server.url, policy="none"))
    words = [send("GET", "/")[1] for _ in range(5)]
    assert all("unreachable; the connection was closed before 99 bytes of body" in word for word in words[:3])
    assert all(
        word.startswith("unreachable; not tried, because 3 in a row have failed") for word in words[3:]
    )
    assert server.requests() == 3
    hours.now += 11
    send("GET", "/")
    assert server.requests() == 4


def test_a_slow_server_is_a_timeout(make_guard: MakeGuard, serve: Serve, client: MakeClient) -> None:
    def talk(line: Line) -> None:
        line.everything()

    for policy in ("all", "none"):
        send = client(make_guard(timeout=0.05).door(serve(talk).url, policy=policy))
        assert send("GET", "/")[:2] == (404, "timeout; no whole answer in 0.05 s")
