from __future__ import annotations

from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import GROUPS, USERS, OnCall, one
from contract_tests.laws import law

VERBS = ["acknowledge", "unacknowledge", "resolve", "unresolve", "silence", "unsilence"]
WAYS = {
    "firing": [],
    "acknowledged": ["acknowledge"],
    "resolved": ["resolve"],
    "resolved while acknowledged": ["acknowledge", "resolve"],
    "silenced": ["silence"],
    "resolved while silenced": ["silence", "resolve"],
}
# What is said to each action, in each state; nothing where it is done.
REFUSALS = {
    ("firing", "unacknowledge"): "an unacknowledged",
    ("firing", "unresolve"): "an unresolved",
    ("firing", "unsilence"): "an unsilenced",
    ("acknowledged", "acknowledge"): "an acknowledged",
    ("acknowledged", "unresolve"): "an unresolved",
    ("acknowledged", "silence"): "an acknowledged",
    ("acknowledged", "unsilence"): "an unsilenced",
    ("resolved", "acknowledge"): "a resolved",
    ("resolved", "unacknowledge"): "an unacknowledged",
    ("resolved", "resolve"): "a resolved",
    ("resolved", "silence"): "a resolved",
    ("resolved", "unsilence"): "an unsilenced",
    ("resolved while acknowledged", "acknowledge"): "an acknowledged",
    ("resolved while acknowledged", "unacknowledge"): "a resolved",
    ("resolved while acknowledged", "resolve"): "a resolved",
    ("resolved while acknowledged", "silence"): "a resolved",
    ("resolved while acknowledged", "unsilence"): "an unsilenced",
    ("silenced", "unacknowledge"): "an unacknowledged",
    ("silenced", "unresolve"): "an unresolved",
    ("resolved while silenced", "acknowledge"): "a resolved",
    ("resolved while silenced", "unacknowledge"): "an unacknowledged",
    ("resolved while silenced", "resolve"): "a resolved",
    ("resolved while silenced", "silence"): "a resolved",
    ("resolved while silenced", "unsilence"): "an unsilenced",
}


def take(oncall: OnCall, verb: str, group: str) -> Any:
    return oncall.act(verb, group, **({"delay": 3600} if verb == "silence" else {}))


@law("grafana-oncall/group.action.conflicts")
@pytest.mark.parametrize("state", WAYS)
@pytest.mark.parametrize("verb", VERBS)
def test_an_action_is_done_or_refused_by_what_the_group_is(
    oncall: OnCall, firing: str, state: str, verb: str
) -> None:
    for step in WAYS[state]:
        assert take(oncall, step, firing).status_code == 200
    answer = take(oncall, verb, firing)
    obstacle = REFUSALS.get((state, verb))
    if obstacle is None:
        assert (answer.status_code, answer.content) == (200, b"")
    else:
        assert answer.status_code == 400
        assert answer.json() == {"detail": f"Can't {verb} {obstacle} alert group"}


@law("grafana-oncall/group.action.conflicts")
@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("acknowledge", "an attached"),
        ("unacknowledge", "an unacknowledged"),
        ("resolve", "an attached"),
        ("unresolve", "an unresolved"),
        ("silence", "an attached"),
        ("unsilence", "an unsilenced"),
    ],
)
def test_an_attached_group_is_not_acted_on(
    oncall: OnCall, deployment: Deployment, verb: str, words: str
) -> None:
    answer = take(oncall, verb, deployment.need("oncall_attached_alert_group"))
    assert (answer.status_code, answer.json()) == (400, {"detail": f"Can't {verb} {words} alert group"})


@law("grafana-oncall/group.action.conflicts")
def test_a_maintenance_is_not_acknowledged(oncall: OnCall, deployment: Deployment) -> None:
    answer = oncall.act("acknowledge", deployment.need("oncall_maintenance_alert_group"))
    words = "Can't acknowledge a maintenance alert group"
    assert (answer.status_code, answer.json()) == (400, {"detail": words})


@law("grafana-oncall/group.action.effects")
def test_an_action_is_an_empty_200_without_a_content_type(oncall: OnCall, firing: str) -> None:
    answer = oncall.act("acknowledge", firing)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "Content-Type" not in answer.headers
    assert answer.headers["Content-Length"] == "0"


