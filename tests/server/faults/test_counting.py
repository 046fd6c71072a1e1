from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.faults.asking import counters, created, imported, listed, rule, statuses

FAIL = {"status": 503}


@contextmanager
def seeded(make_server: MakeServer, seed: int | None) -> Iterator[httpx.Client]:
    server = make_server(seed=seed)
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        yield client


@pytest.mark.parametrize(
    "match, expected",
    [
        ({"nth": 3}, [200, 200, 503, 200, 200, 200]),
        ({"nth": [1, 4]}, [503, 200, 200, 503, 200, 200]),
        ({"every": 2}, [200, 503, 200, 503, 200, 503]),
        ({"times": 2}, [503, 503, 200, 200, 200, 200]),
        ({"every": 2, "times": 1}, [200, 503, 200, 200, 200, 200]),
        ({"probability": 0}, [200] * 6),
        ({"probability": 1}, [503] * 6),
    ],
)
def test_a_rule_acts_on_those_that_are_its_turn(
    client: httpx.Client, match: dict[str, Any], expected: list[int]
) -> None:
    added = rule(client, FAIL, **match)
    assert statuses(client, 6) == expected
    assert counters(client, added["id"]) == (6, expected.count(503))


def test_only_requests_that_fit_are_counted(client: httpx.Client) -> None:
    rule(client, {"status": 429}, operation="*ImportPostmortemDocument", nth=3)
    seen = []
    for _ in range(4):
        assert listed(client).status_code == 200
        seen.append(imported(client).status_code)
    assert seen == [201, 201, 429, 201]


def test_the_first_of_several_acts_and_all_of_them_count(client: httpx.Client) -> None:
    first = rule(client, {"status": 500}, every=2)
    second = rule(client, {"status": 503}, nth=[1, 2])
    third = rule(client, {"status": 429}, times=1)
    assert statuses(client, 4) == [503, 500, 429, 500]
    assert [counters(client, added["id"]) for added in (first, second, third)] == [(4, 2), (4, 1), (4, 1)]


def test_chance_repeats_with_a_seed_of_the_rules_own(make_server: MakeServer) -> None:
    runs = []
    for seed in (7, 7, 8):
        with seeded(make_server, None) as client:
            rule(client, FAIL, probability=0.5, seed=seed)
            runs.append(statuses(client, 40))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    assert set(runs[0]) == {200, 503}


def test_chance_follows_the_seed_of_the_server_and_differs_from_sandbox_to_sandbox(
    make_server: MakeServer,
) -> None:
    runs = []
    for seed, prefix in ((1, ""), (1, ""), (2, ""), (1, "/_mock/sandboxes/b")):
        with seeded(make_server, seed) as client:
            client.base_url = httpx.URL(f"{client.base_url}{prefix}")
            rule(client, FAIL, probability=0.5)
            runs.append(statuses(client, 40))
    assert runs[0] == runs[1]
    assert runs[0] not in runs[2:]


def test_whom_chance_hits_does_not_depend_on_other_rules(client: httpx.Client) -> None:
    chance: dict[str, Any] = {"probability": 0.3, "seed": 5}
    act = {"status": 500, "delay": {"uniform": [0, 0]}}
    rule(client, act, **chance)
    alone = statuses(client, 60)
    client.put("/_mock/faults", json={"rules": []})
    rule(client, {"status": 429}, probability=0.5, seed=6)
    rule(client, act, **chance)
    beside = statuses(client, 60)
    assert [
        after for before, after in zip(alone, beside, strict=True) if before == 500 and after == 200
    ] == []
    assert all(before == 500 for before, after in zip(alone, beside, strict=True) if after == 500)


def test_a_reset_takes_rules_and_counters_away(client: httpx.Client) -> None:
    rule(client, FAIL)
    client.post("/_mock/reset")
    assert client.get("/_mock/faults").json() == {"rules": []}
    assert listed(client).status_code == 200


def test_a_rule_that_is_off_counts_nothing_and_goes_on_where_it_was(client: httpx.Client) -> None:
    added = rule(client, FAIL, nth=2)
    path = f"/_mock/faults/{added['id']}"
    assert statuses(client, 1) == [200]
    assert client.patch(path, json={"enabled": False}).json()["enabled"] is False
    assert statuses(client, 3) == [200] * 3
    assert client.patch(path, json={"enabled": True}).json()["seen"] == 1
    assert statuses(client, 2) == [503, 200]


def test_a_failure_before_the_work_changes_nothing(client: httpx.Client) -> None:
    rule(client, FAIL, times=1)
    assert created(client).status_code == 503
    assert listed(client).json()["count"] == 1
