from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockserver.server.faults.deciding import MOST_RULES
from tests.server.faults.asking import listed, rule, statuses

FAIL = {"status": 503}


def ids(client: httpx.Client) -> list[str]:
    return [shown["id"] for shown in client.get("/_mock/faults").json()["rules"]]


def test_a_rule_is_shown_as_it_was_given_with_an_id_and_counters(client: httpx.Client) -> None:
    match = {"method": "GET", "nth": 2}
    added = rule(client, FAIL, **match)
    expected = {"id": "fault-1", "match": match, "act": FAIL, "enabled": True, "seen": 0, "hit": 0}
    assert added == expected
    statuses(client, 2)
    assert client.get("/_mock/faults/fault-1").json() == {**expected, "seen": 2, "hit": 1}


def test_a_credential_in_a_rule_is_not_shown(client: httpx.Client) -> None:
    added = rule(client, FAIL, header={"authorization": "Bearer secret", "Cookie": None, "X-A": "b"})
    assert added["match"]["header"] == {"authorization": "<credential>", "Cookie": None, "X-A": "b"}
    assert "secret" not in client.get("/_mock/faults").text


def test_ids_are_given_or_found_and_never_twice(client: httpx.Client) -> None:
    client.post("/_mock/faults", json={"id": "fault-2", "act": FAIL})
    assert [rule(client, FAIL)["id"] for _ in range(2)] == ["fault-1", "fault-3"]
    again = client.post("/_mock/faults", json={"id": "fault-2", "act": FAIL})
    assert (again.status_code, again.json()) == (409, {"error": "there is a fault 'fault-2' already"})
    assert ids(client) == ["fault-2", "fault-1", "fault-3"]


def test_all_rules_are_replaced_or_none(client: httpx.Client) -> None:
    rule(client, FAIL)
    broken = client.put("/_mock/faults", json={"rules": [{"act": FAIL}, {"act": {"status": 1}}]})
    assert (broken.status_code, broken.json()) == (
        400,
        {"error": "rules[1].act.status: 1 is no whole number from 400 to 599"},
    )
    twice = client.put("/_mock/faults", json={"rules": [{"id": "a", "act": FAIL}, {"id": "a", "act": FAIL}]})
    assert twice.status_code == 409
    assert ids(client) == ["fault-1"]
    assert listed(client).status_code == 503
    shown = client.put("/_mock/faults", json={"rules": [{"id": "b", "act": {"status": 500}}]}).json()
    assert [one["id"] for one in shown["rules"]] == ids(client) == ["b"]
    assert listed(client).status_code == 500


def test_what_is_shown_can_be_put_back(client: httpx.Client) -> None:
    rule(client, FAIL, nth=2)
    rule(client, {"webhook": {"late": 5}}, event="public_incident.*")
    shown = client.get("/_mock/faults").json()
    statuses(client, 3)
    assert client.put("/_mock/faults", json=shown).json() == shown


def test_rules_are_taken_away_one_by_one_or_all(client: httpx.Client) -> None:
    for _ in range(3):
        rule(client, FAIL)
    assert client.delete("/_mock/faults/fault-2").status_code == 204
    assert ids(client) == ["fault-1", "fault-3"]
    assert client.delete("/_mock/faults").status_code == 204
    assert (ids(client), listed(client).status_code) == ([], 200)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH"])
def test_a_rule_that_is_not_there_is_told(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/_mock/faults/none", json={"enabled": True})
    assert (answer.status_code, answer.json()) == (404, {"error": "there is no fault 'none'"})


@pytest.mark.parametrize(
    "body, sentence",
    [
        ({}, "enabled: None is neither true nor false"),
        ({"enabled": "no"}, "enabled: 'no' is neither true nor false"),
        ({"enabled": True, "act": {}}, "act: is no key here; known are enabled"),
    ],
)
def test_only_being_on_is_changed_of_a_rule(client: httpx.Client, body: Any, sentence: str) -> None:
    rule(client, FAIL)
    answer = client.patch("/_mock/faults/fault-1", json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": sentence})


def test_a_sandbox_holds_so_many_rules_and_no_more(client: httpx.Client) -> None:
    rules = [{"act": {"delay": 0}}] * MOST_RULES
    assert client.put("/_mock/faults", json={"rules": rules}).status_code == 200
    answer = client.post("/_mock/faults", json={"act": FAIL})
    assert (answer.status_code, answer.json()) == (409, {"error": "a sandbox holds 1000 fault rules at most"})
    assert client.put("/_mock/faults", json={"rules": [*rules, rules[0]]}).status_code == 409
    assert len(ids(client)) == MOST_RULES


def test_a_profile_is_shown_and_added_once(client: httpx.Client) -> None:
    profiles = client.get("/_mock/profiles").json()["profiles"]
    assert [one["name"] for one in profiles] == ["flaky", "maintenance", "outage", "rate-limited", "slow"]
    assert all(one["about"] and one["rules"] for one in profiles)
    added = client.post("/_mock/profiles/rate-limited")
    assert (added.status_code, [one["id"] for one in added.json()["rules"]]) == (201, ["rate-limited.third"])
    assert statuses(client, 6) == [200, 200, 429, 200, 200, 429]
    again = client.post("/_mock/profiles/rate-limited")
    assert again.status_code == 409
    unknown = client.post("/_mock/profiles/nothing")
    assert unknown.status_code == 404
    assert "there are flaky, maintenance" in unknown.json()["error"]


def test_everything_of_a_profile_can_be_put_as_rules(client: httpx.Client) -> None:
    for profile in client.get("/_mock/profiles").json()["profiles"]:
        answer = client.put("/_mock/faults", json={"rules": profile["rules"]})
        assert answer.status_code == 200, answer.text
