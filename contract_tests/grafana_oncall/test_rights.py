from __future__ import annotations

from uuid import uuid4

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import (
    INVALID_TOKEN,
    LIST,
    NO_PERMISSION,
    NOT_FOUND,
    UNKNOWN,
    OnCall,
    at,
    ids,
)
from contract_tests.laws import law

CHANGES = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])


@law("grafana-oncall/role.viewer-only-reads")
def test_a_viewer_may_list_and_get(oncall: OnCall, viewer: OnCall) -> None:
    created = oncall.create()
    assert viewer.mine() == oncall.mine() != []
    assert oncall.core(viewer.read(created["id"])) == oncall.core(oncall.read(created["id"]))


@law("grafana-oncall/role.viewer-only-reads")
def test_a_viewer_may_not_create(oncall: OnCall, viewer: OnCall) -> None:
    before, text = oncall.mine(alert_group_id=oncall.group), uuid4().hex  # which nobody else writes
    answer = viewer.post(text)
    assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)
    assert oncall.mine(alert_group_id=oncall.group) == before
    assert text not in [it["text"] for it in oncall.listed(alert_group_id=oncall.group)]


@law("grafana-oncall/role.viewer-only-reads")
@CHANGES
def test_a_viewer_may_not_change_anything(oncall: OnCall, viewer: OnCall, method: str) -> None:
    created = oncall.create("before")
    answer = viewer.send(method, at(created["id"]), json={"text": "after"})
    assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)
    assert oncall.read(created["id"])["text"] == "before"


@law("grafana-oncall/role.viewer-only-reads")
def test_a_user_without_a_role_may_not_even_read(oncall: OnCall, without_role: OnCall) -> None:
    path = at(oncall.create("before")["id"])
    for method, where in (
        ("GET", LIST),
        ("POST", LIST),
        *((it, path) for it in ("GET", "PUT", "PATCH", "DELETE")),
    ):
        answer = without_role.send(method, where, json={"alert_group_id": oncall.group, "text": "after"})
        assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)
    assert oncall.send("GET", path).json()["text"] == "before"


@law("grafana-oncall/role.editor-writes")
def test_an_editor_may_create(oncall: OnCall, editor: OnCall) -> None:
    created = editor.create("by the editor")
    assert oncall.read(created["id"])["text"] == "by the editor"


@law("grafana-oncall/role.editor-writes")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_editor_may_update_what_another_user_created(oncall: OnCall, editor: OnCall, method: str) -> None:
    created = oncall.create("by the admin")
    answer = editor.send(method, at(created["id"]), json={"text": "by the editor"})
    assert (answer.status_code, answer.json()) == (200, created | {"text": "by the editor"})
    assert oncall.read(created["id"])["text"] == "by the editor"


@law("grafana-oncall/role.editor-writes")
def test_an_editor_may_delete_what_another_user_created(oncall: OnCall, editor: OnCall) -> None:
    created = oncall.create()
    assert editor.send("DELETE", at(created["id"])).status_code == 204
    assert oncall.send("GET", at(created["id"])).status_code == 404


@law("grafana-oncall/role.editor-writes")
def test_an_admin_may_update_and_delete_what_an_editor_created(oncall: OnCall, editor: OnCall) -> None:
    path = at(editor.create()["id"])
    assert oncall.send("PUT", path, json={"text": "after"}).status_code == 200
    assert oncall.send("DELETE", path).status_code == 204


@law("grafana-oncall/tenant.others-are-invisible")
def test_another_organizations_postmortems_are_not_listed(oncall: OnCall, stranger: OnCall) -> None:
    mine, theirs = oncall.create()["id"], stranger.create()["id"]
    for query in ({}, {"alert_group_id": stranger.group}, {"alert_group_id": ""}):
        assert theirs not in ids(oncall.listed(**query))
    for query in ({}, {"alert_group_id": oncall.group}):
        assert mine not in ids(stranger.listed(**query))
    assert theirs in ids(stranger.listed())


@law("grafana-oncall/tenant.others-are-invisible")
def test_count_does_not_count_another_organizations_postmortems(oncall: OnCall, stranger: OnCall) -> None:
    before = oncall.counted()
    stranger.create(), stranger.create()
    assert oncall.counted() == before
    assert oncall.page(alert_group_id=stranger.group)["count"] == 0


@law("grafana-oncall/tenant.others-are-invisible")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_another_organizations_postmortem_is_an_unknown_id(
    oncall: OnCall, stranger: OnCall, method: str
) -> None:
    for owner, other in ((oncall, stranger), (stranger, oncall)):
        created = owner.create("before")
        answer = other.send(method, at(created["id"]), json={"text": "after"})
        unknown = other.send(method, at(UNKNOWN), json={"text": "after"})
        assert (answer.status_code, answer.content) == (404, unknown.content)
        assert answer.json() == NOT_FOUND
        assert owner.read(created["id"])["text"] == "before"


@law("grafana-oncall/order.rights-before-lookup")
@CHANGES
def test_without_a_token_an_unknown_id_answers_403(nobody: OnCall, method: str) -> None:
    answer = nobody.send(method, at(UNKNOWN), json={"text": "x"})
    assert (answer.status_code, answer.json()) == (403, INVALID_TOKEN)


@law("grafana-oncall/order.rights-before-lookup")
@CHANGES
def test_to_a_viewer_an_unknown_id_answers_403(viewer: OnCall, method: str) -> None:
    answer = viewer.send(method, at(UNKNOWN), json={"text": "x"})
    assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)


@law("grafana-oncall/order.rights-before-lookup")
def test_rights_come_before_the_body_too(oncall: OnCall, nobody: OnCall, viewer: OnCall) -> None:
    path = at(oncall.create()["id"])
    for user, refusal in ((nobody, INVALID_TOKEN), (viewer, NO_PERMISSION)):
        for method, where in (("POST", LIST), ("PUT", path)):
            answer = user.send(method, where, content=b"{", headers={"Content-Type": "text/plain"})
            assert (answer.status_code, answer.json()) == (403, refusal)


@law("grafana-oncall/order.lookup-before-body")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("text/plain", b"x"),
        ("application/json", b"[]"),
        ("application/json", b"{}"),
    ],
)
def test_an_unknown_id_answers_404_whatever_the_body(
    oncall: OnCall, method: str, kind: str, body: bytes
) -> None:
    answer = oncall.send(method, at(UNKNOWN), content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@law("grafana-oncall/order.lookup-before-body")
def test_another_organizations_id_answers_404_whatever_the_body(
    oncall: OnCall, stranger: OnCall, deployment: Deployment
) -> None:
    path = at(stranger.create()["id"])
    answer = oncall.send("PUT", path, content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
