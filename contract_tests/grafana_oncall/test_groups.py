from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import (
    GROUPS,
    INVALID_TOKEN,
    LIST,
    NO_PERMISSION,
    NOT_FOUND,
    NOTES,
    OnCall,
    ids,
    one,
)
from contract_tests.grafana_oncall.others import every_alert_group
from contract_tests.grafana_oncall.test_note_lists import KEYS
from contract_tests.laws import law
from contract_tests.shared import moment, while_nobody_else_writes

FIELDS = [
    *("id", "integration_id", "team_id", "route_id", "alerts_count", "state", "created_at", "resolved_at"),
    *("resolved_by", "acknowledged_at", "acknowledged_by", "labels", "title", "permalinks", "silenced_at"),
    "last_alert",
]
LINKS = ["slack", "slack_app", "telegram", "web"]
OF_AN_ALERT = ["id", "alert_group_id", "created_at", "payload"]


@while_nobody_else_writes(every_alert_group)
@law("grafana-oncall/group.shape")
def test_an_alert_group_has_these_fields_in_this_order(oncall: OnCall, strict: bool) -> None:
    def ordered(members: Iterable[str], known: Sequence[str]) -> Collection[str]:
        return list(members) if strict else set(members) & set(known)  # nobody says that there are no others

    for shown in oncall.got(GROUPS)["results"][: None if strict else 20]:
        assert ordered(shown, FIELDS) == ordered(FIELDS, FIELDS)
        assert ordered(shown["permalinks"], LINKS) == ordered(LINKS, LINKS)
        assert shown["permalinks"]["web"].endswith(f"/a/grafana-oncall-app/alert-groups/{shown['id']}")
        if shown["last_alert"] is not None:
            assert ordered(shown["last_alert"], OF_AN_ALERT) == ordered(OF_AN_ALERT, OF_AN_ALERT)
            assert shown["last_alert"]["alert_group_id"] == shown["id"]
        assert (shown["last_alert"] is None) == (shown["alerts_count"] == 0)
        assert shown["state"] in ("firing", "acknowledged", "resolved", "silenced")
        assert shown == oncall.got(GROUPS, shown["id"])


@law("grafana-oncall/group.label-form")
def test_a_label_has_a_key_and_a_value_each_with_id_and_name(oncall: OnCall) -> None:
    labels = [label for shown in oncall.everything(GROUPS) for label in shown["labels"]]
    for label in labels:
        assert {part: set(label[part]) for part in label} == {"key": {"id", "name"}, "value": {"id", "name"}}


@while_nobody_else_writes(every_alert_group)
@law("grafana-oncall/group.list")
def test_the_list_is_paged_and_shows_the_newest_start_first(oncall: OnCall) -> None:
    shown = oncall.got(GROUPS, perpage=2)
    assert list(shown) == KEYS
    assert (shown["page_size"], shown["current_page_number"]) == (2, 1)
    assert len(shown["results"]) == min(2, shown["count"])
    starts = [moment(it) for it in oncall.everything(GROUPS)]
    assert starts == sorted(starts, reverse=True)
    assert len(starts) == shown["count"]
    assert oncall.got(GROUPS)["page_size"] == 50


@law("grafana-oncall/group.unknown")
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_group_and_another_organizations_are_not_found(
    oncall: OnCall, deployment: Deployment, method: str
) -> None:
    foreign = deployment.need("oncall_other_organization_alert_group")
    for group in ("INEVER1EX1STS", foreign):
        answer = oncall.send(method, one(GROUPS, group))
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        assert oncall.act("resolve", group).status_code == 404
    assert foreign not in ids(oncall.everything(GROUPS))


