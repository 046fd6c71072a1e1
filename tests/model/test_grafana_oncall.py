"""The model of Grafana OnCall is right when all is right, and says what is wrong when one thing is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model.grafana_oncall import OnCallShadow
from tests.model.oncall_traffic import (
    ADMIN,
    INVALID,
    LIST,
    NEW,
    NOTE,
    OLD,
    ONE,
    P1,
    P2,
    RIGHT,
    SLACK,
    TWO,
    TWO_AGAIN,
    Json,
    P,
    changed,
    full,
    note,
    page,
    postmortem,
    told,
    with_header,
    with_status,
)

Change = Callable[[Exchange], Exchange]


def a_shadow(*, shared: bool = False) -> OnCallShadow:
    return OnCallShadow(Deployment(), strict=not shared, shared=shared, limited=False)


def first_complaint(exchanges: dict[str, Exchange], shadow: OnCallShadow | None = None) -> tuple[str, str]:
    """What it was about, and what was said."""
    judge = (shadow or a_shadow()).judge
    for name, exchange in exchanges.items():
        if complaints := judge(exchange):
            return name, "\n".join(complaints)
    return "", ""


def body(change: Callable[[Any], Any]) -> Change:
    return lambda exchange: changed(exchange, change)


def members(**values: Any) -> Change:
    return body(lambda shown: shown.update(values))


def without(name: str) -> Change:
    return body(lambda shown: {key: value for key, value in shown.items() if key != name})


def rows(*shown: Json, **values: Any) -> Change:
    return members(results=list(shown), count=len(shown), **values)


def status(number: int) -> Change:
    return lambda exchange: with_status(exchange, number)


def header(name: str, value: str | None) -> Change:
    return lambda exchange: with_header(exchange, name, value)


def instead(exchange: Exchange) -> Change:
    """The same request, answered as another was."""
    return lambda right: replace(right, answered=exchange.answered)


GONE = full(ONE, SLACK)

# What is changed in which answer, and the rule that the complaint names.
WRONG: dict[str, tuple[str, Change, str]] = {
    "create answers 200": ("create one", status(200), "create.status"),
    "create loses a member": ("create one", without("created_at"), "create.shape"),
    "create shows messages": ("create one", members(postmortem_messages=[]), "create.shape"),
    "create keeps the white space": ("create one", members(text=" one\n"), "field.text-kept"),
    "create loses what is beyond the first plane": ("create two", members(text="two?"), "field.text-kept"),
    "create answers another group": ("create one", members(alert_group_id=NEW), "create.shape"),
    "an id is a number": ("create one", members(id=7), "create.shape"),
    "an id in another form": ("create one", members(id="P0O"), "form.id"),
    "an id a second time": ("create three", members(id=P2), "form.id"),
    "the id of one that was deleted": ("create three", members(id=P1), "form.id"),
    "milliseconds": ("create one", members(created_at="2026-01-01T00:00:11.123Z"), "form.created-at"),
    "another time zone": ("create one", members(created_at="2026-01-01T01:00:11+01:00"), "form.created-at"),
    "made before what was made before": (
        "create three",
        members(created_at="2026-01-01T00:00:02Z"),
        "form.created-at",
    ),
    "get finds nothing": ("get one", status(404), "get.after-create"),
    "get shows another": ("get one", members(**full(TWO)), "get.shape"),
    "get shows no messages": ("get one", members(postmortem_messages=[]), "message.in-postmortem"),
    "get shows a message that nobody wrote": (
        "get one",
        members(postmortem_messages=[{**SLACK, "source": "slack"}, note("MEEEEEEEEEEE5", "x", "web", OLD)]),
        "nobody made",
    ),
    "get shows another time": ("get one", members(created_at="2026-01-01T00:00:12Z"), "created_at"),
    "list forgets one": ("list both", rows(full(TWO)), "count is 1"),
    "list in another order": ("list both", rows(GONE, full(TWO)), "list.order"),
    "list shows one that nobody made": (
        "list both",
        rows(full(TWO), full(postmortem("PXXXXXXXXXXX9", "x", NEW)), GONE),
        "nobody made",
    ),
    "list shows one twice": ("list both", rows(full(TWO), full(TWO)), "twice"),
    "list shows an old text": ("list the rest", rows(full(TWO, NOTE)), "update.shape"),
    "list shows a deleted one": ("list the rest", rows(full(TWO_AGAIN, NOTE), GONE), "deleted"),
    "list leaks to strangers": ("list their own", rows(full(TWO)), "tenant.others-are-invisible"),
    "count is a text": ("list both", members(count="2"), "list.shape"),
    "count is that of the page": ("first page", members(count=1), "list.page"),
    "list has more members": ("list both", members(page_size=50), "list.shape"),
    "notes are without their pages": ("notes", without("total_pages"), "note.list.shape"),
    "notes count pages from 0": ("notes", members(current_page_number=0), "note.page.numbers"),
    "a filter is ignored": ("filter", rows(full(TWO), GONE), "list.filter.by-alert-group"),
    "a filter finds nothing": ("filter", rows(), "count is 0"),
    "a filter does not mind the case": ("filter in lower case", rows(GONE), "list.filter.by-alert-group"),
    "a filter by another's group finds all": ("filter by theirs", rows(full(TWO), GONE), "by-alert-group"),
    "a filter by an unknown group is refused": ("filter by theirs", status(400), "answers 400"),
    "a page is too long": ("first page", members(results=[full(TWO), GONE]), "list.page.size"),
    "a page beyond the last is empty": ("last page", members(results=[]), "list.page.size"),
    "the last page is the first": ("last page", members(results=[full(TWO)]), "list.order"),
    "next is null": ("first page", members(next=None), "list.page.links"),
    "next is relative": ("first page", members(next=f"{P}?page=2&perpage=1"), "list.page.links"),
    "next forgets the size": (
        "first page",
        members(next=f"http://oncall.invalid{P}?alert_group_id=&page=2&zzz=a+b"),
        "list.page.links",
    ),
    "next forgets what it does not know": (
        "first page",
        members(next=f"http://oncall.invalid{P}?alert_group_id=&page=2&perpage=1"),
        "list.page.links",
    ),
    "next is itself": (
        "first page",
        body(lambda it: it.update(next=it["next"].replace("page=2", "page=1"))),
        "links",
    ),
    "previous names page 1": (
        "last page",
        members(previous=f"http://oncall.invalid{P}?page=1&perpage=1"),
        "links",
    ),
    "there is a next after the last": (
        "last page",
        members(next=f"http://oncall.invalid{P}?page=3&perpage=1"),
        "links",
    ),
    "put answers 204": ("update two", status(204), "update.shape"),
    "put echoes the old text": ("update two", members(text=TWO["text"]), "update.shape"),
    "put moves to another group": ("update two", members(alert_group_id=OLD), "alert_group_id"),
    "put sets the time": ("update two", members(created_at="2026-01-05T00:00:00Z"), "created_at"),
    "put shows messages": ("update two", members(postmortem_messages=[]), "create.shape"),
    "patch without a text clears it": ("patch nothing", members(text=""), "update.shape"),
    "patch without a text is refused": ("patch nothing", status(400), "update.shape"),
    "an update is not kept": ("get two as the viewer", members(text=TWO["text"]), "update.shape"),
    "a stranger gets it": ("get two as a stranger", instead(RIGHT["get two as the viewer"]), "tenant"),
    "an id in any case": ("get two in lower case", instead(RIGHT["get two as the viewer"]), "get.unknown-id"),
    "a mismatch is found": (
        "get two with another group",
        instead(RIGHT["get two as the viewer"]),
        "mismatch",
    ),
    "404 in other words": ("get two in lower case", members(detail="No postmortem"), "get.unknown-id"),
    "a viewer deletes": ("delete as the viewer", status(204), "role.viewer-only-reads"),
    "nobody lists": ("list without a token", instead(RIGHT["list both"]), "auth.bad-token"),
    "401": ("list without a token", status(401), "auth.bad-token"),
    "a token in any case": ("list with a token in capitals", instead(RIGHT["list both"]), "auth.bad-token"),
    "a token in the query": ("list with a token in the query", instead(RIGHT["list both"]), "auth.bad-token"),
    "a refusal repeats the token": (
        "list with a token in capitals",
        members(detail=f"Invalid token: {ADMIN.upper()}"),
        "tells a token",
    ),
    "a refusal repeats the query": (
        "list with a token in the query",
        header("X-Debug", f"/?token={ADMIN}"),
        "tells a token",
    ),
    "an answer tells the token of somebody else": ("get one", members(text="editor-token"), "tells a token"),
    "a missing text is accepted": ("create without a text", instead(RIGHT["create two"]), "field.required"),
    "a missing text in other words": ("create without a text", members(text=["Required."]), "field.required"),
    "a foreign group is accepted": (
        "create in their group",
        instead(RIGHT["create two"]),
        "field.alert-group",
    ),
    "a blank is accepted": ("update with a blank", instead(RIGHT["create one"]), "field.text-null-or-blank"),
    "a note is web": ("note", members(source="web"), "note.shape"),
    "a note has no author": ("note", members(author=None), "note.shape"),
    "a message is Web": ("the note as a message", members(source="Web"), "source"),
    "a message is not found": ("the note as a message", status(404), "get.after-create"),
    "a note is missing in its postmortem": (
        "the note in its postmortem",
        members(postmortem_messages=[]),
        "message.in-postmortem",
    ),
    "Slack's note is changed": ("update what Slack wrote", instead(RIGHT["note"]), "note.source"),
    "an unsupported method is done": ("put the list", status(200), "method.unsupported"),
    "404 for an unsupported method": ("put the list", status(404), "method.unsupported"),
    "delete answers 200": ("delete one", status(200), "delete.status"),
    "delete answers a body": ("delete one", body(lambda _: {"deleted": True}), "delete.status"),
    "a deleted one is there": ("get one again", instead(RIGHT["get one"]), "delete.removes"),
    "acknowledge answers a body": ("acknowledge", body(lambda _: {"ok": True}), "group.action.effects"),
    "acknowledge has no effect": (
        "get the group",
        members(state="firing", acknowledged_at=None, acknowledged_by=None),
        "group.action.effects",
    ),
    "acknowledged by somebody else": ("get the group", members(acknowledged_by="UOTHER"), "acknowledged_by"),
    "acknowledged and firing": ("get the group", members(state="firing"), "group.shape"),
    "acknowledged twice": ("acknowledge again", instead(RIGHT["acknowledge"]), "group.action.conflicts"),
    "the wrong obstacle": (
        "acknowledge again",
        members(detail="Can't acknowledge a resolved alert group"),
        "group.action.conflicts",
    ),
    "a filter by state is ignored": (
        "groups by state",
        rows(RIGHT["get the group"].answered.json(), RIGHT["groups by state"].answered.json()["results"][0]),  # type: ignore[union-attr]
        "group.filter",
    ),
    "groups in another order": ("groups", body(lambda it: it["results"].reverse()), "group.list"),
    "no Allow": ("get one", header("Allow", None), "header.allow"),
    "the Allow of a list": ("get one", header("Allow", LIST), "header.allow"),
    "another Content-Type": (
        "get one",
        header("Content-Type", "application/json; charset=utf-8"),
        "Content-Type",
    ),
    "a Content-Type of nothing": ("delete one", header("Content-Type", "application/json"), "Content-Type"),
    "a header that guards is missing": ("get one", header("X-Frame-Options", None), "X-Frame-Options"),
    "a Location": ("create one", header("Location", f"{P}{P1}/"), "header.never"),
    "Retry-After without a limit": ("get one", header("Retry-After", "1"), "header.never"),
    "a challenge": ("list without a token", header("WWW-Authenticate", "Token"), "header.never"),
    "a wrong length": ("get one", header("Content-Length", "3"), "Content-Length"),
    "500": ("list both", status(500), "body.never-500"),
    "429": ("list both", status(429), "rate.limit"),
    "413": ("create one", status(413), "body.too-large"),
}


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
