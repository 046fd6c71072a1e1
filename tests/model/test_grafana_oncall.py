"""The model of Grafana OnCall is right when all is right, and says what is wrong when one thing is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model.grafana_oncall import OnCallShadow
from tests.model.oncall_traffic import (
    ADMIN,
    INVALID,
    NEW,
    OLD,
    P1,
    P2,
    RIGHT,
    TWO,
    TWO_AGAIN,
    Json,
    P,
    changed,
    full,
    page,
    postmortem,
    told,
    with_header,
    with_status,
)
from tests.model.oncall_wrongs import GONE, WRONG


def a_shadow(*, shared: bool = False) -> OnCallShadow:
    return OnCallShadow(Deployment(), strict=not shared, shared=shared, limited=False)


def first_complaint(exchanges: dict[str, Exchange], shadow: OnCallShadow | None = None) -> tuple[str, str]:
    """What it was about, and what was said."""
    judge = (shadow or a_shadow()).judge
    for name, exchange in exchanges.items():
        if complaints := judge(exchange):
            return name, "\n".join(complaints)
    return "", ""


def test_a_server_that_does_all_as_it_should_is_not_complained_of() -> None:
    assert first_complaint(RIGHT) == ("", "")


@pytest.mark.parametrize("wrong", WRONG)
def test_one_wrong_answer_is_complained_of_by_its_rule(wrong: str) -> None:
    name, change, rule = WRONG[wrong]
    complained_of, said = first_complaint({**RIGHT, name: change(RIGHT[name])})
    assert complained_of == name
    assert rule in said


@pytest.mark.parametrize(
    "left_out", [name for name in RIGHT if not name.startswith(("create", "note", "update"))]
)
def test_what_it_was_not_told_it_does_not_judge(left_out: str) -> None:
    told_of = {name: exchange for name, exchange in RIGHT.items() if name != left_out}
    if left_out in ("delete one", "acknowledge"):
        told_of = dict(list(told_of.items())[: list(RIGHT).index(left_out)])
    assert first_complaint(told_of) == ("", "")


def test_an_answer_of_the_guard_tells_nothing() -> None:
    refused = with_header(with_status(RIGHT["delete one"], 404), "X-Contract-Guard", "refused; not ours")
    after = {**RIGHT, "delete one": refused, "get one again": RIGHT["get one"]}
    after = dict(list(after.items())[: list(RIGHT).index("list the rest")])
    assert first_complaint(after) == ("", "")


def test_a_change_that_was_not_answered_leaves_it_in_doubt_what_is_there() -> None:
    lost = {**RIGHT, "update two": replace(RIGHT["update two"], answered=None)}
    for text in (TWO["text"], TWO_AGAIN["text"]):
        seen = told("GET", f"{P}{P2}/", 200, full({**TWO, "text": text}))
        upto = dict(list(lost.items())[: list(RIGHT).index("update two") + 1])
        assert first_complaint({**upto, "seen": seen}) == ("", "")


def test_requests_to_other_worlds_and_other_servers_are_none_of_its_business() -> None:
    nonsense = Answered(200, (), b"nonsense")
    for asked in (
        Asked("GET", "/v1/incidents", ()),
        Asked("GET", "/_mock/sandboxes/other/api/v1/postmortems/", (("Authorization", ADMIN),)),
        Asked("GET", P, (("Authorization", ADMIN), ("X-Mock-Sandbox", "other"))),
    ):
        assert a_shadow().judge(Exchange(asked, nonsense)) == []


def test_on_a_shared_deployment_others_come_and_go() -> None:
    shadow = a_shadow(shared=True)
    other = full(postmortem("PTHERS111", "of others", NEW))
    upto = dict(list(RIGHT.items())[: list(RIGHT).index("list both")])
    assert first_complaint(upto, shadow) == ("", "")
    assert shadow.judge(page(P, [other, full(TWO), GONE])) == []
    assert shadow.judge(page(P, [full(TWO), GONE])) == []
    assert (
        shadow.judge(
            page(P, [full(TWO), {**other, "text": "changed by others", "alert_group_id": OLD}, GONE])
        )
        == []
    )


@pytest.mark.parametrize(
    ("shown", "rule"),
    [
        ([GONE, full(TWO)], "list.order"),
        ([full(TWO)], "count is 1"),
        ([full(TWO), full(postmortem("PTHERS111", "x", OLD))], "does not show"),
        ([full({**TWO, "text": "changed"}), GONE], "field.text-kept"),
    ],
)
def test_on_a_shared_deployment_what_was_made_here_stays_as_it_was_made(shown: list[Json], rule: str) -> None:
    shadow = a_shadow(shared=True)
    upto = dict(list(RIGHT.items())[: list(RIGHT).index("list both")])
    assert first_complaint(upto, shadow) == ("", "")
    assert rule in "\n".join(shadow.judge(page(P, shown)))


def test_on_a_deployment_additions_are_no_breach() -> None:
    shadow = OnCallShadow(Deployment(), strict=False)
    more = changed(RIGHT["create one"], lambda shown: shown.update(news=1, id="P-0-longer-than-it-was"))
    assert shadow.judge(more) == []
    assert a_shadow().judge(more) != []


@pytest.mark.parametrize("waits", ["52", None])
def test_an_answer_429_says_how_long_to_wait(waits: str | None) -> None:
    shadow = OnCallShadow(Deployment(), strict=True, limited=True)
    detail = {"detail": "Request was throttled. Expected available in 52 seconds."}
    throttled = told("GET", P, 429, detail)
    for name in ("Retry-After", "RateLimit-Reset"):
        throttled = with_header(throttled, name, waits)
    assert bool(shadow.judge(throttled)) == (waits is None)


def test_a_token_that_somebody_writes_into_a_text_may_be_read_back() -> None:
    record = postmortem(P1, f"never use {ADMIN}", NEW)
    created = told("POST", P, 201, record, sent={"alert_group_id": NEW, "text": record["text"]})
    assert first_complaint({"groups": RIGHT["groups"], "create": created}) == ("", "")


def test_a_refusal_is_a_refusal_in_any_disguise() -> None:
    for headers in (
        (("Authorization", f"Bearer {ADMIN}"),),
        (("X-Api-Key", ADMIN),),
        (("Cookie", f"token={ADMIN}"),),
    ):
        refused = told("GET", P, 403, INVALID, by=None)
        asked = replace(refused.asked, headers=headers)
        assert a_shadow().judge(replace(refused, asked=asked)) == []
        let_in = replace(RIGHT["postmortems"], asked=asked)
        assert "auth.bad-token" in "\n".join(a_shadow().judge(let_in))
