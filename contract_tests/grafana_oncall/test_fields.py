from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract_tests.grafana_oncall.client import LIST, NOT_BLANK, NOT_NULL, REQUIRED, OnCall, at
from contract_tests.laws import law


@law("grafana-oncall/field.required")
@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        ([], ["alert_group_id", "text"]),
        (["text"], ["alert_group_id"]),
        (["alert_group_id"], ["text"]),
    ],
)
def test_create_names_every_missing_field(oncall: OnCall, sent: list[str], missing: list[str]) -> None:
    before = oncall.counted()
    whole = {"alert_group_id": oncall.group, "text": "x"}
    answer = oncall.send("POST", LIST, json={name: whole[name] for name in sent})
    assert (answer.status_code, answer.json()) == (400, dict.fromkeys(missing, REQUIRED))
    assert oncall.counted() == before


@law("grafana-oncall/field.required")
def test_names_in_another_case_or_of_the_model_are_not_the_fields(oncall: OnCall) -> None:
    body = {"alert_group": oncall.group, "Alert_Group_Id": oncall.group, "Text": "x", "message_text": "x"}
    answer = oncall.send("POST", LIST, json=body)
    assert answer.json() == {"alert_group_id": REQUIRED, "text": REQUIRED}


@law("grafana-oncall/field.required")
@pytest.mark.parametrize("others", [{}, {"alert_group_id": "NOPE"}, {"Text": "x"}])
def test_put_without_a_text_names_the_text_alone(oncall: OnCall, others: dict[str, str]) -> None:
    created = oncall.create("before")
    answer = oncall.send("PUT", at(created["id"]), json=others)
    assert (answer.status_code, answer.json()) == (400, {"text": REQUIRED})
    assert oncall.read(created["id"])["text"] == "before"


@law("grafana-oncall/field.alert-group")
@pytest.mark.parametrize("nothing", [None, ""])
def test_an_alert_group_of_null_or_nothing_is_refused(oncall: OnCall, nothing: str | None) -> None:
    answer = oncall.send("POST", LIST, json={"alert_group_id": nothing, "text": "x"})
    assert (answer.status_code, answer.json()) == (400, {"alert_group_id": NOT_NULL})


NO_GROUPS: dict[str, Callable[[str], Any]] = {
    "made up": lambda group: "NOPE",
    "lower case": str.lower,
    "space after": lambda group: f"{group} ",
    "space before": lambda group: f" {group}",
    "white": lambda group: " ",
    "cut short": lambda group: group[:-1],
    "number": lambda group: 5,
    "fraction": lambda group: 1.5,
    "boolean": lambda group: True,
    "false": lambda group: False,
    "empty list": lambda group: [],
    "list": lambda group: [group],
    "object": lambda group: {"id": group},
}


@law("grafana-oncall/field.alert-group")
@pytest.mark.parametrize("kind", NO_GROUPS)
def test_an_alert_group_that_does_not_exist_is_refused(oncall: OnCall, kind: str) -> None:
    before = oncall.counted()
    answer = oncall.send("POST", LIST, json={"alert_group_id": NO_GROUPS[kind](oncall.group), "text": "x"})
    assert (answer.status_code, answer.json()) == (400, {"alert_group_id": ["Object does not exist"]})
    assert oncall.counted() == before


@law("grafana-oncall/field.alert-group")
def test_an_alert_group_of_another_organization_is_refused(oncall: OnCall, stranger: OnCall) -> None:
    before = stranger.counted()
    answer = oncall.post(group=stranger.group)
    assert (answer.status_code, answer.json()) == (400, {"alert_group_id": ["Object does not exist"]})
    assert stranger.counted() == before


@law("grafana-oncall/field.alert-group")
def test_both_fields_may_be_at_fault_at_once(oncall: OnCall) -> None:
    answer = oncall.send("POST", LIST, json={"alert_group_id": "NOPE", "text": " "})
    expected = {"alert_group_id": ["Object does not exist"], "text": NOT_BLANK}
    assert (answer.status_code, answer.json()) == (400, expected)


OTHERS: dict[str, Any] = {
    "id": "PCHOSEN1ID111",
    "created_at": "2020-06-19T12:37:01.430444Z",
    "postmortem_messages": [{"text": "x"}],
    "author": "U4DNY931HHJS5",
    "source": "slack",
    "nonsense": {"deep": [None]},
    "": 1,
}


@law("grafana-oncall/field.others-ignored")
def test_create_ignores_id_and_created_at_and_unknown_fields(oncall: OnCall) -> None:
    answer = oncall.send("POST", LIST, json={"alert_group_id": oncall.group, "text": "x", **OTHERS})
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "alert_group_id", "created_at", "text"}
    assert answer.json()["id"] != OTHERS["id"]
    age = datetime.now(UTC) - datetime.fromisoformat(answer.json()["created_at"])
    assert age < timedelta(days=1)
    assert oncall.send("GET", at(OTHERS["id"])).status_code == 404


@law("grafana-oncall/field.others-ignored")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_ignores_id_and_created_at_and_unknown_fields(oncall: OnCall, method: str) -> None:
    created = oncall.create("before")
    answer = oncall.send(method, at(created["id"]), json={"text": "after", **OTHERS})
    assert (answer.status_code, answer.json()) == (200, created | {"text": "after"})
    assert oncall.read(created["id"])["text"] == "after"
    assert oncall.send("GET", at(OTHERS["id"])).status_code == 404
