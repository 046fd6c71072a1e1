from __future__ import annotations

from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import FIELDS, OnCall, at, ids
from contract_tests.laws import law

BOTH = pytest.mark.parametrize("method", ["PUT", "PATCH"])


@law("grafana-oncall/update.shape")
def test_put_answers_200_with_four_fields_and_the_new_text(oncall: OnCall) -> None:
    created = oncall.create("before")
    answer = oncall.send("PUT", at(created["id"]), json={"text": "after"})
    assert answer.status_code == 200
    assert set(answer.json()) == FIELDS
    assert answer.json()["text"] == "after"


@law("grafana-oncall/update.shape")
def test_get_and_list_show_the_text_of_the_last_put(oncall: OnCall) -> None:
    created = oncall.create("first")
    assert oncall.read(created["id"])["text"] == "first"
    for text in ("second", "third"):
        oncall.send("PUT", at(created["id"]), json={"text": text})
        assert oncall.read(created["id"])["text"] == text
        listed = {it["id"]: it["text"] for it in oncall.listed(alert_group_id=oncall.group)}
        assert listed[created["id"]] == text


@law("grafana-oncall/update.shape")
def test_a_put_of_the_same_text_answers_200(oncall: OnCall) -> None:
    created = oncall.create("the same")
    answer = oncall.send("PUT", at(created["id"]), json={"text": "the same"})
    assert (answer.status_code, answer.json()) == (200, created)


@law("grafana-oncall/update.changes-only-the-text")
def test_put_changes_neither_id_nor_alert_group_nor_created_at(oncall: OnCall) -> None:
    created = oncall.create("before")
    updated = oncall.send("PUT", at(created["id"]), json={"text": "after"}).json()
    assert updated == created | {"text": "after"}
    shown = oncall.read(created["id"])
    assert {name: shown[name] for name in FIELDS} == updated


@law("grafana-oncall/update.changes-only-the-text")
@pytest.mark.parametrize("other", ["another", "NOPE", "", None, 5, []])
def test_put_ignores_an_alert_group(oncall: OnCall, deployment: Deployment, other: Any) -> None:
    created = oncall.create("before")
    named = deployment.alert_groups(at_least=2)[1] if other == "another" else other
    answer = oncall.send("PUT", at(created["id"]), json={"text": "after", "alert_group_id": named})
    assert (answer.status_code, answer.json()) == (200, created | {"text": "after"})
    assert oncall.read(created["id"])["alert_group_id"] == oncall.group
    assert created["id"] in ids(oncall.listed(alert_group_id=oncall.group))


@law("grafana-oncall/update.changes-only-the-text")
def test_put_changes_no_other_postmortem_and_not_the_order(oncall: OnCall, deployment: Deployment) -> None:
    created = [oncall.create(f"in {group}", group) for group in deployment.alert_groups() for _ in range(3)]
    before = oncall.mine()
    oncall.send("PUT", at(created[1]["id"]), json={"text": "after"})
    expected = [it | {"text": "after"} if it["id"] == created[1]["id"] else it for it in before]
    assert oncall.mine() == expected


@law("grafana-oncall/patch.text-is-optional")
def test_patch_of_a_text_works_like_put(oncall: OnCall) -> None:
    created = oncall.create("before")
    answer = oncall.send("PATCH", at(created["id"]), json={"text": "after"})
    assert (answer.status_code, answer.json()) == (200, created | {"text": "after"})
    assert oncall.read(created["id"])["text"] == "after"


@law("grafana-oncall/patch.text-is-optional")
@pytest.mark.parametrize(
    "body", [{}, {"alert_group_id": "NOPE"}, {"id": "P", "created_at": "2020-06-19T12:37:01Z"}]
)
def test_patch_without_a_text_answers_200_and_changes_nothing(oncall: OnCall, body: dict[str, str]) -> None:
    created = oncall.create("as it was")
    answer = oncall.send("PATCH", at(created["id"]), json=body)
    assert (answer.status_code, answer.json()) == (200, created)
    assert oncall.read(created["id"])["text"] == "as it was"


@law("grafana-oncall/patch.text-is-optional")
def test_patch_changes_no_other_postmortem_and_not_the_order(oncall: OnCall) -> None:
    created = [oncall.create(text) for text in ("one", "two", "three")]
    before = oncall.mine(alert_group_id=oncall.group)
    oncall.send("PATCH", at(created[0]["id"]), json={"text": "after"})
    expected = [it | {"text": "after"} if it["id"] == created[0]["id"] else it for it in before]
    assert oncall.mine(alert_group_id=oncall.group) == expected


@BOTH
@law("grafana-oncall/update.changes-only-the-text")
def test_a_refused_update_changes_nothing(oncall: OnCall, method: str) -> None:
    created = oncall.create("before")
    answer = oncall.send(method, at(created["id"]), json={"text": [], "alert_group_id": oncall.group})
    assert answer.status_code == 400
    assert oncall.read(created["id"])["text"] == "before"
