from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import NOT_FOUND, NOTES, OnCall, ids, one
from contract_tests.grafana_oncall.others import others_notes
from contract_tests.laws import law
from contract_tests.shared import while_nobody_else_writes

KEYS = ["count", "next", "previous", "results", "page_size", "current_page_number", "total_pages"]


@law("grafana-oncall/note.list.shape")
def test_the_list_has_seven_fields_in_this_order(oncall: OnCall) -> None:
    oncall.note()
    assert list(oncall.got(NOTES)) == KEYS
    assert oncall.got(NOTES, alert_group_id="NOPE") == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
        "page_size": 50,
        "current_page_number": 1,
        "total_pages": 1,
    }


@law("grafana-oncall/note.list.order")
def test_notes_of_the_alert_group_that_started_last_come_first(
    oncall: OnCall, deployment: Deployment
) -> None:
    groups = deployment.alert_groups(at_least=2)
    created = [oncall.note(f"in {group}", group) for group in [*reversed(groups), *groups]]
    expected = [it["id"] for group in groups for it in created if it["alert_group_id"] == group]
    assert [it for it in ids(oncall.everything(NOTES)) if it in expected] == expected


@while_nobody_else_writes(others_notes)
@law("grafana-oncall/note.list.filter")
def test_a_filter_finds_the_notes_of_one_group(oncall: OnCall, deployment: Deployment) -> None:
    groups = deployment.alert_groups(at_least=2)
    here, there = (oncall.note("x", group) for group in groups[:2])
    found = oncall.everything(NOTES, alert_group_id=groups[0])
    assert here in found
    assert {it["alert_group_id"] for it in found} == {groups[0]}
    for nothing in ("NOPE", f"{groups[0]} ", groups[0].lower(), ",".join(groups)):
        assert oncall.got(NOTES, alert_group_id=nothing)["count"] == 0
    assert oncall.got(NOTES, alert_group_id="")["count"] == oncall.got(NOTES)["count"]
    last = oncall.everything(NOTES, alert_group_id=[groups[0], groups[1]])
    assert there["id"] in ids(last)
    assert {it["alert_group_id"] for it in last} == {groups[1]}


@law("grafana-oncall/note.list.filter")
def test_the_filter_applies_to_a_single_note_too(oncall: OnCall, deployment: Deployment) -> None:
    groups = deployment.alert_groups(at_least=2)
    created = oncall.note("x", groups[0])
    assert oncall.got(NOTES, created["id"], alert_group_id=groups[0]) == created
    answer = oncall.send("GET", one(NOTES, created["id"]), params={"alert_group_id": groups[1]})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@law("grafana-oncall/note.list.row-number")
def test_an_unknown_row_number_is_no_choice(oncall: OnCall) -> None:
    answer = oncall.send("GET", NOTES, params={"alert_group": "99999999"})
    words = "Select a valid choice. That choice is not one of the available choices."
    assert (answer.status_code, answer.json()) == (400, {"alert_group": [words]})


@while_nobody_else_writes(others_notes)
@law("grafana-oncall/note.page.numbers")
def test_pages_are_counted_and_a_page_beyond_the_end_is_the_last(oncall: OnCall) -> None:
    for number in range(7):
        oncall.note(f"number {number}")
    query: dict[str, Any] = {"alert_group_id": oncall.group, "perpage": 3}
    count = oncall.got(NOTES, **query)["count"]
    last = -(-count // 3)
    for page, number in ((1, 1), (2, 2), (last, last), (999, last), (0, 1), (-1, 1), ("abc", 1), ("0_2", 2)):
        shown = oncall.got(NOTES, page=page, **query)
        assert (shown["page_size"], shown["current_page_number"], shown["total_pages"]) == (3, number, last)
        assert shown["count"] == count


@law("grafana-oncall/note.page.numbers")
@pytest.mark.parametrize(
    ("perpage", "said"),
    [("1", 1), ("100", 100), ("101", 100), ("1000", 100), ("0", 50), ("-1", 50), ("x", 50)],
)
def test_the_page_size_is_said_up_to_100(oncall: OnCall, perpage: str, said: int) -> None:
    oncall.note()
    assert oncall.got(NOTES, alert_group_id=oncall.group, perpage=perpage)["page_size"] == said


@law("grafana-oncall/note.page.links")
def test_links_keep_the_query_sorted_and_leave_page_1_unsaid(oncall: OnCall) -> None:
    for number in range(7):
        oncall.note(f"number {number}")
    shown = oncall.got(NOTES, zzz="1", perpage=3, page=2, alert_group_id=oncall.group, aaa="2")
    rest = f"aaa=2&alert_group_id={oncall.group}"
    assert urlsplit(shown["previous"]).query == f"{rest}&perpage=3&zzz=1"
    assert urlsplit(shown["next"]).query == f"{rest}&page=3&perpage=3&zzz=1"
    assert urlsplit(shown["next"]).path.endswith(NOTES)
