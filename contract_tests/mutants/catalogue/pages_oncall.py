"""Pages that repeat, skip, or miscount: Grafana OnCall."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    Json,
    answer,
    ask,
    read,
    requery,
    retarget,
    rows,
    said,
    with_json,
    without_query,
)
from contract_tests.mutants.mutant import ONCALL, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches
from contract_tests.mutants.page_queries import repage

MUTANTS = defect = Chapter("pages")


def number(asked: Asked) -> int:
    given = dict(asked.query).get("page", "1")
    return int(given) if given.isdecimal() else 1


def renumber(change: Any) -> Any:
    return requery(lambda pairs: [(n, change(v) if n == "page" and v.isdecimal() else v) for n, v in pairs])


async def pages_overlap(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A page begins with the last row of the page before."""
    answered = await forward(asked)
    if not matches(asked, "postmortems.list") or answered.status != 200 or number(asked) < 2:
        return answered
    before = [(n, str(number(asked) - 1) if n == "page" else v) for n, v in asked.query]
    body, last = read(answered), rows(read(await forward(retarget(replace(asked), before))))[-1:]
    if body.get("previous") is not None:
        rows(body)[:0] = last
    return with_json(answered, body)


async def beyond_is_404(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    body = read(answered) if matches(asked, "*.list") and answered.status == 200 else None
    if (
        body is not None
        and body["next"] is None
        and number(asked) > 1
        and number(asked) * len(rows(body)) > body["count"] + len(rows(body))
    ):
        return replace(with_json(answered, {"detail": "Invalid page."}), status=404)
    return answered


async def beyond_is_empty(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    size = dict(asked.query).get("perpage", "50")
    body = read(answered) if matches(asked, "*.list") and answered.status == 200 else None
    if body is not None and size.isdecimal() and (number(asked) - 1) * int(size) >= max(1, body["count"]):
        rows(body).clear()
        return with_json(answered, body)
    return answered


def _count_of_the_page(body: Json) -> None:
    body["count"] = len(rows(body))


async def count_ignores_the_filter(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if matches(asked, "postmortems.list") and answered.status == 200:
        everything = read(await forward(without_query("alert_group_id")(asked)))
        return with_json(answered, {**read(answered), "count": everything["count"]})
    return answered


async def silent_cap(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A list holds no more than 50 rows, whatever perpage says."""
    if matches(asked, "postmortems.list notes.list"):
        asked = repage("perpage", lambda value: str(min(int(value), 50)))(asked)
    return await forward(asked)


def _one_more(body: Json) -> None:
    body["total_pages"] += 1


def _from_zero(body: Json) -> None:
    body["current_page_number"] -= 1


def _without_the_last(body: Json) -> None:
    if body["next"] is None and body["previous"] is not None:
        rows(body)[-1:] = []


LISTS = "postmortems.list"


defect(
    "off-by-one", ONCALL, "Pages are counted from 0.", ask(LISTS, renumber(lambda value: str(int(value) + 1)))
)


defect("overlap", ONCALL, "A page of postmortems begins with the last one of the page before.", pages_overlap)


defect(
    "perpage-ignored",
    ONCALL,
    "perpage makes no difference to postmortems.",
    ask(LISTS, without_query("perpage")),
)


defect(
    "users-perpage-ignored",
    ONCALL,
    "perpage makes no difference to users.",
    ask("users.list", without_query("perpage")),
)


defect("cap-at-50", ONCALL, "A page holds 50 at most, without a word.", silent_cap)


defect(
    "count-of-the-page", ONCALL, "count is the number on the page.", answer(LISTS, said(_count_of_the_page))
)


defect(
    "count-ignores-filter", ONCALL, "count is that of the list without its filter.", count_ignores_the_filter
)


defect("total-pages", ONCALL, "total_pages of notes is one too many.", answer("notes.list", said(_one_more)))


defect(
    "page-number-from-0",
    ONCALL,
    "current_page_number of alert groups counts from 0.",
    answer("groups.list", said(_from_zero)),
)


defect(
    "last-page-short",
    ONCALL,
    "The last of several pages lacks its last alert group.",
    answer("groups.list", said(_without_the_last)),
)


defect("beyond-404", ONCALL, "A page beyond the last one answers 404.", beyond_is_404)


defect("beyond-empty", ONCALL, "A page beyond the last one is empty.", beyond_is_empty)


defect(
    "zero-is-one",
    ONCALL,
    "perpage=0 is taken as 1.",
    ask(LISTS, repage("perpage", lambda value: "1" if value == "0" else value)),
)


defect(
    "page-size-100",
    ONCALL,
    "page_size of notes is what perpage says, over 100 too.",
    answer(
        "notes.list",
        lambda answered, asked: with_json(
            answered, {**read(answered), "page_size": len(rows(read(answered)))}
        ),
    ),
)


defect(
    "default-25",
    ONCALL,
    "Without perpage a page of alert groups holds 25.",
    ask(
        "groups.list",
        requery(
            lambda pairs: pairs if any(n == "perpage" for n, _ in pairs) else [*pairs, ("perpage", "25")]
        ),
    ),
)
