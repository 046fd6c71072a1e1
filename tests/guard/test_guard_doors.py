"""Doors of a guard, and what is remembered of what went through them."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest

from contract_tests.guard.allow import NotAllowed
from contract_tests.guard.ledger import LedgerError
from tests.guard.guarded import (
    POSTMORTEMS,
    TOKEN,
    MakeClient,
    MakeGuard,
    Serve,
    server_of,
)
from tests.guard.servers import OK, Line, always, host, place, talk_to


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
