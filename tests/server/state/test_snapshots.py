from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.server.app import MockServer
from mockserver.server.state import shelf
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.test_sandboxes import INCIDENT, LIST, NEW, ONCALL, STEPS, Step, count, create, drive


def over(server: MockServer) -> httpx.Client:
    return httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url)


@pytest.fixture(scope="module")
def seeded(make_server: MakeServer) -> MockServer:
    return make_server(seed=3, rate_factor=0.03)


@pytest.fixture
def limited(make_server: MakeServer) -> Iterator[httpx.Client]:
    """Of a server that lets two requests a minute pass."""
    with over(make_server(rate_factor=0.007)) as client:
        yield client


def test_a_restored_sandbox_is_as_it_was_when_the_snapshot_was_taken(client: httpx.Client) -> None:
    assert client.put("/_mock/snapshots/clean").status_code == 201
    create(client)
    client.delete(f"{LIST}P658FE5K87EWZ/", headers=ONCALL)
    assert client.post("/_mock/snapshots/clean/restore").status_code == 204
    assert count(client) == 1
    assert client.get(f"{LIST}P658FE5K87EWZ/", headers=ONCALL).status_code == 200
    create(client)
    assert client.put("/_mock/snapshots/clean").status_code == 200
    create(client)
    assert client.post("/_mock/snapshots/clean/restore").status_code == 204
    assert count(client) == 2


@settings(max_examples=25)
@given(
    before=st.lists(STEPS, max_size=8), between=st.lists(STEPS, max_size=8), after=st.lists(STEPS, max_size=8)
)
def test_after_a_restore_everything_is_answered_as_it_was_after_the_snapshot_to_the_byte(
    seeded: MockServer, before: list[Step], between: list[Step], after: list[Step]
) -> None:
    """Ids, times and rate budgets included; and the same goes for a fork, and for its original beside it."""
    with over(seeded) as client:
        for name in ("a", "fork"):
            seeded.sandboxes.delete(name)
        for step in before:
            drive(client, "a", step)
        client.put("/_mock/snapshots/here", headers={"X-Mock-Sandbox": "a"})
        assert client.post("/_mock/sandboxes", json={"name": "fork", "from": "a"}).status_code == 201
        for step in between:
            drive(client, "a", step)
        client.post("/_mock/snapshots/here/restore", headers={"X-Mock-Sandbox": "a"})
        restored = [drive(client, "a", step) for step in after]
        assert [drive(client, "fork", step) for step in after] == restored


def test_a_snapshot_holds_allowances(limited: httpx.Client) -> None:
    def status() -> int:
        return limited.get(LIST, headers=ONCALL).status_code

    limited.put("/_mock/snapshots/full")
    assert [status(), status(), status()] == [200, 200, 429]
    limited.put("/_mock/snapshots/spent")
    limited.post("/_mock/snapshots/full/restore")
    assert status() == 200
    limited.post("/_mock/snapshots/spent/restore")
    assert status() == 429


def test_a_snapshot_holds_the_clock_and_the_targets_of_webhooks(client: httpx.Client) -> None:
    client.put("/_mock/clock", json={"now": "2026-03-01T00:00:00Z", "frozen": True})
    target = client.post("/_mock/webhooks/targets", json={"url": "http://127.0.0.1:9/"}).json()["id"]
    client.put("/_mock/snapshots/here")
    client.post("/_mock/clock/move", json={"by": "1d"})
    client.delete(f"/_mock/webhooks/targets/{target}")
    client.post("/_mock/snapshots/here/restore")
    assert client.get("/_mock/clock").json()["now"] == "2026-03-01T00:00:00+00:00"
    assert [found["id"] for found in client.get("/_mock/webhooks").json()["targets"]] == [target]


def test_snapshots_survive_a_reset_and_not_a_deletion(client: httpx.Client) -> None:
    create(client)
    client.put("/_mock/snapshots/two")
    client.post("/_mock/reset")
    assert count(client) == 1
    client.post("/_mock/snapshots/two/restore")
    assert count(client) == 2
    client.delete("/_mock/sandboxes/default")
    assert client.get("/_mock/snapshots").json() == {"snapshots": []}
    assert client.post("/_mock/snapshots/two/restore").status_code == 404


def test_snapshots_are_listed_with_the_sandboxs_time_and_belong_to_one_sandbox(client: httpx.Client) -> None:
    client.put("/_mock/clock", json={"now": "2026-03-01T00:00:00Z", "frozen": True})
    client.put("/_mock/snapshots/b")
    client.put("/_mock/snapshots/a")
    listed = client.get("/_mock/snapshots").json()["snapshots"]
    assert listed == [{"name": name, "at": "2026-03-01T00:00:00+00:00"} for name in ("b", "a")]
    assert client.get("/_mock/sandboxes/other/_mock/snapshots").json() == {"snapshots": []}
    assert client.delete("/_mock/snapshots/b").status_code == 204
    assert client.delete("/_mock/snapshots/b").status_code == 404
    assert [found["name"] for found in client.get("/_mock/snapshots").json()["snapshots"]] == ["a"]


