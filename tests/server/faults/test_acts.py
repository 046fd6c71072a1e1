"""What a rule makes of an answer, before it is on its way."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mockserver.server.app import MockServer
from mockserver.server.faults.effects import Effect
from mockserver.server.journal.entries import Entry
from tests.server.faults.asking import LIST, NEW, ONCALL, created, imported, listed, reply, rule


def entries(server: MockServer) -> list[Entry]:
    return list(server.sandboxes.default.journal)


@pytest.mark.parametrize("status", [500, 503])
def test_the_answer_to_a_create_can_be_lost_after_the_work_was_done(
    client: httpx.Client, status: int
) -> None:
    rule(client, {"status": status, "after": True}, method="POST", times=1)
    assert created(client).status_code == status
    assert listed(client).json()["count"] == 2


@pytest.mark.parametrize("ending", ["reset", "hang"])
@pytest.mark.parametrize("after", [False, True])
def test_what_breaks_the_connection_comes_before_or_after_the_work(
    client: httpx.Client, server: MockServer, ending: str, after: bool
) -> None:
    added = rule(client, {ending: True, "after": after}, method="POST")
    lost = reply(server, "POST", body=NEW)
    assert lost.effect is not None
    assert (lost.effect.ending, lost.answer.status) == (ending, 201 if after else 0)
    assert listed(client).json()["count"] == (2 if after else 1)
    (entry,) = (entry for entry in entries(server) if entry.request.method == "POST")
    assert (entry.fault, bool(entry.changes)) == (added["id"], after)


@pytest.mark.parametrize("act", [{"truncate": True}, {"malformed": True}])
@pytest.mark.parametrize("after", [None, True, False])
def test_a_spoilt_answer_is_of_work_that_was_done_unless_told_otherwise(
    client: httpx.Client, server: MockServer, act: dict[str, Any], after: bool | None
) -> None:
    rule(client, act if after is None else {**act, "after": after}, method="POST")
    spoilt = reply(server, "POST", body=NEW)
    assert spoilt.answer.status == 201
    assert listed(client).json()["count"] == (1 if after is False else 2)
    (entry,) = (entry for entry in entries(server) if entry.request.method == "POST")
    assert bool(entry.changes) is (after is not False)


def test_a_malformed_body_is_complete_and_no_json(client: httpx.Client) -> None:
    honest = listed(client)
    rule(client, {"malformed": True})
    spoilt = listed(client)
    assert (spoilt.status_code, spoilt.headers["content-type"]) == (200, "application/json")
    assert int(spoilt.headers["content-length"]) == len(spoilt.content) == len(honest.content) + 1
    with pytest.raises(json.JSONDecodeError):
        spoilt.json()
    assert client.delete(f"{LIST}P658FE5K87EWZ/", headers=ONCALL).content == b""


def test_a_wrong_content_type_leaves_the_rest_as_it_is(client: httpx.Client) -> None:
    honest = listed(client)
    rule(client, {"content_type": "text/html; charset=utf-8"})
    spoilt = listed(client)
    assert spoilt.headers.get_list("content-type") == ["text/html; charset=utf-8"]
    assert (spoilt.status_code, spoilt.content) == (200, honest.content)
    without = [header for header in honest.headers.raw if header[0] != b"content-type"]
    assert [header for header in spoilt.headers.raw if header[0] != b"content-type"] == without


def test_acts_combine(client: httpx.Client, server: MockServer) -> None:
    rule(client, {"status": 500, "delay": 1.5, "truncate": True, "drip": 0.25, "malformed": True})
    answer = reply(server)
    assert answer.effect == Effect(delay=1.5, ending="truncate", drip=0.25)
    assert (answer.answer.status, answer.answer.body[:1]) == (500, b"{")


def test_what_goes_wrong_with_the_answer_alone_has_no_effect_on_its_way(
    client: httpx.Client, server: MockServer
) -> None:
    rule(client, {"status": 500})
    assert reply(server).effect is None


@pytest.mark.parametrize(
    "delay, least, most",
    [
        ({"uniform": [0.2, 0.4]}, 0.2, 0.4),
        ({"normal": [0.1, 1.0]}, 0.0, 6.0),
        ({"lognormal": [0.5, 0.4]}, 0.01, 6.0),
        ({"normal": [3600, 100]}, 3000, 3600),
        (2, 2, 2),
    ],
)
def test_delays_are_drawn_within_bounds_and_repeat_with_a_seed(
    client: httpx.Client, server: MockServer, delay: Any, least: float, most: float
) -> None:
    runs = []
    for _ in range(2):
        client.put("/_mock/faults", json={"rules": [{"match": {"seed": 3}, "act": {"delay": delay}}]})
        effects = [reply(server).effect for _ in range(30)]
        runs.append([effect.delay for effect in effects if effect is not None])
    assert runs[0] == runs[1]
    assert all(least <= drawn <= most for drawn in runs[0])
    assert (len(set(runs[0])) > 1) is isinstance(delay, dict)


def test_a_list_is_stale_after_a_create_and_only_then(client: httpx.Client, server: MockServer) -> None:
    added = rule(client, {"stale": True}, operation="list_postmortems", times=1)
    assert listed(client).json()["count"] == 1
    created(client)
    stale, fresh = listed(client), listed(client)
    assert (stale.json()["count"], fresh.json()["count"]) == (1, 2)
    assert [(entry.fault, bool(entry.changes)) for entry in entries(server)] == [
        (None, False),
        (None, True),
        (added["id"], False),
        (None, False),
    ]


def test_a_rule_about_stale_reads_may_come_after_the_write(client: httpx.Client) -> None:
    made = created(client).json()["id"]
    rule(client, {"stale": True})
    assert client.get(f"{LIST}{made}/", headers=ONCALL).status_code == 404
    assert client.put(f"{LIST}{made}/", headers=ONCALL, json={"text": "newer"}).status_code == 200
    assert client.get(f"{LIST}{made}/", headers=ONCALL).json()["text"] == "new"
    assert client.delete(f"{LIST}{made}/", headers=ONCALL).status_code == 204
    assert client.get(f"{LIST}{made}/", headers=ONCALL).json()["text"] == "newer"
    client.delete("/_mock/faults")
    assert client.get(f"{LIST}{made}/", headers=ONCALL).status_code == 404


def test_one_vendors_write_makes_no_read_of_the_other_stale(client: httpx.Client) -> None:
    rule(client, {"stale": True})
    imported(client)
    assert listed(client).json()["count"] == 1
    created(client)
    assert listed(client).json()["count"] == 1


def test_a_write_that_cannot_be_taken_back_leaves_the_read_fresh(
    client: httpx.Client, server: MockServer
) -> None:
    world = server.sandboxes.default.worlds["grafana-oncall"]
    before = world.store.snapshot()
    created(client)
    world.store.restore(before)
    rule(client, {"stale": True})
    assert listed(client).json()["count"] == 1
    assert not world.store.take_changes()


def test_head_of_a_faulty_answer_has_its_headers_and_no_body(client: httpx.Client) -> None:
    rule(client, {"malformed": True, "content_type": "text/plain"}, method="HEAD")
    answer = client.head(LIST, headers=ONCALL)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"", "text/plain")