@law("grafana-oncall/group.rights")
def test_viewers_read_alert_groups_and_others_do_not(
    oncall: OnCall, viewer: OnCall, without_role: OnCall, nobody: OnCall, firing: str
) -> None:
    assert viewer.got(GROUPS, firing) == oncall.got(GROUPS, firing)
    for user, words in ((viewer, NO_PERMISSION), (without_role, NO_PERMISSION), (nobody, INVALID_TOKEN)):
        for answer in (user.act("resolve", firing), user.send("DELETE", one(GROUPS, firing))):
            assert (answer.status_code, answer.json()) == (403, words)
    for user, words in ((without_role, NO_PERMISSION), (nobody, INVALID_TOKEN)):
        answer = user.send("GET", GROUPS)
        assert (answer.status_code, answer.json()) == (403, words)
    assert oncall.got(GROUPS, firing)["state"] == "firing"


@law("grafana-oncall/group.allow")
def test_answers_name_the_methods_of_their_path(oncall: OnCall, firing: str) -> None:
    assert oncall.send("GET", GROUPS).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert oncall.send("GET", one(GROUPS, firing)).headers["Allow"] == "GET, DELETE, HEAD, OPTIONS"
    assert oncall.act("unresolve", firing).headers["Allow"] == "POST, OPTIONS"
    assert oncall.send("PUT", one(GROUPS, firing, "resolve")).headers["Allow"] == "POST, OPTIONS"


@law("grafana-oncall/group.delete.mode")
@pytest.mark.parametrize("mode", ["foo", None, 5, "Wipe"])
def test_another_mode_is_refused_with_a_bare_string(oncall: OnCall, firing: str, mode: object) -> None:
    answer = oncall.send("DELETE", one(GROUPS, firing), json={"mode": mode})
    assert (answer.status_code, answer.json()) == (400, "Invalid mode")
    assert oncall.got(GROUPS, firing)["state"] == "firing"


@law("grafana-oncall/group.delete.no-object")
def test_a_body_that_is_no_object_names_no_mode(oncall: OnCall, firing: str) -> None:
    answer = oncall.send("DELETE", one(GROUPS, firing), json=["wipe"])
    assert (answer.status_code, answer.json()) == (400, "A dict with a `mode` key is expected")


@law("grafana-oncall/group.delete.wipe")
def test_a_wiped_group_is_resolved_and_has_forgotten_what_it_was_about(
    oncall: OnCall, deployment: Deployment
) -> None:
    group = deployment.need("oncall_disposable_alert_groups").split(",")[0]
    note = oncall.note("before", group)
    answer = oncall.send("DELETE", one(GROUPS, group))
    assert (answer.status_code, answer.content) == (204, b"")
    shown = oncall.got(GROUPS, group)
    assert (shown["state"], shown["title"], shown["resolved_by"]) == ("resolved", None, None)
    assert shown["last_alert"]["payload"] == {}
    assert oncall.got(NOTES, note["id"]) == note
    assert oncall.note("after", group)["text"] == "after"


@law("grafana-oncall/group.delete.delete")
def test_a_deleted_group_takes_its_notes_along(oncall: OnCall, deployment: Deployment) -> None:
    group = deployment.need("oncall_disposable_alert_groups").split(",")[-1]
    if oncall.send("GET", one(GROUPS, group)).status_code == 404:
        pytest.skip("not judged: an earlier run has deleted the disposable alert group")
    note, postmortem = oncall.note("n", group), oncall.create("p", group)
    answer = oncall.send("DELETE", one(GROUPS, group), json={"mode": "delete"})
    assert (answer.status_code, answer.content) == (204, b"")
    for path in (one(GROUPS, group), one(NOTES, note["id"]), one(LIST, postmortem["id"])):
        gone = oncall.send("GET", path)
        assert (gone.status_code, gone.json()) == (404, NOT_FOUND)
    assert oncall.got(NOTES, alert_group_id=group)["count"] == 0
    refused = oncall.send("POST", NOTES, json={"alert_group_id": group, "text": "x"})
    assert refused.json() == {"alert_group_id": ["Object does not exist"]}