@pytest.mark.parametrize("name", ["..%2f..%2fetc", "%2e%2e", ".hidden", "a b", "a" * 65, "%00", "a%0Ab", "ä"])
def test_a_name_that_is_none_for_a_snapshot_is_refused(client: httpx.Client, name: str) -> None:
    assert client.put(f"/_mock/snapshots/{name}").status_code in (400, 404)
    assert client.get("/_mock/snapshots").json() == {"snapshots": []}


def test_a_sandbox_has_so_many_snapshots_and_no_more(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST", 2)
    statuses = [client.put(f"/_mock/snapshots/{name}").status_code for name in ("a", "b", "c", "a")]
    assert statuses == [201, 201, 409, 200]


def test_what_snapshots_may_hold_counts_on_after_a_reset(make_server: MakeServer) -> None:
    size = len(httpx.Request("POST", "http://x", json=NEW).content)
    with over(make_server(max_bytes=2 * size)) as client:
        create(client)
        client.put("/_mock/snapshots/one")
        client.post("/_mock/reset")
        assert [create(client).status_code, create(client).status_code] == [201, 507]
        client.delete("/_mock/snapshots/one")
        client.post("/_mock/reset")
        assert create(client).status_code == 201


def fork(client: httpx.Client, **wanted: Any) -> httpx.Response:
    return client.post("/_mock/sandboxes", json=wanted)


def test_a_fork_begins_where_its_original_is_and_shares_nothing_with_it(client: httpx.Client) -> None:
    create(client)
    assert fork(client, name="b").json()["name"] == "b"
    create(client, "/_mock/sandboxes/b")
    create(client, "/_mock/sandboxes/b")
    client.delete(f"{LIST}P658FE5K87EWZ/", headers=ONCALL)
    assert (count(client), count(client, "/_mock/sandboxes/b")) == (1, 4)


def test_a_fork_calls_itself_by_its_own_name_and_has_no_snapshots_or_journal(
    client: httpx.Client, server: MockServer
) -> None:
    create(client)
    client.put("/_mock/snapshots/a")
    fork(client, name="b", **{"from": "default"})
    assert client.get("/_mock/sandboxes/b/_mock/snapshots").json() == {"snapshots": []}
    assert len(server.sandboxes.named("b").journal) == 0
    page = client.get(f"/_mock/sandboxes/b{LIST}?perpage=1", headers=ONCALL).json()
    assert page["next"].startswith(f"{client.base_url}/_mock/sandboxes/b/")


@pytest.mark.parametrize(
    ("wanted", "status", "words"),
    [
        ({"name": "default"}, 409, "default"),
        ({"name": "b", "from": "no such"}, 400, "name of a sandbox"),
        ({"name": "../b"}, 400, "name"),
        ({"name": 5}, 400, "name"),
        ({}, 400, "name"),
        ({"name": "b", "of": "default"}, 400, "of"),
        ({"name": "b", "from": {}}, 400, "name of a sandbox"),
    ],
)
def test_a_fork_that_cannot_be_is_told(
    client: httpx.Client, wanted: dict[str, Any], status: int, words: str
) -> None:
    client.get(LIST, headers=ONCALL)
    answer = fork(client, **wanted)
    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_a_fork_counts_what_its_original_was_sent(make_server: MakeServer) -> None:
    size = len(httpx.Request("POST", "http://x", json=NEW).content)
    with over(make_server(max_bytes=3 * size)) as client:
        create(client)
        assert fork(client, name="b").json() == {"name": "b", "bytes": size}
        create(client)
        assert [found["bytes"] for found in client.get("/_mock/sandboxes").json()] == [size, 2 * size]
        assert fork(client, name="c").status_code == 507


def test_tokens_of_a_fork_are_those_of_its_original(client: httpx.Client) -> None:
    fork(client, name="b")
    for headers, path in ((ONCALL, LIST), (INCIDENT, "/v2/incidents")):
        assert client.get(f"/_mock/sandboxes/b{path}", headers=headers).status_code == 200


def test_a_snapshot_holds_fault_rules_with_what_they_have_counted(client: httpx.Client) -> None:
    def status() -> int:
        return client.get(LIST, headers=ONCALL).status_code

    rule = {"id": "once", "match": {"nth": 2}, "act": {"status": 503}}
    assert client.post("/_mock/faults", json=rule).status_code == 201
    assert status() == 200
    client.put("/_mock/snapshots/one-seen")
    fork(client, name="b")
    assert [status(), status()] == [503, 200]
    client.delete("/_mock/faults")
    client.post("/_mock/snapshots/one-seen/restore")
    assert [status(), status()] == [503, 200]
    assert client.get(f"/_mock/sandboxes/b{LIST}", headers=ONCALL).status_code == 503


def test_a_stale_read_after_a_restore_shows_what_was_restored(client: httpx.Client) -> None:
    client.put("/_mock/snapshots/clean")
    create(client)
    client.post("/_mock/snapshots/clean/restore")
    client.post("/_mock/faults", json={"act": {"stale": True}})
    assert count(client) == 1
