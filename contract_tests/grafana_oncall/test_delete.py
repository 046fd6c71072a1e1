from __future__ import annotations

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import NOT_FOUND, OnCall, at, ids
from contract_tests.laws import law


@law("grafana-oncall/delete.status")
def test_delete_answers_204_without_body_and_content_type(oncall: OnCall) -> None:
    answer = oncall.send("DELETE", at(oncall.create()["id"]))
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers


@law("grafana-oncall/delete.status")
@pytest.mark.parametrize("kind", ["application/json", "text/plain", None])
@pytest.mark.parametrize("body", [b"{", b"[]", b'{"text": null}', b"\xff"])
def test_delete_does_not_mind_a_body(oncall: OnCall, kind: str | None, body: bytes) -> None:
    created = oncall.create()
    headers = {"Content-Type": kind} if kind else {}
    answer = oncall.send("DELETE", at(created["id"]), content=body, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert oncall.send("GET", at(created["id"])).status_code == 404


@law("grafana-oncall/delete.removes")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_what_was_deleted_answers_404(oncall: OnCall, method: str) -> None:
    created = oncall.create()
    oncall.send("DELETE", at(created["id"]))
    answer = oncall.send(method, at(created["id"]), json={"text": "x"})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@law("grafana-oncall/delete.removes")
def test_what_was_deleted_is_listed_no_more(oncall: OnCall) -> None:
    created = oncall.create()
    count = oncall.counted(alert_group_id=oncall.group)
    oncall.send("DELETE", at(created["id"]))
    assert created["id"] not in ids(oncall.listed())
    assert created["id"] not in ids(oncall.listed(alert_group_id=oncall.group))
    assert oncall.counted(alert_group_id=oncall.group) == count - 1


@law("grafana-oncall/delete.removes")
def test_all_others_stay_in_their_order(oncall: OnCall, deployment: Deployment) -> None:
    created = [oncall.create(f"in {group}", group) for group in deployment.alert_groups() for _ in range(3)]
    before = oncall.mine()
    oncall.send("DELETE", at(created[1]["id"]))
    assert oncall.mine() == [it for it in before if it["id"] != created[1]["id"]]
    assert oncall.read(created[0]["id"])["text"] == created[0]["text"]


@law("grafana-oncall/delete.removes")
def test_an_id_is_not_given_out_again(oncall: OnCall) -> None:
    gone = oncall.create()["id"]
    oncall.send("DELETE", at(gone))
    assert gone not in {oncall.create()["id"] for _ in range(5)}
