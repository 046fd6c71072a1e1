"""Answers of incident.io, written by hand, and exchanges to put them in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange

Json = dict[str, Any]
IT = Deployment()
KEY, OTHER, VIEW, NO_SCOPE = (
    IT.incident_key,
    IT.incident_other_organisation_key,
    IT.incident_view_key,
    IT.incident_key_without_scope,
)
THEIRS = IT.incident_other_organisation_id
DOCUMENTS, FOLLOW_UPS, INCIDENTS, UPDATES = (
    "/v1/postmortem_documents",
    "/v3/follow_ups",
    "/v2/incidents",
    "/v2/incident_updates",
)
I1, I2 = "01HINCIDENT000000000000001", "01HINCIDENT000000000000002"
D1, D2, D3, DX = (f"01HDOCUMENT00000000000000{n}" for n in (1, 2, 3, 9))
F1, F2, FX = (f"01HFOLLOWUP00000000000000{n}" for n in (1, 2, 9))
U0, U1 = "01HUPDATE0000000000000000", "01HUPDATE0000000000000001"
MINOR = {
    "id": "01HSEVERITY0",
    "name": "Minor",
    "rank": 0,
    "description": "",
    "created_at": "2021-08-02T09:00:00Z",
}
MAJOR = {**MINOR, "id": "01HSEVERITY1", "name": "Major", "rank": 1}
LIVE = {"id": "01HSTATUS1", "name": "Investigating", "category": "live", "rank": 1, "description": ""}
CLOSED = {**LIVE, "id": "01HSTATUS6", "name": "Closed", "category": "closed", "rank": 6}
ME, YOU = ({"api_key": {"id": f"01HKEY{n}", "name": f"key {n}"}} for n in (1, 2))
ME_MYSELF = {"name": "key 1", "dashboard_url": "https://x", "roles": [], "team_roles": [], "teams": []}
TITLE = "Crème 🔥 e\u0301\r\n<b>"
PLAIN = "## Summary\n\nThe disk was full.\n"


def at(second: float) -> str:
    return f"2026-01-02T03:04:{second:05.2f}Z"


@dataclass
class Step:
    name: str
    method: str
    target: str
    body: Any = None
    key: str | None = KEY
    status: int = 200
    said: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def exchange(self) -> Exchange:
        sent = [("Authorization", f"Bearer {self.key}")] if self.key is not None else []
        raw = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        if self.body is not None:
            sent.append(("Content-Type", "application/json"))
        said = self.said if isinstance(self.said, bytes) else json.dumps(self.said).encode()
        answer = {"Content-Type": "application/json", **self.headers} if said else self.headers
        asked = Asked(self.method, self.target, tuple(sent), b"" if self.body is None else raw)
        return Exchange(asked, Answered(self.status, tuple(answer.items()), said))


def incident(id_: str, number: int, second: float, **more: Any) -> Json:
    return {
        "id": id_,
        "reference": f"INC-{number}",
        "name": f"Incident {number}",
        "visibility": "public",
        "mode": "standard",
        "permalink": f"https://app.incident.io/my-org/incidents/{number}",
        "created_at": at(second),
        "updated_at": at(second),
        "last_activity_at": at(second),
        "creator": ME,
        "incident_status": LIVE,
        "severity": MINOR,
        "custom_field_entries": [],
        "incident_role_assignments": [],
        "incident_timestamp_values": [],
        "team_ids": [],
        "slack_channel_id": "",
        "slack_team_id": "",
        "postmortem_document_ids": [],
        **more,
    }


def document(id_: str, incident_id: str, number: int, second: float, **more: Any) -> Json:
    page = "other-org/incidents/7" if incident_id == THEIRS else f"my-org/incidents/{number}"
    return {
        "id": id_,
        "incident_id": incident_id,
        "title": TITLE,
        "status": "in_progress",
        "created_at": at(second),
        "updated_at": at(second),
        "document_url": f"https://app.incident.io/{page}/post-mortems/{id_}",
        "exported_urls": [],
        "editors": [],
        "type": "in_app",
        **more,
    }


def follow_up(id_: str, incident_id: str, second: float, **more: Any) -> Json:
    return {
        "id": id_,
        "incident_id": incident_id,
        "title": "Do",
        "status": "outstanding",
        "labels": [],
        "creator": ME,
        "created_at": at(second),
        "updated_at": at(second),
        **more,
    }


def update(id_: str, second: float, **more: Any) -> Json:
    return {
        "id": id_,
        "incident_id": I1,
        "new_incident_status": LIVE,
        "new_severity": MINOR,
        "updater": ME,
        "created_at": at(second),
        **more,
    }


_ids = iter(range(10_000))


def error(status: int, type_: str, code: str, **more: Any) -> Json:
    single = {"code": code, "message": f"It is {code}", **more}
    return {"type": type_, "status": status, "request_id": f"request{next(_ids)}", "errors": [single]}


def not_found() -> Json:
    return error(404, "not_found", "resource_not_found")


def page(name: str, rows: list[Json], size: int = 25, **more: Any) -> Json:
    return {name: rows, "pagination_meta": {"page_size": size, **more}}
