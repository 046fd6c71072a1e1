"""What nothing owned, what it was probably meant to be, and why it was not that."""

from __future__ import annotations

import httpx
import pytest

from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.journal.conftest import INCIDENT, ONCALL, POSTMORTEMS, Journal

ONCALLS = "; this is the other vendor's path: Grafana OnCall's"
INCIDENTS = "; this is the other vendor's path: incident.io's"
ID = "01GBA8J19SMXQWPJMX3P2ESCVG"


@pytest.mark.parametrize(
    ("asked", "operation", "reason"),
    [
        (f"PATCH {POSTMORTEMS}", "list_postmortems", "path matches, method PATCH not allowed"),
        ("PURGE /api/v1/users/current/", "get_current_user", "path matches, method PURGE not allowed"),
        ("PUT /v2/incidents", "Incidents V2_List", "path matches, method PUT not allowed"),
        ("HEAD /v2/incidents", "Incidents V2_List", "path matches, method HEAD not allowed"),
        ("GET /v2/incident", "Incidents V2_List", "segment 2 is 'incident', known is 'incidents'"),
        ("GET /v2/Incidents", "Incidents V2_List", "segment 2 is 'Incidents', known is 'incidents'"),
        (f"GET /v1/incidents/{ID}", "Incidents V2_Show", "segment 1 is 'v1', known is 'v2'"),
        ("GET /v2/incidents/", "Incidents V2_List", "a slash at the end is too much"),
        ("GET /postmortems/", "list_postmortems", f"'/api/v1' is missing at the beginning{ONCALLS}"),
        ("GET /v1/postmortems/", "list_postmortems", f"'/api' is missing at the beginning{ONCALLS}"),
        ("GET /incidents", "Incidents V2_List", "'/v2' is missing at the beginning"),
        ("GET /api/v2/incidents", "Incidents V2_List", f"'/api' at the beginning is too much{INCIDENTS}"),
        ("GET /oncall/api/v1/users/", "list_users", f"'/oncall' at the beginning is too much{ONCALLS}"),
        ("GET /api/v1/postmortem/", "list_postmortems", "segment 3 is 'postmortem', known is 'postmortems'"),
        ("GET /api/v1/postmortems/P1/extra/", "get_postmortem", "'/extra' at the end is too much"),
        (
            f"POST /v2/incidents/{ID}/actions/import",
            "Incidents V2_ImportPostmortemDocument",
            "segment 5 is 'import', known is 'import_postmortem_document'",
        ),
        ("GET /api/v1/postmortems//", "get_postmortem", "segment 4 is empty, wanted is an id"),
        ("GET /api/v1/users/a.b/", "get_user", "'a.b' cannot be an id: none holds '.' or '/'"),
        ("GET /api/v1/users/a%2Fb/", "get_user", "'a/b' cannot be an id: none holds '.' or '/'"),
    ],
)
def test_the_nearest_operation_and_what_is_wrong(
    transport: InProcess, journal: Journal, asked: str, operation: str, reason: str
) -> None:
    method, _, path = asked.partition(" ")
    transport.exchange(method, path, [(b"Authorization", b"meowmeowmeow")])
    (entry,) = journal("/journal/unmatched")["entries"]
    assert entry["operation"] is None
    assert entry["request"]["path"] == path
    best = entry["near_misses"][0]
    assert (best["operation"], best["reason"]) == (operation, reason)
    assert len(entry["near_misses"]) <= 5


@pytest.mark.parametrize(
    "path", ["/", "/nothing/like/it", "/api/v1/", "/v2", "/%00", "/a" * 3_000, "/" * 3_000]
)
def test_what_is_like_nothing_has_none(transport: InProcess, journal: Journal, path: str) -> None:
    transport.exchange("GET", path)
    (entry,) = journal("/journal/unmatched")["entries"]
    assert entry["near_misses"] == []


def test_every_method_of_a_path_is_told(client: httpx.Client, journal: Journal) -> None:
    client.delete(POSTMORTEMS, headers=ONCALL)
    (entry,) = journal("/journal/unmatched")["entries"]
    assert [(miss["method"], miss["path"]) for miss in entry["near_misses"]] == [
        ("GET", "/api/v1/postmortems/"),
        ("POST", "/api/v1/postmortems/"),
        ("DELETE", "/api/v1/postmortems/{id}/"),
    ]
    assert entry["near_misses"][2]["reason"] == "'/{id}' is missing at the end"


def test_what_an_operation_refuses_is_not_unmatched(client: httpx.Client, journal: Journal) -> None:
    client.get(f"{POSTMORTEMS}NONE/", headers=ONCALL)
    client.head(POSTMORTEMS, headers=ONCALL)
    client.options(POSTMORTEMS, headers=ONCALL)
    client.get("/v2/incidents/NONE", headers=INCIDENT)
    assert journal("/journal/unmatched")["entries"] == []


def test_a_vendor_that_is_not_served_is_named(make_server: MakeServer) -> None:
    server = make_server(providers=("incident-io",))
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        client.get(POSTMORTEMS)
        (entry,) = client.get("/_mock/journal/unmatched").json()["entries"]
    best = entry["near_misses"][0]
    assert (best["provider"], best["operation"]) == ("grafana-oncall", "list_postmortems")
    assert best["reason"] == "this is Grafana OnCall's path, which is not served here"
