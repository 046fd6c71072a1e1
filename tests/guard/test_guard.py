"""Every request goes through the guard, which keeps its word to a server that others use too."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.guard.allow import NotAllowed
from contract_tests.guard.guard import Guard, GuardSettings
from contract_tests.guard.ledger import LedgerError, read_ledger
from contract_tests.guard.policy import Policy
from tests.guard.servers import OK, Line, Server, Talk, always, ask, host, place, serving, talk_to

POSTMORTEMS = "/api/v1/postmortems/"
TOKEN = "token-of-mine"
DEPLOYMENT = Deployment(oncall_token=TOKEN, incident_key="key-of-mine")

Serve = Callable[[Talk], Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda talk: stack.enter_context(serving(talk))


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


@pytest.fixture
def hours() -> Hours:
    return Hours()


MakeGuard = Callable[..., Guard]


@pytest.fixture
def make_guard(tmp_path: Path, hours: Hours) -> Iterator[MakeGuard]:
    with ExitStack() as stack:

        def make(**settings: Any) -> Guard:
            given = {
                "ledger": tmp_path / "ledger",
                "clock": hours,
                "sleep": hours.sleep,
                "deployment": DEPLOYMENT,
            }
            return stack.enter_context(Guard(GuardSettings(**{**given, **settings})))

        yield make


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


@pytest.fixture
def client() -> Iterator[Callable[[str], Client]]:
    with ExitStack() as stack:

        def make(door: str) -> Client:
            made = Client(door)
            stack.callback(made.close)
            return made

        yield make


MakeClient = Callable[[str], Client]


def test_a_door_passes_on_what_its_policy_allows_byte_for_byte(make_guard: MakeGuard, serve: Serve) -> None:
    server = serve(always())
    door = make_guard().door(server.url)
    request = b"DELETE /x?%41 HTTP/1.1\r\nhOST: {host}\r\nX-a:1\r\n\r\n"
    assert talk_to(door, request.replace(b"{host}", host(door))) == OK
    assert server.seen == request.replace(b"{host}", host(server.url))


def test_a_create_is_in_the_ledger_before_the_server_sees_it(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    seen: list[Any] = []

    def talk(line: Line) -> None:
        while line.head():
            seen.append([entry.state for entry in read_ledger(ledger).entries.values()])
            line.say(answer(201, {"id": f"P{len(seen)}"}))
            line.exactly(line_length)

    body = {"alert_group_id": "IABC", "text": "secret words run-1234"}
    line_length = len(json.dumps(body))
    guard = make_guard(run="run-1234", tag="made by run-1234")
    send = client(guard.door(serve(talk).url, policy="own", default_label="test_x"))
    for _ in range(2):
        assert send("POST", POSTMORTEMS, body)[0] == 201
    assert seen == [["sent"], ["made", "sent"]]
    text = ledger.read_text("utf-8")
    assert TOKEN not in text
    assert "secret words" not in text
    entry = read_ledger(ledger).entries[2]
    assert (entry.id, entry.address) == ("P2", f"{POSTMORTEMS}P2/")
    assert entry.intent.credential == "oncall_token"
    assert (entry.intent.into, entry.intent.label, entry.intent.tagged) == (("IABC",), "test_x", False)
    assert guard.leftovers() == ["postmortem P1 of IABC: made", "postmortem P2 of IABC: made"]


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


def test_only_what_the_run_has_made_is_changed_or_deleted(
    make_guard: MakeGuard, serve: Serve, client: MakeClient
) -> None:
    server = serve(server_of(["PMINE"]))
    guard = make_guard()
    send = client(guard.door(server.url, policy="own"))
    assert send("PUT", f"{POSTMORTEMS}PMINE/")[1].startswith("refused; ")
    send("POST", POSTMORTEMS, {})
    for method in ("PUT", "PATCH"):
        assert send(method, f"{POSTMORTEMS}PMINE/") == (200, "", b'{"results": [{"id": "PTHEIRS"}]}')
    for method in ("PUT", "PATCH", "DELETE"):
        for path in ("PTHEIRS/", "pmine/", "%50MINE/", "/PMINE/", "./PMINE/", "PMINE/../PTHEIRS/", ""):
            status, word, body = send(method, POSTMORTEMS + path)
            assert (status, word[:9], body) == (404, "refused; ", b'{"detail":"Not found."}')
    for method in ("TRACE", "FOO", "delete"):
        assert send(method, f"{POSTMORTEMS}PMINE/")[1].startswith("refused; ")
    assert guard.leftovers() == ["postmortem PMINE: made"]
    assert send("DELETE", f"{POSTMORTEMS}PMINE/") == (204, "", b"")
    assert guard.leftovers() == []
    assert b"PTHEIRS" not in server.seen
    assert send("GET", f"{POSTMORTEMS}PTHEIRS/")[1] == ""


def test_an_id_that_was_there_before_is_not_the_runs(
    make_guard: MakeGuard, serve: Serve, client: MakeClient
) -> None:
    """A server that answers a create with somebody else's record must not make the run delete that."""
    server = serve(server_of(["PTHEIRS"]))
    guard = make_guard()
    send = client(guard.door(server.url, policy="own"))
    send("GET", POSTMORTEMS)
    send("POST", POSTMORTEMS, {})
    assert send("DELETE", f"{POSTMORTEMS}PTHEIRS/")[1].startswith("refused; ")
    assert "answered with PTHEIRS, which was there before" in guard.leftovers()[0]


