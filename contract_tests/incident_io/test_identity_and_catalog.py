from __future__ import annotations

import pytest

from contract_tests.incident_io.client import UNKNOWN, IncidentIo, Workflow, refused
from contract_tests.laws import law

KINDS = {
    "/v1/severities": ("severities", "severity", "severities.view"),
    "/v1/incident_statuses": ("incident_statuses", "incident_status", "incident_statuses.view"),
    "/v1/incident_types": ("incident_types", "incident_type", "incident_types.view"),
    "/v2/incident_roles": ("incident_roles", "incident_role", "incident_roles.view"),
    "/v2/custom_fields": ("custom_fields", "custom_field", "custom_fields.view"),
    "/v2/incident_timestamps": ("incident_timestamps", "incident_timestamp", None),
}
CATEGORIES = {"triage", "declined", "merged", "canceled", "live", "learning", "closed", "paused"}
every_kind = pytest.mark.parametrize("path", KINDS)


@law("incident-io/identity.shape")
def test_a_key_learns_who_it_is(workflow: Workflow) -> None:
    identity = workflow.read("/v1/identity")["identity"]
    assert {"name", "dashboard_url", "roles", "team_roles", "teams"} <= identity.keys()
    assert identity["dashboard_url"].startswith("https://")


@law("incident-io/identity.no-scope")
def test_identity_needs_a_key_and_no_scope(without_scope: IncidentIo, unknown_key: IncidentIo) -> None:
    assert without_scope.send("GET", "/v1/identity").status_code == 200
    refused(unknown_key.send("GET", "/v1/identity"), 401, "authentication_error", "access_token_invalid")


@law("incident-io/catalog.shape")
@every_kind
def test_what_is_listed_is_what_is_shown(workflow: Workflow, path: str, strict: bool) -> None:
    plural, singular, _ = KINDS[path]
    body = workflow.read(path)
    assert body[plural]
    if strict:
        assert set(body) == {plural}
    for item in body[plural]:
        assert workflow.read(f"{path}/{item['id']}")[singular] == item


@law("incident-io/catalog.order")
@pytest.mark.parametrize("path", ["/v1/severities", "/v1/incident_statuses", "/v2/incident_timestamps"])
def test_what_has_a_rank_is_listed_by_rank(workflow: Workflow, path: str) -> None:
    ranks = [item["rank"] for item in workflow.read(path)[KINDS[path][0]]]
    assert ranks == sorted(ranks)


@law("incident-io/catalog.unknown")
@every_kind
def test_what_is_not_there_or_somebody_elses_is_not_found(
    workflow: Workflow, stranger: IncidentIo, path: str
) -> None:
    refused(workflow.get(f"{path}/{UNKNOWN}"), 404, "not_found", "resource_not_found")
    foreign = Workflow(stranger).read(path)[KINDS[path][0]][0]["id"]
    refused(workflow.get(f"{path}/{foreign}"), 404, "not_found", "resource_not_found")


@law("incident-io/catalog.scope")
@every_kind
def test_each_kind_needs_its_own_scope(without_scope: IncidentIo, path: str) -> None:
    scope = KINDS[path][2]
    for target in (path, f"{path}/{UNKNOWN}"):
        answer = without_scope.send("GET", target)
        if scope is None:
            assert answer.status_code in (200, 404)
            continue
        errors = refused(answer, 403, "resource_forbidden", "missing_required_scope")
        assert errors[0]["metadata"]["scope"] == scope


@law("incident-io/catalog.categories")
def test_each_status_is_in_a_known_category(workflow: Workflow, strict: bool) -> None:
    if not strict:
        pytest.skip("not judged: the vendor may add values to enums (Compatibility)")
    statuses = workflow.read("/v1/incident_statuses")["incident_statuses"]
    assert {status["category"] for status in statuses} <= CATEGORIES
