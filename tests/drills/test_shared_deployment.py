"""Fifty records of other people, and the whole suite run over them: all stay as they were, and nothing is left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from contract_tests.deployment import Deployment
from contract_tests.mocks import running_mock
from tests.drills.suite import judge

ONCALL = {
    name: {"Authorization": token}
    for name, token in (("one", "meowmeowmeow"), ("two", "other-organization-token"))
}
INCIDENT = {
    name: {"Authorization": f"Bearer {key}"}
    for name, key in (("one", "inc-test-key"), ("two", "inc-other-org-key"))
}
GROUPS = {"one": "I68T24C13IFW1", "two": "IEXAMPLE2PAGE"}
OPEN = "01GBA8J19SMXQWPJMX3P2ESCW0"
# The deployment gives no alert group away.
GIVEN_AWAY = (
    "ONCALL_DISPOSABLE_",
    "ONCALL_FIRING_",
    "ONCALL_ROOT_",
    "ONCALL_ATTACHED_",
    "ONCALL_MAINTENANCE_",
)
DESCRIPTION = {
    name: value
    for name, value in Deployment().as_variables().items()
    if not name.removeprefix("CONTRACT_").startswith(GIVEN_AWAY)
}
World = dict[str, Any]


def load(http: httpx.Client) -> None:
    """What other people have written."""
    for number in range(20):
        for organization in ("one", "two") if number % 4 == 0 else ("one",):
            body = {"alert_group_id": GROUPS[organization], "text": f"Somebody else's, number {number}"}
            http.post("/api/v1/postmortems/", json=body, headers=ONCALL[organization]).raise_for_status()
    for number in range(10):
        body = {"alert_group_id": GROUPS["one"], "text": f"A note, number {number}"}
        http.post("/api/v1/resolution_notes/", json=body, headers=ONCALL["one"]).raise_for_status()
    for number in range(15):
        body = {"incident_id": OPEN, "title": f"Somebody else's follow-up {number}"}
        http.post("/v3/follow_ups", json=body, headers=INCIDENT["one"]).raise_for_status()


def world(http: httpx.Client) -> World:
    """Everything that lists show, by address and organization."""
    shown: World = {}
    for name, headers in ONCALL.items():
        for resource in ("postmortems", "postmortem_messages", "resolution_notes", "alert_groups", "users"):
            answer = http.get(f"/api/v1/{resource}/", params={"perpage": 10_000}, headers=headers)
            shown[f"{resource} of {name}"] = answer.raise_for_status().json()["results"]
    for name, headers in INCIDENT.items():
        for path, member in (
            ("/v2/incidents", "incidents"),
            ("/v1/postmortem_documents", "postmortem_documents"),
            ("/v3/follow_ups", "follow_ups"),
            ("/v2/incident_updates", "incident_updates"),
        ):
            shown[f"{member} of {name}"] = pages(http, path, member, headers)
    return shown


def pages(http: httpx.Client, path: str, member: str, headers: Mapping[str, str]) -> list[Any]:
    found: list[Any] = []
    query: dict[str, str] = {"page_size": "100"}
    while True:
        body = http.get(path, params=query, headers=headers).raise_for_status().json()
        found += body[member]
        after = body.get("pagination_meta", {}).get("after")
        if not after:
            return found
        query["after"] = after


def by_id(records: list[Any]) -> dict[str, str]:
    """A deleted follow-up goes on being shown, in the status `deleted`: that is gone, there."""
    return {
        record["id"]: json.dumps(record, sort_keys=True)
        for record in records
        if record.get("status") != "deleted"
    }


def test_of_other_people_s_records_none_is_touched_and_of_ours_none_is_left(tmp_path: Path) -> None:
    with running_mock("--rate-limit", "off") as url, httpx.Client(base_url=url, timeout=30) as http:
        load(http)
        before = world(http)
        ended = judge(url, "--write", "--connections", "4", folder=tmp_path, description=DESCRIPTION)
        after = world(http)
    assert ended.code == 0, ended.printed
    assert len(ended.created) > 500
    assert ended.outcomes["kept"] > 900
    for place, records in before.items():
        were, are = by_id(records), by_id(after[place])
        assert were.keys() - are.keys() == set(), f"deleted from {place}"
        assert are.keys() - were.keys() == set(), f"left behind in {place}"
        assert {id_ for id_ in were if were[id_] != are[id_]} == set(), f"overwritten in {place}"