@pytest.mark.parametrize(
    "reply, state",
    [
        (answer(400), "refused"),
        (answer(404), "refused"),
        (answer(307, None, "Location: /x"), "refused"),
        (answer(500), "unknown"),
        (answer(408), "unknown"),
        (answer(201), "unknown"),
        (answer(201, {"id": None}), "unknown"),
        (answer(200, {"id": "P1"}), "made"),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\ncut", "unknown"),
    ],
)
def test_the_answer_tells_what_became_of_a_create(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, tmp_path: Path, reply: bytes, state: str
) -> None:
    def talk(line: Line) -> None:
        line.request()
        line.say(reply)

    client(make_guard().door(serve(talk).url, policy="own"))("POST", POSTMORTEMS, {})
    assert [entry.state for entry in read_ledger(tmp_path / "ledger").entries.values()] == [state]


def test_a_create_that_never_left_was_not_made(make_guard: MakeGuard, client: MakeClient) -> None:
    with serving(always()) as server:
        gone = server.url
    guard = make_guard()
    status, word, _ = client(guard.door(gone, policy="own"))("POST", POSTMORTEMS, {})
    assert (status, word.partition(" to ")[0]) == (404, "unreachable; no connection")
    assert guard.leftovers() == []


def test_what_nobody_can_remove_is_made_only_if_that_is_allowed_and_told_apart(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, tmp_path: Path
) -> None:
    server = serve(always(answer(200, {"incident": {"id": "01A"}})))
    body = {"mode": "test", "idempotency_key": "k" * 16}
    strict = make_guard()
    assert client(strict.door(server.url, policy="own"))("POST", "/v2/incidents", body)[1] == (
        "refused; it would make what no API can remove"
    )
    free = make_guard(ledger=tmp_path / "other", permanent=True)
    assert client(free.door(server.url, policy="own"))("POST", "/v2/incidents", body)[0] == 200
    assert (free.leftovers(), free.kept()) == ([], ["incident 01A: kept"])
    assert server.requests() == 1


def test_a_run_that_only_reads_sends_nothing_else(
    make_guard: MakeGuard, serve: Serve, client: MakeClient
) -> None:
    server = serve(always())
    send = client(make_guard(ledger=None).door(server.url, policy="none"))
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"):
        assert send(method, POSTMORTEMS, {})[1].startswith("refused; ")
    assert send("GET", "/v2/incidents", None, X_HTTP_Method_Override="DELETE")[1].startswith("refused; ")
    assert server.seen == b""
    assert send("GET", POSTMORTEMS)[0] == 200


