from __future__ import annotations

import pytest

from contract_tests.incident_io.client import UNKNOWN, IncidentIo, Workflow, refused
from contract_tests.incident_io.others import EVERY_MODE, incidents
from contract_tests.laws import law
from contract_tests.shared import moment, while_nobody_else_writes

LIST = "/v2/incidents"
REQUIRED = {
    "id", "reference", "name", "visibility", "mode", "created_at", "updated_at", "last_activity_at", "creator",
    "incident_status", "custom_field_entries", "incident_role_assignments", "team_ids", "slack_channel_id",
    "slack_team_id",
}  # fmt: skip
ALL_MODES = list(EVERY_MODE)


@law("incident-io/incidents.list-shape")
def test_a_list_has_incidents_and_says_how_many_there_are(
    workflow: Workflow, without_scope: IncidentIo, strict: bool
) -> None:
    body = workflow.read(LIST)
    assert body["incidents"]
    assert body["pagination_meta"]["page_size"] == 25
    if strict or "total_record_count" in body["pagination_meta"]:  # "if known"
        assert body["pagination_meta"]["total_record_count"] >= len(body["incidents"])
    for incident in body["incidents"]:
        assert incident.keys() >= REQUIRED
    if strict:
        assert set(body) == {"incidents", "pagination_meta"}
    errors = refused(without_scope.send("GET", LIST), 403, "resource_forbidden", "missing_required_scope")
    assert errors[0]["metadata"]["scope"] == "incidents.view"


@while_nobody_else_writes(incidents)
@law("incident-io/incidents.pages")
@pytest.mark.parametrize("filters", [[], ALL_MODES, [("created_at[gte]", "2022-01-01")]])
@pytest.mark.parametrize("order", ["created_at_newest_first", "created_at_oldest_first"])
def test_pages_follow_each_other_and_hold_each_incident_once(
    workflow: Workflow, filters: list[tuple[str, str]], order: str, strict: bool
) -> None:
    query = [*filters, ("sort_by", order)]
    whole = workflow.listed(*query)
    assert workflow.listed(*query, size=7 if strict else max(7, len(whole) // 5)) == whole
    assert len({incident["id"] for incident in whole}) == len(whole)
    if len(whole) < 3:
        pytest.skip("not judged: the target has fewer than three incidents")
    after = workflow.read(LIST, [*query, ("page_size", "2")])["pagination_meta"]["after"]
    second = workflow.read(LIST, [*query, ("page_size", "2"), ("after", after)])
    assert second["incidents"] == whole[2:4]
    if strict or "total_record_count" in second["pagination_meta"]:
        assert second["pagination_meta"]["total_record_count"] == len(whole)


@law("incident-io/incidents.page-size")
@pytest.mark.parametrize(("asked", "given"), [(None, 25), (1, 1), (250, 250), (251, 250), (500, 250)])
def test_a_page_holds_250_incidents_at_most(workflow: Workflow, asked: int | None, given: int) -> None:
    body = workflow.read(LIST, {} if asked is None else {"page_size": asked})
    assert body["pagination_meta"]["page_size"] == given
    assert len(body["incidents"]) <= given


@law("incident-io/incidents.page-size-range")
@pytest.mark.parametrize(
    ("size", "code"), [("0", "invalid_range"), ("501", "invalid_range"), ("many", "invalid_field_type")]
)
def test_a_page_size_out_of_range_is_refused(workflow: Workflow, size: str, code: str) -> None:
    refused(workflow.get(LIST, {"page_size": size}), 422, "validation_error", code)


@law("incident-io/incidents.after-unknown")
@pytest.mark.parametrize("filters", [{}, {"created_at[gte]": "2000-01-01"}])
def test_nothing_follows_an_incident_that_does_not_exist(workflow: Workflow, filters: dict[str, str]) -> None:
    body = workflow.read(LIST, {**filters, "after": UNKNOWN})
    assert body["incidents"] == []
    assert "after" not in body["pagination_meta"]


@while_nobody_else_writes(incidents)
@law("incident-io/incidents.order")
def test_the_newest_comes_first_unless_the_oldest_is_asked_for(workflow: Workflow) -> None:
    newest = [incident["id"] for incident in workflow.listed()]
    oldest = [incident["id"] for incident in workflow.listed(("sort_by", "created_at_oldest_first"))]
    assert newest == oldest[::-1]
    created = [moment(incident) for incident in workflow.listed()]
    assert sorted(created, reverse=True) == created
    refused(workflow.get(LIST, {"sort_by": "name"}), 422, "validation_error", "invalid_enum_value")


@while_nobody_else_writes(incidents)
@law("incident-io/incidents.default-modes")
def test_test_and_tutorial_incidents_are_not_listed_unless_asked_for(
    workflow: Workflow, strict: bool
) -> None:
    usual = ("standard", "retrospective")
    everything = workflow.listed(*ALL_MODES)
    assert workflow.listed() == [incident for incident in everything if incident["mode"] in usual]
    assert not strict or {incident["mode"] for incident in everything} - set(usual)


@while_nobody_else_writes(incidents)
@law("incident-io/incidents.hidden-categories")
def test_declined_canceled_and_merged_incidents_are_not_listed_unless_a_category_is(
    workflow: Workflow, strict: bool
) -> None:
    hidden = {"declined", "canceled", "merged"}
    shown = {incident["incident_status"]["category"] for incident in workflow.listed()}
    assert not shown & hidden
    for category in hidden:
        alone = workflow.listed(("status_category[one_of]", category))
        assert {incident["incident_status"]["category"] for incident in alone} <= {category}
    everything = workflow.listed(("status_category[not_in]", "nothing"))
    found = {incident["incident_status"]["category"] for incident in everything}
    assert found > shown if strict else found >= shown
