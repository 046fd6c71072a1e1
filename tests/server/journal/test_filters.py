"""Which entries are found, counted, or refused to be looked for."""

from __future__ import annotations

import httpx
import pytest

from mockserver.server.app import MockServer
from mockserver.server.journal.entries import Entry
from mockserver.server.journal.showing import Showing, Shown
from tests.server.journal.conftest import IMPORT, INCIDENT, ONCALL, POSTMORTEMS, Journal

CREATE = {"alert_group_id": "I68T24C13IFW1", "text": "Whole Disks were full"}


@pytest.fixture
def told(client: httpx.Client, journal: Journal) -> list[str]:
    """Six requests; their ids."""
    client.get(POSTMORTEMS, headers=ONCALL)
    client.post(POSTMORTEMS, headers=ONCALL, json=CREATE)
    client.patch(POSTMORTEMS, headers=ONCALL, json={})
    client.post(IMPORT, headers=INCIDENT, json={"title": "Findings", "content": "None"})
    client.get("/v2/incident", headers=INCIDENT)
    client.get(f"{POSTMORTEMS}NONE/?needle=1")
    return [entry["id"] for entry in journal()["entries"]]


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"provider": "incident-io"}, [3, 4]),
        ({"operation": "create_postmortem"}, [1]),
        ({"operation": "*_postmortem*"}, [0, 1, 5]),
        ({"operation": "Incidents V2_*"}, [3]),
        ({"method": "post"}, [1, 3]),
        ({"path": POSTMORTEMS}, [0, 1, 2]),
        ({"path": "/api/v1/*"}, [0, 1, 2, 5]),
        ({"path": "/api/v1/postmortem"}, []),
        ({"status": "201"}, [1, 3]),
        ({"status": "4xx"}, [2, 4, 5]),
        ({"contains": "whole disks"}, [1]),
        ({"contains": "NEEDLE"}, [5]),
        ({"contains": "Demo postmortem text"}, [0]),
        ({"matched": "true"}, [0, 1, 3, 5]),
        ({"matched": "false"}, [2, 4]),
        ({"fault": "*"}, []),
        ({"limit": "2"}, [4, 5]),
        ({"limit": "1", "method": "POST"}, [3]),
        ({"provider": "grafana-oncall", "status": "4XX", "matched": "true"}, [5]),
    ],
)
def test_filters_choose_entries(
    journal: Journal, told: list[str], filters: dict[str, str], places: list[int]
) -> None:
    found = journal("/journal", **filters)
    assert [entry["id"] for entry in found["entries"]] == [told[at] for at in places]
    assert (found["total"], found["dropped"]) == (6, 0)
    if "limit" not in filters:
        assert journal("/journal/count", **filters) == {"count": len(places)}


