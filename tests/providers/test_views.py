"""What both vendors' views have kept, held against what they would tell anew, after every kind of write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.core.views import View
from mockserver.server.app import MockServer
from mockserver.server.state.keeping import bring_back, keep

INCIDENT_IO = {"Authorization": "Bearer inc-test-key"}
ONCALL = {"Authorization": "meowmeowmeow"}
INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
GROUP = "IQUIET1PAGE11"


def views_of(server: MockServer) -> Iterator[tuple[str, View[Any], Any]]:
    """Every view of the default sandbox with its name and its table."""
    worlds: dict[str, Any] = dict(server.sandboxes.default.worlds)
    incidents, oncall = worlds["incident-io"], worlds["grafana-oncall"]
    tables = incidents.catalog.tables()
    for name, view in incidents.views.configured.items():
        yield name, view, tables[name]
    for name, table in {
        "documents": incidents.documents,
        "incidents": incidents.incidents,
        "updates": incidents.updates,
        "follow_ups": incidents.follow_ups.follow_ups,
        "users": incidents.people.users,
    }.items():
        yield name, getattr(incidents.views, name), table
    for name, table in {
        "postmortems": oncall.tables.postmortems,
        "postmortems_with_messages": oncall.tables.postmortems,
        "messages": oncall.tables.messages,
        "resolution_notes": oncall.tables.messages,
        "alert_groups": oncall.tables.alert_groups,
        "users": oncall.tables.users,
        "short_users": oncall.tables.users,
    }.items():
        yield f"oncall {name}", getattr(oncall.views, name), table


def stale(server: MockServer) -> list[tuple[str, str]]:
    """View and id of every record that is told as it was and no longer is; afterwards all are kept."""
    found = []
    for name, view, table in views_of(server):
        for record in table:
            if view.of(record) != view._encode(view._shape(record)):
                found.append((name, record.id))
    return found


class Writer:
    """Sends writes, and says what each left stale."""

    def __init__(self, server: MockServer, client: httpx.Client) -> None:
        self._server, self._client = server, client
        assert stale(server) == []

    def send(self, method: str, path: str, body: Any = None) -> Any:
        headers = ONCALL if path.startswith("/api/") else INCIDENT_IO
        answer = self._client.request(method, path, json=body, headers=headers)
        assert answer.is_success, (method, path, answer.text)
        assert stale(self._server) == [], (method, path)
        return answer.json() if answer.content else None


@pytest.fixture
def writer(server: MockServer, client: httpx.Client) -> Writer:
    return Writer(server, client)


def test_a_postmortem_and_its_messages_are_told_as_they_are(writer: Writer) -> None:
    made = writer.send("POST", "/api/v1/postmortems/", {"alert_group_id": GROUP, "text": "disk"})["id"]
    note = writer.send("POST", "/api/v1/postmortem_messages/", {"alert_group_id": GROUP, "text": "full"})[
        "id"
    ]
    writer.send("PUT", f"/api/v1/postmortems/{made}/", {"alert_group_id": GROUP, "text": "disks"})
    writer.send("PATCH", f"/api/v1/resolution_notes/{note}/", {"text": "half full"})
    writer.send("DELETE", f"/api/v1/postmortem_messages/{note}/")
    writer.send("DELETE", f"/api/v1/postmortems/{made}/")


def test_an_alert_group_is_told_as_it_is_and_takes_what_is_its_own_with_it(writer: Writer) -> None:
    writer.send("POST", "/api/v1/postmortem_messages/", {"alert_group_id": GROUP, "text": "full"})
    groups = writer.send("GET", "/api/v1/alert_groups/")["results"]
    first, second, *_ = (
        group["id"] for group in groups if group["state"] == "firing" and group["alerts_count"]
    )
    for verb in ("acknowledge", "unacknowledge", "resolve", "unresolve"):
        writer.send("POST", f"/api/v1/alert_groups/{first}/{verb}/")
    writer.send("POST", f"/api/v1/alert_groups/{first}/silence/", {"delay": 3600})
    writer.send("POST", f"/api/v1/alert_groups/{first}/unsilence/")
    writer.send("DELETE", f"/api/v1/alert_groups/{first}/", {"mode": "wipe"})
    writer.send("DELETE", f"/api/v1/alert_groups/{second}/", {"mode": "delete"})
    writer.send("DELETE", f"/api/v1/alert_groups/{GROUP}/", {"mode": "delete"})


def test_an_incident_is_told_with_its_documents(writer: Writer) -> None:
    path = f"/v2/incidents/{INCIDENT}/actions/import_postmortem_document"
    made = writer.send("POST", path, {"title": "T", "content": "## Summary"})["postmortem_document"]["id"]
    writer.send("PUT", f"/v1/postmortem_documents/{made}", {"status": "completed"})
    severities = writer.send("GET", "/v1/severities")["severities"]
    new = {
        "idempotency_key": "once",
        "name": "Full disk",
        "visibility": "public",
        "severity_id": severities[0]["id"],
    }
    opened = writer.send("POST", "/v2/incidents", new)["incident"]["id"]
    edit = {"incident": {"name": "Fuller disk"}, "notify_incident_channel": False}
    writer.send("POST", f"/v2/incidents/{opened}/actions/edit", edit)
    writer.send(
        "POST",
        "/v2/incident_updates",
        {
            "incident_id": opened,
            "message": "on it",
            "idempotency_key": "u",
            "new_severity_id": severities[-1]["id"],
        },
    )
    attached = {"incident_id": opened, "permalink": "https://docs.example.com/1"}
    for permalink in ("https://docs.example.com/1", "https://docs.example.com/2"):
        writer.send("POST", "/v1/postmortem_documents/actions/attach", {**attached, "permalink": permalink})


def test_a_follow_up_is_told_as_it_is(writer: Writer) -> None:
    body = {"incident_id": INCIDENT, "title": "Buy disks"}
    made = writer.send("POST", "/v3/follow_ups", body)["follow_up"]["id"]
    writer.send("PUT", f"/v3/follow_ups/{made}", {"title": "Buy more disks", "status": "completed"})
    writer.send("DELETE", f"/v3/follow_ups/{made}")


def test_what_is_taken_back_is_told_as_it_was(server: MockServer, writer: Writer) -> None:
    note = writer.send("POST", "/api/v1/postmortem_messages/", {"alert_group_id": GROUP, "text": "full"})
    sandbox = server.sandboxes.default
    sandbox.worlds["grafana-oncall"].store.undo(sandbox.faults.last_write["grafana-oncall"])
    assert stale(server) == []
    assert note["id"] not in {record.id for _, _, table in views_of(server) for record in table}


def test_a_sandbox_that_goes_on_from_a_kept_state_tells_that(server: MockServer, writer: Writer) -> None:
    writer.send("POST", "/api/v1/postmortems/", {"alert_group_id": GROUP, "text": "disk"})
    kept = keep(server.sandboxes.default)
    writer.send("POST", "/api/v1/postmortem_messages/", {"alert_group_id": GROUP, "text": "full"})
    bring_back(server.sandboxes.default, kept)
    assert stale(server) == []