@pytest.mark.parametrize("policy", ["own", "none"])
def test_what_servers_may_read_differently_does_not_leave(
    make_guard: MakeGuard, serve: Serve, policy: Policy
) -> None:
    server = serve(always())
    door = make_guard().door(server.url, policy=policy)
    hidden = b"DELETE /api/v1/postmortems/PTHEIRS/ HTTP/1.1\r\nHost: x\r\n\r\n"
    for head in (
        b"Content-Length: %d\r\nTransfer-Encoding: chunked" % (len(hidden) + 5),
        b"Content-Length: 0\r\nContent-Length: %d" % len(hidden),
        b"X: y\n Content-Length: %d" % len(hidden),
        b"Transfer-Encoding: xchunked",
    ):
        raw = talk_to(
            door, b"GET / HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n0\r\n\r\n%s" % (host(door), head, hidden)
        )
        assert b"X-Contract-Guard: refused; servers may read it differently" in raw
        assert raw.count(b"HTTP/1.1 ") == 1
    assert b"refused" in ask(door, b"GET / HTTP/1.1\r\nHost: stranger.example\r\nConnection: close\r\n\r\n")
    assert b"refused" in ask(
        door, b"GET http://x/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host(door)
    )
    assert server.seen == b""


def test_a_door_keeps_below_the_path_of_its_server(
    make_guard: MakeGuard, serve: Serve, client: MakeClient
) -> None:
    server = serve(server_of(["PMINE"]))
    guard = make_guard()
    door = guard.door(f"{server.url}/team/", policy="own")
    assert door.endswith("/team")
    send = client(door)
    assert send("GET", "/other")[1] == "outside-scope; outside of /team/"
    assert send("GET", "/teams")[1] == "outside-scope; outside of /team/"
    assert send("GET", f"/team{POSTMORTEMS}")[1] == ""
    assert send("DELETE", f"/team{POSTMORTEMS}PTHEIRS/")[1].startswith("refused")


def test_a_scope_holds_on_every_door(make_guard: MakeGuard, serve: Serve, client: MakeClient) -> None:
    server = serve(always())
    guard = make_guard(scope=(POSTMORTEMS,))
    for policy in ("all", "none"):
        send = client(guard.door(server.url, policy=policy))
        assert send("GET", "/v2/incidents")[1] == f"outside-scope; outside of {POSTMORTEMS}"
        assert send("GET", f"{POSTMORTEMS}?page=2")[1] == ""


def test_a_refusal_is_worded_as_the_vendor_words_what_is_not_there(
    make_guard: MakeGuard, serve: Serve, client: MakeClient
) -> None:
    send = client(make_guard().door(serve(always()).url, policy="none"))
    assert json.loads(send("DELETE", f"{POSTMORTEMS}P/")[2]) == {"detail": "Not found."}
    body = json.loads(send("DELETE", "/v3/follow_ups/01A")[2])
    assert (body["type"], body["status"], body["errors"][0]["code"]) == (
        "not_found",
        404,
        "resource_not_found",
    )


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


def test_exchanges_are_recorded_by_label_with_what_they_meant(
    make_guard: MakeGuard, serve: Serve, client: MakeClient
) -> None:
    server = serve(server_of(["PMINE"]))
    guard = make_guard()
    door = guard.door(server.url, policy="own", default_label="nobody")
    send = client(door)
    send("POST", POSTMORTEMS, {"text": "x"}, X_Contract_Test="test_a")
    send("DELETE", f"{POSTMORTEMS}PTHEIRS/", X_Contract_Test="test_a")
    send("GET", "/elsewhere")
    made, refused = guard.exchanges("test_a")
    assert made.asked.header("X-Contract-Test") is None
    assert made.asked.header("Host") == host(server.url).decode()
    assert made.asked.json() == {"text": "x"}
    assert made.answered is not None
    assert made.answered.json() == {"id": "PMINE"}
    assert dict(made.names) == {"operation": "create_postmortem", "template": POSTMORTEMS, "effect": "create"}
    assert (refused.answered, refused.names["effect"]) == (None, "delete")
    assert refused.note == "refused: it would delete postmortem PTHEIRS, which this run has not made"
    assert [one.label for one in guard.exchanges()] == ["test_a", "test_a", "nobody"]
    told = {(one.label, one.method, one.template, one.status, one.effect, one.word) for one in guard.counts()}
    one = "/api/v1/postmortems/{id}/"
    assert told == {
        ("test_a", "POST", POSTMORTEMS, 201, "create", ""),
        ("test_a", "DELETE", one, 0, "delete", "refused"),
        ("nobody", "GET", "", 200, "read", ""),
    }
    assert {one.door for one in guard.counts()} == {door}
    assert TOKEN not in json.dumps([guard.redactor.as_json(one) for one in guard.exchanges()])
    guard.forget("test_a")
    assert guard.exchanges("test_a") == []


