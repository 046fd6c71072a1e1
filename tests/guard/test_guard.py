"""Only what a run may do to a server that others use too goes through its guard."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from contract_tests.guard.ledger import read_ledger
from contract_tests.guard.policy import Policy
from tests.guard.guarded import (
    POSTMORTEMS,
    TOKEN,
    MakeClient,
    MakeGuard,
    Serve,
    answer,
    server_of,
)
from tests.guard.servers import OK, Line, always, ask, host, serving, talk_to


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


def test_an_answer_that_comes_compressed_is_passed_on_as_it_is_and_read(
    make_guard: MakeGuard, serve: Serve, client: MakeClient
) -> None:
    packed = gzip.compress(b'{"id": "PMINE"}')
    head = f"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    guard = make_guard()
    send = client(guard.door(serve(always(head.encode() + packed)).url, policy="own", default_label="test_x"))
    assert send("POST", POSTMORTEMS) == (201, "", packed)
    assert guard.leftovers() == ["postmortem PMINE: made"]
    (exchange,) = guard.exchanges("test_x")
    assert exchange.answered is not None
    assert exchange.answered.body == b'{"id": "PMINE"}'


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


def test_a_refusal_tells_no_credential(make_guard: MakeGuard, serve: Serve, client: MakeClient) -> None:
    send = client(make_guard().door(serve(always()).url, policy="own"))
    word = send("DELETE", f"{POSTMORTEMS}{TOKEN}/")[1]
    assert word == "refused; it would delete postmortem [redacted], which this run has not made"
