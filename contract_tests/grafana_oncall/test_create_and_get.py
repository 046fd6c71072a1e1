from __future__ import annotations

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import (
    FIELDS,
    MESSAGE_FIELDS,
    NOT_FOUND,
    UNKNOWN,
    OnCall,
    at,
)
from contract_tests.laws import law

EVERY_DETAIL_METHOD = pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])


@law("grafana-oncall/create.status")
def test_a_valid_post_answers_201(oncall: OnCall) -> None:
    assert oncall.post().status_code == 201


@law("grafana-oncall/create.shape")
def test_create_answers_four_fields_without_messages(oncall: OnCall) -> None:
    assert set(oncall.create()) == FIELDS


@law("grafana-oncall/create.shape")
def test_create_answers_the_alert_group_and_the_text_as_sent(oncall: OnCall, deployment: Deployment) -> None:
    for group in deployment.alert_groups():
        created = oncall.create(f"About {group}", group)
        assert (created["alert_group_id"], created["text"]) == (group, f"About {group}")


@law("grafana-oncall/create.several-per-group")
def test_one_alert_group_may_have_several_postmortems(oncall: OnCall) -> None:
    first, second = oncall.create("first"), oncall.create("second")
    assert first["id"] != second["id"]
    assert oncall.read(first["id"])["text"] == "first"
    assert oncall.read(second["id"])["text"] == "second"


@law("grafana-oncall/create.several-per-group")
def test_the_same_text_twice_makes_two_postmortems(oncall: OnCall) -> None:
    assert len({oncall.create("the same")["id"] for _ in range(3)}) == 3


@law("grafana-oncall/get.shape")
def test_get_answers_200_with_five_fields(oncall: OnCall) -> None:
    answer = oncall.send("GET", at(oncall.create()["id"]))
    assert answer.status_code == 200
    assert set(answer.json()) == FIELDS | {"postmortem_messages"}
    assert isinstance(answer.json()["postmortem_messages"], list)


@law("grafana-oncall/get.shape")
def test_get_shows_the_messages_of_the_postmortems_own_alert_group(
    oncall: OnCall, deployment: Deployment
) -> None:
    group = deployment.need("oncall_alert_group_with_messages")
    messages = oncall.read(oncall.create(group=group)["id"])["postmortem_messages"]
    assert messages
    for message in messages:
        assert set(message) == MESSAGE_FIELDS
        assert message["alert_group_id"] == group
        assert isinstance(message["author"], str | None)
        assert isinstance(message["source"], str | None)
        assert isinstance(message["text"], str)


@law("grafana-oncall/get.shape")
def test_get_shows_no_messages_of_other_alert_groups(oncall: OnCall, deployment: Deployment) -> None:
    for group in deployment.alert_groups(at_least=2):
        shown = oncall.read(oncall.create(group=group)["id"])
        assert {message["alert_group_id"] for message in shown["postmortem_messages"]} <= {group}


@law("grafana-oncall/get.after-create")
def test_a_created_postmortem_reads_back_as_it_was_answered(oncall: OnCall) -> None:
    created = oncall.create()
    shown = oncall.read(created["id"])
    assert {name: shown[name] for name in FIELDS} == created


@law("grafana-oncall/get.after-create")
def test_get_shows_the_same_again_and_again(oncall: OnCall) -> None:
    created = oncall.create()
    oncall.create("a later one")
    assert oncall.core(oncall.read(created["id"])) == oncall.core(oncall.read(created["id"]))


@EVERY_DETAIL_METHOD
@law("grafana-oncall/get.unknown-id")
def test_an_unknown_id_answers_404_as_json(oncall: OnCall, method: str) -> None:
    answer = oncall.send(method, at(UNKNOWN), json={"text": "x"})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "change", [str.lower, lambda it: it[:-1], lambda it: it + "A", lambda it: "M" + it[1:]]
)
@law("grafana-oncall/get.unknown-id")
def test_an_id_that_only_resembles_an_existing_one_is_unknown(oncall: OnCall, change: type[str]) -> None:
    answer = oncall.send("GET", at(change(oncall.create()["id"])))
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@law("grafana-oncall/get.unknown-id")
def test_the_id_of_an_alert_group_is_no_id_of_a_postmortem(oncall: OnCall) -> None:
    oncall.create()
    assert oncall.send("GET", at(oncall.group)).json() == NOT_FOUND


@law("grafana-oncall/get.unknown-id")
def test_a_put_of_an_unknown_id_creates_nothing(oncall: OnCall) -> None:
    oncall.send("PUT", at(UNKNOWN), json={"text": "x", "alert_group_id": oncall.group})
    assert oncall.send("GET", at(UNKNOWN)).status_code == 404


@EVERY_DETAIL_METHOD
@law("grafana-oncall/get.filter-mismatch")
def test_a_query_for_another_alert_group_answers_404(
    oncall: OnCall, deployment: Deployment, method: str
) -> None:
    own, other = deployment.alert_groups(at_least=2)[:2]
    created = oncall.create("before", own)
    for group in (other, "NOPE"):
        answer = oncall.send(
            method, at(created["id"]), params={"alert_group_id": group}, json={"text": "after"}
        )
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert oncall.read(created["id"])["text"] == "before"


@law("grafana-oncall/get.filter-mismatch")
def test_a_query_for_the_own_alert_group_or_none_makes_no_difference(oncall: OnCall) -> None:
    created = oncall.create()
    for group in (oncall.group, ""):
        answer = oncall.send("GET", at(created["id"]), params={"alert_group_id": group})
        assert answer.status_code == 200
        assert oncall.core(answer.json()) == oncall.core(oncall.read(created["id"]))