def test_bytes_after_an_answer_are_noted(make_guard: MakeGuard, serve: Serve) -> None:
    guard = make_guard()
    door = guard.door(serve(always(OK + b"more")).url)
    assert talk_to(door, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n") == OK + b"more"
    assert guard.exchanges()[0].note == "4 bytes came after the end of the answer"


def test_two_doors_have_policies_of_their_own(
    make_guard: MakeGuard, serve: Serve, client: MakeClient
) -> None:
    server = serve(always())
    guard = make_guard()
    reading, all_ = (client(guard.door(server.url, policy=policy)) for policy in ("none", "all"))
    assert reading("DELETE", POSTMORTEMS)[1].startswith("refused")
    assert all_("DELETE", POSTMORTEMS)[1] == ""


def test_a_link_leads_back_through_its_door(make_guard: MakeGuard, serve: Serve) -> None:
    server, other = serve(always()), serve(always())
    guard = make_guard()
    door = guard.door(f"{server.url}/base")
    assert guard.inward(f"{server.url}/base/x?y=z") == f"{door}/x?y=z"
    assert guard.inward(f"{server.url}/base") == door
    for stranger in (f"{server.url}/basement", f"{server.url}/x", f"{other.url}/base", "/x"):
        assert guard.inward(stranger) == stranger


def test_a_host_that_nobody_has_allowed_gets_no_door(make_guard: MakeGuard) -> None:
    with pytest.raises(NotAllowed):
        make_guard().door("https://api.example.com")
    make_guard(allow_hosts=("api.example.com",)).door("https://api.example.com")


def test_a_run_that_writes_needs_a_ledger_of_its_own(
    make_guard: MakeGuard, serve: Serve, tmp_path: Path
) -> None:
    one, other = serve(always()), serve(always())
    with pytest.raises(ValueError, match="needs a ledger"):
        make_guard(ledger=None).door(one.url, policy="own")
    guard = make_guard()
    guard.door(one.url, policy="own")
    guard.door(one.url, policy="own")
    with pytest.raises(ValueError, match="one target"):
        guard.door(other.url, policy="own")
    with pytest.raises(LedgerError):
        make_guard().door(one.url, policy="own")


@pytest.mark.parametrize(
    "settings", [{"rate": "fast"}, {"tag": "made by a test"}, {"tag": "a b", "run": "b"}]
)
def test_settings_that_cannot_be_meant_are_refused(make_guard: MakeGuard, settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"is no rate|holds the name of the run"):
        make_guard(**settings)


def test_a_create_that_cannot_be_written_down_does_not_leave(
    make_guard: MakeGuard, serve: Serve, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(always())
    send = client(make_guard().door(server.url, policy="own"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert (
        send("POST", POSTMORTEMS, {})[1] == "refused; the ledger cannot be written: No space left on device"
    )
    assert server.seen == b""


def test_many_clients_at_once_reach_a_server_of_ones_own_at_once(make_guard: MakeGuard, serve: Serve) -> None:
    together = threading.Barrier(4, timeout=10)

    def talk(line: Line) -> None:
        line.request()
        together.wait()
        line.say(OK)

    door = make_guard().door(serve(talk).url)
    clients = [socket.create_connection(place(door), timeout=10) for _ in range(4)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for client in clients:
        assert client.recv(len(OK), socket.MSG_WAITALL) == OK
        client.close()
