from __future__ import annotations

from typing import Any

from contract_tests.incident_io.client import UNKNOWN, IncidentIo, Workflow, refused
from contract_tests.incident_io.others import every_user
from contract_tests.laws import law
from contract_tests.shared import while_nobody_else_writes

REQUIRED = {"id", "name", "role", "base_role", "custom_roles", "seats", "is_active"}
INACTIVE = ("include_inactive", "true")


def users(workflow: Workflow, *query: tuple[str, str]) -> list[dict[str, Any]]:
    return workflow.all("/v2/users", "users", *query)


@law("incident-io/users.shape")
def test_a_user_has_what_is_required_and_an_address_if_there_is_one(
    workflow: Workflow, without_scope: IncidentIo, strict: bool
) -> None:
    for user in users(workflow, INACTIVE):
        assert user.keys() >= REQUIRED
        assert None not in user.values()
        assert user["base_role"].keys() >= {"id", "name", "slug"}
        assert user["seats"].keys() >= {"on_call", "response"}
        if strict:
            assert user.keys() <= REQUIRED | {"email", "slack_user_id"}
    errors = refused(
        without_scope.send("GET", "/v2/users"), 403, "resource_forbidden", "missing_required_scope"
    )
    assert errors[0]["metadata"]["scope"] == "users.view"


@while_nobody_else_writes(every_user)
@law("incident-io/users.inactive")
def test_inactive_users_are_listed_only_if_asked_for(workflow: Workflow) -> None:
    everybody, active = users(workflow, INACTIVE), users(workflow)
    assert active == [user for user in everybody if user["is_active"]]
    for user in everybody[:20]:
        assert workflow.read(f"/v2/users/{user['id']}")["user"] == user
    refused(workflow.get(f"/v2/users/{UNKNOWN}"), 404, "not_found", "resource_not_found")


@while_nobody_else_writes(every_user)
@law("incident-io/users.filters")
def test_an_address_or_slack_id_finds_who_has_exactly_that(workflow: Workflow) -> None:
    everybody = users(workflow, INACTIVE)
    for name in ("email", "slack_user_id"):
        values = [user[name] for user in everybody if name in user]
        for value in {*values[:10], "nobody-has-this"}:
            wanted = [user for user in everybody if user.get(name) == value]
            assert users(workflow, INACTIVE, (name, value)) == wanted
            assert users(workflow, (name, value)) == [user for user in wanted if user["is_active"]]


@while_nobody_else_writes(every_user)
@law("incident-io/users.pages")
def test_pages_of_users_hold_each_user_once(workflow: Workflow) -> None:
    everybody = users(workflow, INACTIVE)
    least = max(1, len(everybody) // 20)  # a real deployment may have thousands
    for size in (least, least + 2, len(everybody)):
        assert workflow.all("/v2/users", "users", INACTIVE, size=size) == everybody
