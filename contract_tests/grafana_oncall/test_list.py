from __future__ import annotations

from collections.abc import Callable

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import FIELDS, LIST, OnCall, ids
from contract_tests.laws import law


@law("grafana-oncall/list.shape")
def test_list_answers_200_with_four_fields(oncall: OnCall) -> None:
    oncall.create()
    answer = oncall.send("GET", LIST)
    assert answer.status_code == 200
    assert set(answer.json()) == {"count", "next", "previous", "results"}


@law("grafana-oncall/list.shape")
def test_an_empty_list_has_the_same_four_fields(oncall: OnCall) -> None:
    shown = oncall.page(alert_group_id="NOPE")
    assert shown == {"count": 0, "next": None, "previous": None, "results": []}


@law("grafana-oncall/list.shape")
def test_a_result_is_what_get_answers(oncall: OnCall, deployment: Deployment) -> None:
    group = deployment.need("oncall_alert_group_with_messages")
    oncall.create("one", group), oncall.create("two", group)
    assert all(set(it) == FIELDS | {"postmortem_messages"} for it in oncall.listed(alert_group_id=group))
    results = oncall.mine(alert_group_id=group)
    assert len(results) >= 2
    for result in results:
        assert result == oncall.core(oncall.read(result["id"]))


@law("grafana-oncall/list.order")
def test_the_alert_group_that_started_last_comes_first(oncall: OnCall, deployment: Deployment) -> None:
    groups = deployment.alert_groups(at_least=2)
    middle_out = [*groups[1:], groups[0], *groups]
    created = [oncall.create(f"number {number}", group) for number, group in enumerate(middle_out)]
    mine = set(ids(created))
    expected = [it["id"] for group in groups for it in created if it["alert_group_id"] == group]
    assert [found for found in ids(oncall.listed()) if found in mine] == expected


@law("grafana-oncall/list.order")
def test_postmortems_of_one_alert_group_come_in_the_order_of_their_creation(oncall: OnCall) -> None:
    created = [oncall.create(text)["id"] for text in ("c", "a", "b", "z", "A", "0")]
    listed = ids(oncall.listed(alert_group_id=oncall.group))
    assert [found for found in listed if found in created] == created


@law("grafana-oncall/list.filter.by-alert-group")
def test_a_filter_finds_all_postmortems_of_the_group_and_no_others(
    oncall: OnCall, deployment: Deployment
) -> None:
    groups = deployment.alert_groups(at_least=2)
    for group in [*groups, *groups]:
        oncall.create(f"About {group}", group)
    everything = oncall.mine()
    for group in groups:
        assert {it["alert_group_id"] for it in oncall.listed(alert_group_id=group)} == {group}
        found = oncall.mine(alert_group_id=group)
        assert found == [it for it in everything if it["alert_group_id"] == group] != []


@law("grafana-oncall/list.filter.by-alert-group")
def test_count_counts_only_what_the_filter_finds(oncall: OnCall, deployment: Deployment) -> None:
    mine, other = deployment.alert_groups(at_least=2)[:2]
    before = oncall.counted(alert_group_id=mine)
    oncall.create(group=mine), oncall.create(group=other)
    assert oncall.counted(alert_group_id=mine) == before + 1
    shown = oncall.page(alert_group_id=mine, perpage=100_000)
    assert shown["count"] == len(shown["results"])


UNKNOWN_GROUPS: dict[str, Callable[[str], str]] = {
    "made up": lambda group: "NOPE",
    "lower case": str.lower,
    "space after": lambda group: f"{group} ",
    "space before": lambda group: f" {group}",
    "cut short": lambda group: group[:-1],
    "first character": lambda group: group[:1],
    "two at once": lambda group: f"{group},{group}",
    "quoted": lambda group: f'"{group}"',
    "pattern": lambda group: "%",
}


@pytest.mark.parametrize("kind", UNKNOWN_GROUPS)
@law("grafana-oncall/list.filter.unknown-group-is-empty")
def test_a_filter_that_names_no_group_finds_nothing(oncall: OnCall, kind: str) -> None:
    oncall.create()
    answer = oncall.send("GET", LIST, params={"alert_group_id": UNKNOWN_GROUPS[kind](oncall.group)})
    assert answer.status_code == 200
    assert (answer.json()["count"], answer.json()["results"]) == (0, [])


@law("grafana-oncall/list.filter.empty-or-repeated")
def test_an_empty_filter_filters_nothing(oncall: OnCall, deployment: Deployment) -> None:
    created = [oncall.create(group=group)["id"] for group in deployment.alert_groups(at_least=2)]
    found = oncall.listed(alert_group_id="")
    assert set(created) <= set(ids(found))
    assert oncall.mine(alert_group_id="") == oncall.mine()


@law("grafana-oncall/list.filter.empty-or-repeated")
def test_of_several_filters_the_last_one_counts(oncall: OnCall, deployment: Deployment) -> None:
    first, last = deployment.alert_groups(at_least=2)[:2]
    oncall.create(group=first), oncall.create(group=last)
    found = oncall.listed(alert_group_id=[first, last])
    assert found
    assert {it["alert_group_id"] for it in found} == {last}
    assert oncall.page(alert_group_id=[first, "NOPE"])["count"] == 0
