from __future__ import annotations

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import (
    GROUPS,
    LIST,
    MESSAGES,
    NO_PERMISSION,
    NOT_FOUND,
    NOTES,
    USERS,
    OnCall,
    one,
)
from contract_tests.grafana_oncall.others import others_notes
from contract_tests.laws import law
from contract_tests.shared import while_nobody_else_writes


@law("grafana-oncall/account.author")
@pytest.mark.parametrize("resource", [NOTES, MESSAGES])
def test_what_a_service_account_writes_has_no_author(oncall: OnCall, account: OnCall, resource: str) -> None:
    created = account.note("by a service account", resource=resource)
    assert created["author"] is None
    changed = account.send("PUT", one(resource, created["id"]), json={"text": "changed"})
    assert (changed.status_code, changed.json()) == (200, created | {"text": "changed"})
    assert oncall.got(resource, created["id"])["author"] is None
    assert account.send("DELETE", one(resource, created["id"])).status_code == 204


@law("grafana-oncall/account.roles")
def test_a_service_account_has_a_role_like_a_user(oncall: OnCall, deployment: Deployment) -> None:
    reads = oncall.as_user(deployment.need("oncall_read_only_service_account_token"))
    created = oncall.note()
    assert reads.got(NOTES, created["id"]) == created
    answer = reads.send("POST", NOTES, json={"alert_group_id": oncall.group, "text": "x"})
    assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)


@law("grafana-oncall/account.postmortems")
def test_a_service_account_reads_and_writes_postmortems(account: OnCall) -> None:
    created = account.create("by a service account")
    assert account.read(created["id"])["text"] == "by a service account"
    assert account.page(alert_group_id=account.group)["count"] >= 1
    assert account.send("DELETE", one(LIST, created["id"])).status_code == 204


@law("grafana-oncall/account.actions")
@pytest.mark.parametrize(
    "verb", ["acknowledge", "unacknowledge", "resolve", "unresolve", "silence", "unsilence"]
)
def test_a_service_account_does_not_act_on_alert_groups(
    oncall: OnCall, account: OnCall, firing: str, verb: str
) -> None:
    answer = account.act(verb, firing)
    words = f"Service accounts are not allowed to {verb} alert groups"
    assert (answer.status_code, answer.json()) == (403, {"detail": words})
    assert account.got(GROUPS, firing) == oncall.got(GROUPS, firing)
    assert oncall.got(GROUPS, firing)["state"] == "firing"


@while_nobody_else_writes(others_notes)
@law("grafana-oncall/account.grafana-url")
@pytest.mark.parametrize("url", ["http://127.0.0.1:13000", "http://127.0.0.1:13000/", "not a url", ""])
def test_the_address_of_a_grafana_makes_no_difference(account: OnCall, url: str) -> None:
    with_it = account.send("GET", NOTES, headers={"X-Grafana-URL": url})
    assert with_it.status_code == 200
    assert with_it.json() == account.send("GET", NOTES).json()


@law("grafana-oncall/account.current")
def test_a_service_account_is_no_current_user(account: OnCall) -> None:
    answer = account.send("GET", one(USERS, "current"))
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
