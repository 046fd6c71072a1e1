from __future__ import annotations

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import NO_PERMISSION, NOT_FOUND, USERS, OnCall, ids, one
from contract_tests.grafana_oncall.others import every_user
from contract_tests.grafana_oncall.test_note_lists import KEYS
from contract_tests.laws import law
from contract_tests.shared import while_nobody_else_writes

PUBLISHED = {"id", "email", "slack", "username"}
SHORT = {"id", "email", "username", "role", "is_phone_number_verified"}
MORE = {"role", "is_phone_number_verified", "timezone", "teams"}


@law("grafana-oncall/user.published-fields")
def test_a_user_has_the_published_fields(oncall: OnCall) -> None:
    shown = oncall.got(USERS, "current")
    assert set(shown) >= PUBLISHED
    assert all(set(slack) == {"user_id", "team_id"} for slack in shown["slack"])


@law("grafana-oncall/user.fields")
def test_a_user_has_these_fields_besides(oncall: OnCall) -> None:
    shown = oncall.got(USERS, "current")
    assert set(shown) == PUBLISHED | MORE
    assert shown["role"] in ("admin", "editor", "viewer", "none")


@law("grafana-oncall/user.current")
def test_current_is_whose_token_it_is(oncall: OnCall, editor: OnCall) -> None:
    for user in (oncall, editor):
        shown = user.got(USERS, "current")
        assert shown == user.got(USERS, shown["id"])
    assert oncall.got(USERS, "current") != editor.got(USERS, "current")


@while_nobody_else_writes(every_user)
@law("grafana-oncall/user.list")
def test_the_list_is_paged_and_holds_each_user_once(oncall: OnCall) -> None:
    shown = oncall.got(USERS, perpage=1)
    assert list(shown) == KEYS
    assert (shown["page_size"], len(shown["results"])) == (1, 1)
    everybody = oncall.everything(USERS)
    assert len(set(ids(everybody))) == shown["count"]
    assert oncall.got(USERS, "current") in everybody


@law("grafana-oncall/user.page-size")
def test_a_page_of_users_holds_100(oncall: OnCall) -> None:
    assert oncall.got(USERS)["page_size"] == 100


@while_nobody_else_writes(every_user)
@law("grafana-oncall/user.username")
def test_a_name_finds_its_user_and_no_other(oncall: OnCall) -> None:
    me = oncall.got(USERS, "current")
    assert me in oncall.everything(USERS, username=me["username"])
    assert {it["username"] for it in oncall.everything(USERS, username=me["username"])} == {me["username"]}
    for nobody in (me["username"].upper(), me["username"][:-1], "no such name"):
        assert oncall.got(USERS, username=nobody)["count"] == 0


@while_nobody_else_writes(every_user)
@law("grafana-oncall/user.email-and-short")
def test_an_address_finds_its_user_and_short_leaves_fields_out(oncall: OnCall) -> None:
    me = oncall.got(USERS, "current")
    found = oncall.everything(USERS, email=me["email"], username=me["username"], short="true")
    assert found == [{name: me[name] for name in me if name in SHORT}]
    assert oncall.got(USERS, email="no such address")["count"] == 0


@law("grafana-oncall/user.unknown")
def test_unknown_and_foreign_users_are_not_found(oncall: OnCall, stranger: OnCall) -> None:
    foreign = stranger.got(USERS, "current")["id"]
    for user_id in ("UNEVER1EX1STS", foreign):
        answer = oncall.send("GET", one(USERS, user_id))
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert foreign not in ids(oncall.everything(USERS))


@law("grafana-oncall/user.rights")
def test_a_viewer_reads_users_a_user_without_a_role_does_not(viewer: OnCall, without_role: OnCall) -> None:
    assert viewer.got(USERS, "current")["role"] == "viewer"
    for path in (USERS, one(USERS, "current")):
        answer = without_role.send("GET", path)
        assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)


@law("grafana-oncall/user.read-only")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_users_cannot_be_changed(oncall: OnCall, deployment: Deployment, method: str) -> None:
    for path in (USERS, one(USERS, "current")):
        answer = oncall.send(method, path, json={})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
