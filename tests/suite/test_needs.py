from __future__ import annotations

from typing import Any

import httpx

from contract_tests.deployment import Deployment
from contract_tests.needs import NEEDS, find, met

ONCALL = Deployment.of({"oncall_token": "of-a-test"})
INCIDENT = Deployment.of({"incident_key": "of-a-test"})


def listing(body: Any, status: int = 200) -> httpx.Client:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, json=body))
    return httpx.Client(base_url="http://127.0.0.1", transport=transport)


def test_alert_groups_are_found_by_listing() -> None:
    groups = {"results": [{"id": name} for name in ("I4", "I3", "I2", "I1")]}
    assert find(ONCALL, listing(groups)).oncall_alert_groups == "I4,I3,I2"


def test_an_incident_is_found_by_listing_and_a_test_incident_first() -> None:
    incidents = {
        "incidents": [
            {"id": "01A", "mode": "standard", "permalink": "https://x/1"},
            {"id": "01B", "mode": "test", "permalink": "https://x/2"},
        ]
    }
    found = find(INCIDENT, listing(incidents))
    assert (found.incident_id, found.incident_url) == ("01B", "https://x/2")


def test_what_is_given_is_not_looked_for() -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError("was asked")

    http = httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(never))
    assert find(Deployment(), http) == Deployment()


def test_a_list_that_shows_nothing_leaves_the_need_open() -> None:
    for body, status in (({}, 200), ([], 200), ({"results": None}, 200), ({"results": [5]}, 200), ({}, 403)):
        assert find(ONCALL, listing(body, status)).oncall_alert_groups == ""


def test_each_need_says_how_it_is_met() -> None:
    found = find(ONCALL, listing({"results": [{"id": "I1"}]}))
    told = {one.need.words: one.told for one in met(ONCALL, found)}
    assert told["an admin's token"] == "given"
    assert told["alert groups to attach postmortems to"] == "found"
    assert told["an editor's token"] == "CONTRACT_ONCALL_EDITOR_TOKEN"
    assert not [how for how in told.values() if "INCIDENT" in how]


def test_every_need_is_a_field_of_the_deployment() -> None:
    assert {need.field for need in NEEDS} <= vars(Deployment()).keys()
