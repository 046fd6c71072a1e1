from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contract_tests.grafana_oncall.client import GROUPS, Json, OnCall, ids
from contract_tests.grafana_oncall.others import every_alert_group
from contract_tests.laws import law
from contract_tests.shared import while_nobody_else_writes


def assert_finds(oncall: OnCall, query: dict[str, Any], passes: Callable[[Json], bool]) -> None:
    """The filtered list is the unfiltered one, less what does not pass."""
    everything = oncall.everything(GROUPS)
    assert ids(oncall.everything(GROUPS, **query)) == ids([it for it in everything if passes(it)])


def values(oncall: OnCall, field: str) -> list[Any]:
    return sorted({it[field] for it in oncall.everything(GROUPS) if it[field] is not None})


@while_nobody_else_writes(every_alert_group)
@law("grafana-oncall/group.filter.ids")
@pytest.mark.parametrize("field", ["integration_id", "route_id", "id"])
def test_an_id_finds_what_has_it(oncall: OnCall, field: str) -> None:
    for value in values(oncall, field)[:3]:
        assert_finds(oncall, {field: value}, lambda it, value=value: it[field] == value)  # type: ignore[misc]
    assert oncall.got(GROUPS, **{field: "NOPE"})["count"] == 0
    assert oncall.got(GROUPS, **{field: ""})["count"] == oncall.got(GROUPS)["count"]


@while_nobody_else_writes(every_alert_group)
@law("grafana-oncall/group.filter.team")
def test_a_team_finds_its_groups_and_null_those_without_one(oncall: OnCall) -> None:
    for team in values(oncall, "team_id"):
        assert_finds(oncall, {"team_id": team}, lambda it, team=team: it["team_id"] == team)  # type: ignore[misc]
    assert_finds(oncall, {"team_id": "null"}, lambda it: it["team_id"] is None)
    assert_finds(oncall, {"team_id": ""}, lambda it: True)
    assert oncall.send("GET", GROUPS, params={"team_id": "NOPE"}).status_code == 400


@law("grafana-oncall/group.filter.team-words")
def test_an_unknown_team_is_no_choice(oncall: OnCall) -> None:
    words = "Select a valid choice. That choice is not one of the available choices."
    assert oncall.send("GET", GROUPS, params={"team_id": "NOPE"}).json() == {"team_id": [words]}


@while_nobody_else_writes(every_alert_group)
@law("grafana-oncall/group.filter.state")
@pytest.mark.parametrize("state", ["new", "acknowledged", "resolved", "silenced", "NEW", "Resolved"])
def test_a_state_finds_what_is_in_it(oncall: OnCall, state: str) -> None:
    shown = "firing" if state.lower() == "new" else state.lower()
    assert_finds(oncall, {"state": state}, lambda it: it["state"] == shown)


@law("grafana-oncall/group.filter.state")
@pytest.mark.parametrize("state", ["firing", "nope", "0", " new"])
def test_another_state_is_refused(oncall: OnCall, state: str) -> None:
    answer = oncall.send("GET", GROUPS, params={"state": state})
    words = "Must be one of the following: new, acknowledged, resolved, silenced"
    assert (answer.status_code, answer.json()) == (400, {"state": words})


@while_nobody_else_writes(every_alert_group)
@law("grafana-oncall/group.filter.started-at")
def test_a_range_finds_what_started_within_it(oncall: OnCall) -> None:
    starts = [it["created_at"][:19] for it in oncall.everything(GROUPS)]
    first, last = starts[len(starts) // 2], starts[len(starts) // 4]
    found = oncall.everything(GROUPS, started_at=f"{first}_{last}")
    assert found
    assert all(first <= it["created_at"][:19] <= last for it in found)
    assert len(found) >= sum(first < start < last for start in starts)


@law("grafana-oncall/group.filter.started-at")
@pytest.mark.parametrize(
    "odd",
    [
        "2020",
        "x_y",
        "2020-01-01_2020-02-01",
        "2020-01-01T00:00:00",
        "2020-13-01T00:00:00_2021-01-01T00:00:00",
    ],
)
def test_what_is_no_range_is_refused(oncall: OnCall, odd: str) -> None:
    answer = oncall.send("GET", GROUPS, params={"started_at": odd})
    assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid range value"})


@law("grafana-oncall/group.filter.backwards")
def test_a_range_that_runs_backwards_is_none(oncall: OnCall) -> None:
    answer = oncall.send("GET", GROUPS, params={"started_at": "2021-01-01T00:00:00_2020-01-01T00:00:00"})
    assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid range value"})


@while_nobody_else_writes(every_alert_group)
@law("grafana-oncall/group.filter.label")
def test_labels_find_what_has_all_of_them(oncall: OnCall) -> None:
    def labels_of(it: Json) -> list[str]:
        return [f"{label['key']['name']}:{label['value']['name']}" for label in it["labels"]]

    some = sorted({label for it in oncall.everything(GROUPS) for label in labels_of(it)})[:3]
    for wanted in ([label] for label in some):
        assert_finds(oncall, {"label": wanted}, lambda it, wanted=wanted: set(wanted) <= set(labels_of(it)))  # type: ignore[misc]
    assert_finds(oncall, {"label": some[:2]}, lambda it: set(some[:2]) <= set(labels_of(it)))
    assert oncall.got(GROUPS, label="no:such")["count"] == 0


@while_nobody_else_writes(every_alert_group)
@law("grafana-oncall/group.filter.label-without-colon")
@pytest.mark.parametrize("odd", ["ab", "a:b:c", ""])
def test_what_is_no_label_filters_nothing(oncall: OnCall, odd: str) -> None:
    assert_finds(oncall, {"label": odd}, lambda it: True)


@while_nobody_else_writes(every_alert_group)
@law("grafana-oncall/group.filter.together")
def test_several_filters_all_count(oncall: OnCall) -> None:
    integration = values(oncall, "integration_id")[0]
    assert_finds(
        oncall,
        {"integration_id": integration, "state": "resolved", "name": "x"},
        lambda it: it["integration_id"] == integration and it["state"] == "resolved",
    )