def test_after_shows_what_is_new(client: httpx.Client, journal: Journal, told: list[str]) -> None:
    assert journal("/journal", after=told[-1])["entries"] == []
    client.get(POSTMORTEMS, headers=ONCALL)
    (new,) = journal("/journal", after=told[-1])["entries"]
    assert new["request"]["path"] == POSTMORTEMS
    assert new["id"] not in told


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("colour=red", "'colour' is unknown; known are "),
        ("limit=0", "'limit' must be a number from 1 to 1000"),
        ("limit=1001", "'limit' must be a number from 1 to 1000"),
        ("limit=-1", "'limit' must be a number from 1 to 1000"),
        ("limit=٣", "'limit' must be a number from 1 to 1000"),
        ("status=abc", "'status' must be a number from 100 to 599, a class such as 4xx, or 0"),
        ("status=600", "'status' must be a number"),
        ("matched=yes", "'matched' must be true or false"),
        ("after=17", "'after' must be the id of an entry, such as r17"),
        ("method=GET&method=PUT", "'method' is given twice"),
        (f"contains={'x' * 1025}", "'contains' is longer than 1024 letters"),
    ],
)
@pytest.mark.parametrize("path", ["", "/count", "/unmatched", "/breaches", "/har"])
def test_a_mistake_is_one_sentence(client: httpx.Client, path: str, query: str, sentence: str) -> None:
    answer = client.get(f"/_mock/journal{path}?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(sentence)


@pytest.mark.parametrize(
    ("request_line", "status", "sentence"),
    [
        ("GET /journal/r999999", 404, "the journal of sandbox 'default' has no entry 'r999999'"),
        ("GET /journal/17", 404, "the journal of sandbox 'default' has no entry '17'"),
        ("GET /journal/r٣", 404, "the journal of sandbox 'default' has no entry 'r٣'"),
        ("GET /journal/r1?a=b", 400, "'a' is unknown"),
        ("DELETE /journal?a=b", 400, "'a' is unknown"),
        ("GET /coverage?a=b", 400, "'a' is unknown"),
        ("GET /rules?a=b", 400, "'a' is unknown; known are provider"),
        ("GET /rules?provider=nobody", 400, "'provider' must be"),
        ("GET /journal/breaches?by=me", 400, "'by' must be client or mock"),
        ("POST /journal", 405, "Method Not Allowed"),
    ],
)
def test_so_is_any_other(client: httpx.Client, request_line: str, status: int, sentence: str) -> None:
    method, _, path = request_line.partition(" ")
    answer = client.request(method, f"/_mock{path}")
    assert answer.status_code == status
    assert answer.json()["error"].startswith(sentence)


def test_one_entry_in_full(journal: Journal, told: list[str]) -> None:
    entry = journal(f"/journal/{told[1]}")
    assert entry == journal()["entries"][1]
    assert entry["sandbox"] == "default"
    assert entry["operation"] == "create_postmortem"
    assert entry["request"]["method"] == "POST"
    assert entry["request"]["body_is"] == "text"
    assert entry["answer"]["status"] == 201
    assert entry["refusal"] is entry["fault"] is None
    assert (entry["cut"], entry["cut_parts"]) == (False, [])
    (changed,) = entry["changed"]
    assert changed["id"] in entry["answer"]["body"]
    assert (changed["collection"], changed["change"]) == ("postmortems", "created")
    assert entry["took_ms"] > 0


def test_why_something_was_refused_is_told(client: httpx.Client, journal: Journal) -> None:
    client.post(POSTMORTEMS, headers=ONCALL, json={"text": 1.5})
    client.get(POSTMORTEMS)
    client.get("/v2/incidents?page_size=x", headers=INCIDENT)
    assert [entry["refusal"] for entry in journal()["entries"]] == [
        "Invalid: body/alert_group_id required",
        "NotAuthenticated: missing",
        "Invalid: query/page_size type (integer)",
    ]


def test_a_journal_is_its_sandboxs_own(client: httpx.Client, journal: Journal) -> None:
    client.get(POSTMORTEMS, headers=ONCALL)
    client.get(f"/_mock/sandboxes/other{POSTMORTEMS}", headers=ONCALL)
    client.get(POSTMORTEMS, headers={**ONCALL, "X-Mock-Sandbox": "third"})
    for name, prefix in (
        ("default", ""),
        ("other", "/sandboxes/other/_mock"),
        ("third", "/sandboxes/third/_mock"),
    ):
        (entry,) = journal(f"{prefix}/journal")["entries"]
        assert entry["sandbox"] == name
        answer = client.get(f"/_mock/journal/{entry['id']}")
        assert answer.status_code == (200 if name == "default" else 404)


def test_a_journal_is_cleared_alone_and_replaced_by_a_reset(client: httpx.Client, journal: Journal) -> None:
    client.post(POSTMORTEMS, headers=ONCALL, json=CREATE)
    assert client.delete("/_mock/journal").status_code == 204
    assert journal() == {"entries": [], "total": 0, "dropped": 0}
    assert client.get(POSTMORTEMS, headers=ONCALL).json()["count"] == 2
    client.post("/_mock/reset")
    assert journal()["entries"] == []


def test_of_thousands_of_entries_those_that_are_listed_are_worked_on(
    client: httpx.Client, journal: Journal, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/v1/identity", headers=INCIDENT)
    kept = server.sandboxes.default.journal
    (template,) = kept
    for number in range(1, 900):
        template.number = 1_000_000 + number
        kept.record(template)
    shown, show = list[Entry](), Showing.shown

    def counting(self: Showing, entry: Entry) -> Shown:
        shown.append(entry)
        return show(self, entry)

    monkeypatch.setattr(Showing, "shown", counting)
    assert len(journal()["entries"]) == 100
    assert len(shown) == 100
    assert journal("/journal/count", status="200") == {"count": 900}
    assert len(shown) == 100


def test_coverage_counts_every_operation_by_status(
    client: httpx.Client, journal: Journal, told: list[str]
) -> None:
    found = journal("/coverage")
    used = {
        operation["operation"]: (operation["calls"], operation["statuses"])
        for operation in found["operations"]
        if operation["calls"]
    }
    assert used == {
        "list_postmortems": (1, {"200": 1}),
        "create_postmortem": (1, {"201": 1}),
        "get_postmortem": (1, {"403": 1}),
        "Incidents V2_ImportPostmortemDocument": (1, {"201": 1}),
    }
    assert (found["used"], found["unmatched"]) == (4, 2)
    assert found["total"] == len(found["operations"]) > 60


def test_rules_are_listed_with_their_grades(journal: Journal) -> None:
    rules = journal("/rules", provider="incident-io")["rules"]
    assert {rule["provider"] for rule in rules} == {"incident-io"}
    assert {rule["grade"] for rule in rules} == {"documented", "observed", "assumed"}
    assert len(journal("/rules")["rules"]) > len(rules)