@law("grafana-oncall/group.action.effects")
def test_acknowledging_and_resolving_set_who_and_when(oncall: OnCall, editor: OnCall, firing: str) -> None:
    me, them = (user.got(USERS, "current")["id"] for user in (oncall, editor))
    oncall.act("acknowledge", firing)
    shown = oncall.got(GROUPS, firing)
    assert (shown["state"], shown["acknowledged_by"], shown["resolved_by"]) == ("acknowledged", me, None)
    editor.act("resolve", firing)
    shown = oncall.got(GROUPS, firing)
    assert (shown["state"], shown["acknowledged_by"], shown["resolved_by"]) == ("resolved", me, them)
    assert shown["acknowledged_at"] <= shown["resolved_at"]


@law("grafana-oncall/group.action.effects")
@pytest.mark.parametrize("there", ["acknowledge", "resolve", "silence"])
def test_what_is_taken_back_leaves_no_trace(oncall: OnCall, firing: str, there: str) -> None:
    before = oncall.got(GROUPS, firing)
    take(oncall, there, firing)
    assert oncall.got(GROUPS, firing) != before
    assert oncall.act(f"un{there}", firing).status_code == 200
    assert oncall.got(GROUPS, firing) == before


@law("grafana-oncall/group.action.effects")
@pytest.mark.parametrize("verb", ["acknowledge", "resolve"])
def test_acknowledging_or_resolving_ends_a_silence(oncall: OnCall, firing: str, verb: str) -> None:
    take(oncall, "silence", firing)
    assert oncall.got(GROUPS, firing)["state"] == "silenced"
    oncall.act(verb, firing)
    assert oncall.got(GROUPS, firing)["silenced_at"] is None


@law("grafana-oncall/group.action.unresolve-is-firing")
def test_unresolving_what_was_acknowledged_is_firing_again(oncall: OnCall, firing: str) -> None:
    before = oncall.got(GROUPS, firing)
    for verb in ("acknowledge", "resolve", "unresolve"):
        oncall.act(verb, firing)
    assert oncall.got(GROUPS, firing) == before


@law("grafana-oncall/group.action.body-is-not-read")
def test_an_action_without_parameters_does_not_read_its_body(oncall: OnCall, firing: str) -> None:
    path = one(GROUPS, firing, "acknowledge")
    assert oncall.send("POST", path, content=b"{", headers={"Content-Type": "text/plain"}).status_code == 200


@law("grafana-oncall/group.action.attached-follow")
def test_what_is_attached_follows_its_root(oncall: OnCall, deployment: Deployment, root: str) -> None:
    attached = deployment.need("oncall_attached_alert_group")
    for verb, state in (
        ("acknowledge", "acknowledged"),
        ("unacknowledge", "firing"),
        ("resolve", "resolved"),
        ("unresolve", "firing"),
    ):
        assert oncall.act(verb, root).status_code == 200
        assert [oncall.got(GROUPS, it)["state"] for it in (root, attached)] == [state, state]


@law("grafana-oncall/group.silence.delay")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "delay is required"),
        ({"delay": None}, "delay is required"),
        *(({"delay": odd}, "invalid delay value") for odd in ("abc", "", -2, "1.5")),
    ],
)
def test_a_silence_wants_a_whole_number_before_it_looks_at_the_group(
    oncall: OnCall, firing: str, body: dict[str, Any], words: str
) -> None:
    oncall.act("resolve", firing)
    answer = oncall.send("POST", one(GROUPS, firing, "silence"), json=body)
    assert (answer.status_code, answer.json()) == (400, {"detail": words})


@law("grafana-oncall/group.silence.delay")
@pytest.mark.parametrize("delay", [-1, 3600, "3600", 2147483648])
def test_a_silence_takes_seconds_or_for_ever(oncall: OnCall, firing: str, delay: int | str) -> None:
    assert oncall.act("silence", firing, delay=delay).status_code == 200
    assert oncall.got(GROUPS, firing)["state"] == "silenced"


@law("grafana-oncall/group.silence.odd-delay")
@pytest.mark.parametrize("odd", [[1], {}, 10**15, 1.5])
def test_what_is_no_delay_is_an_invalid_one(oncall: OnCall, firing: str, odd: Any) -> None:
    answer = oncall.send("POST", one(GROUPS, firing, "silence"), json={"delay": odd})
    assert (answer.status_code, answer.json()) == (400, {"detail": "invalid delay value"})


@law("grafana-oncall/group.silence.ends")
def test_a_silence_of_no_time_is_over_at_once(oncall: OnCall, firing: str) -> None:
    before = oncall.got(GROUPS, firing)
    assert oncall.act("silence", firing, delay=0).status_code == 200
    assert oncall.got(GROUPS, firing) == before
