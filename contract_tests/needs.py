"""What a deployment must have to be judged, and how the rest of it is found by listing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx

from contract_tests.deployment import PREFIX, Deployment

Json = dict[str, Any]


@dataclass(frozen=True)
class Need:
    """One thing that laws need: a field of Deployment, and what it is in words."""

    vendor: str
    field: str
    words: str


NEEDS = (
    Need("grafana_oncall", "oncall_token", "an admin's token"),
    Need("grafana_oncall", "oncall_alert_groups", "alert groups to attach postmortems to"),
    Need("grafana_oncall", "oncall_editor_token", "an editor's token"),
    Need("grafana_oncall", "oncall_viewer_token", "a viewer's token"),
    Need("grafana_oncall", "oncall_other_organization_token", "a token of another organization"),
    Need("grafana_oncall", "oncall_other_organization_alert_group", "an alert group of that organization"),
    Need("grafana_oncall", "oncall_disposable_alert_groups", "alert groups that may be changed and deleted"),
    Need("incident_io", "incident_key", "an API key"),
    Need("incident_io", "incident_id", "an incident"),
    Need("incident_io", "incident_url", "the page of that incident"),
    Need("incident_io", "incident_key_without_scope", "a key that may not import"),
    Need("incident_io", "incident_other_organisation_key", "a key of another organisation"),
    Need("incident_io", "incident_other_organisation_id", "an incident of that organisation"),
)


@dataclass(frozen=True)
class Met:
    """A need, and how it is met: `given`, `found` by listing, or `missing`."""

    need: Need
    how: str

    @property
    def told(self) -> str:
        """How it is met, or what would meet it."""
        return PREFIX + self.need.field.upper() if self.how == "missing" else self.how


def find(deployment: Deployment, http: httpx.Client) -> Deployment:
    """The same deployment with what listing shows of it. Only reads; what a list does not show stays missing."""
    found: dict[str, str] = {}
    if deployment.oncall_token and not deployment.oncall_alert_groups:
        answer = http.get("/api/v1/alert_groups/", headers={"Authorization": deployment.oncall_token})
        groups = [group["id"] for group in _records(answer, "results")]
        found["oncall_alert_groups"] = ",".join(groups[:3])
    if deployment.incident_key and not deployment.incident_id:
        headers = {"Authorization": f"Bearer {deployment.incident_key}"}
        answer = http.get("/v2/incidents", params={"page_size": "25"}, headers=headers)
        incidents = [one for one in _records(answer, "incidents") if one.get("mode") == "test"]
        if incidents:
            found["incident_id"] = incidents[0]["id"]
            found["incident_url"] = deployment.incident_url or incidents[0].get("permalink", "")
    return replace(deployment, **found)


def met(given: Deployment, now: Deployment) -> Iterator[Met]:
    """How each need of the vendors that are judged is met."""
    for need in NEEDS:
        if need.vendor in now.vendors:
            yield Met(need, _how(getattr(given, need.field), getattr(now, need.field)))


def _how(given: str, now: str) -> str:
    if given:
        return "given"
    return "found" if now else "missing"


def _records(answer: httpx.Response, name: str) -> list[Json]:
    """The records of a list, if it is one."""
    try:
        body = answer.json() if answer.status_code == 200 else {}
    except ValueError:
        return []
    records = body.get(name) if isinstance(body, Mapping) else None
    return [
        record for record in records or () if isinstance(record, dict) and isinstance(record.get("id"), str)
    ]
