"""Pages that repeat, skip, or miscount: incident.io."""

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
    rows,
    said,
    with_json,
    without_query,
)
from contract_tests.mutants.mutant import INCIDENT, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches
from contract_tests.mutants.page_queries import repage

MUTANTS = defect = Chapter("pages")


def meta(change: Any) -> Any:
    """The pagination_meta of incident.io is what the function makes of it and of the rows."""

    def changed(body: Json) -> None:
        change(body["pagination_meta"], rows(body))

    return said(changed)


async def after_is_included(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A page begins with the document that the page before ended with."""
    answered = await forward(asked)
    after = dict(asked.query).get("after")
    body = read(answered) if matches(asked, "documents.list") and after and answered.status == 200 else None
    if body is None:
        return answered
    shown = await forward(replace(asked, target=f"/v1/postmortem_documents/{after}"))
    if shown.status == 200:
        rows(body).insert(0, read(shown)["postmortem_document"])
    return with_json(answered, body)


async def after_skips_one(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if matches(asked, "updates.list") and "after=" in asked.target and answered.status == 200:
        body = read(answered)
        rows(body)[:1] = []
        return with_json(answered, body)
    return answered


async def unknown_after_starts_over(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if (
        matches(asked, "*.list")
        and "after=" in asked.target
        and answered.status == 200
        and not rows(read(answered))
    ):
        return await forward(without_query("after")(asked))
    return answered


def _always_after(page: Json, found: list[Json]) -> None:
    if found:
        page["after"] = found[-1]["id"]


def _null_after(page: Json, found: list[Json]) -> None:
    page.setdefault("after", None)


def _total_of_the_page(page: Json, found: list[Json]) -> None:
    page["total_record_count"] = len(found)


def _never_after(page: Json, found: list[Json]) -> None:
    page.pop("after", None)


def _after_the_first(page: Json, found: list[Json]) -> None:
    if "after" in page:
        page["after"] = found[0]["id"]


DOCUMENTS = "documents.list"


defect(
    "after-included",
    INCIDENT,
    "A page of documents begins with the last one of the page before.",
    after_is_included,
)


defect("after-skips", INCIDENT, "A page of updates leaves its first one out.", after_skips_one)


defect("after-unknown", INCIDENT, "An after that is nothing is taken for none.", unknown_after_starts_over)


defect(
    "after-on-the-last",
    INCIDENT,
    "The last page of follow-ups has an after.",
    answer("follow-ups.list", meta(_always_after)),
)


defect(
    "after-null",
    INCIDENT,
    "The last page of documents has an after of null.",
    answer(DOCUMENTS, meta(_null_after)),
)


defect("after-missing", INCIDENT, "No page of users has an after.", answer("people.list", meta(_never_after)))


defect(
    "after-first",
    INCIDENT,
    "after of incidents is the first of the page.",
    answer("incidents.list", meta(_after_the_first)),
)


defect(
    "total-of-the-page",
    INCIDENT,
    "total_record_count is the number on the page.",
    answer("incidents.list", meta(_total_of_the_page)),
)


defect(
    "page-size-ignored",
    INCIDENT,
    "page_size makes no difference to documents.",
    ask(DOCUMENTS, without_query("page_size")),
)


defect(
    "page-size-unclamped",
    INCIDENT,
    "A page_size of 500 for incidents is refused.",
    answer(
        "incidents.list",
        lambda answered, asked: (
            replace(answered, status=422) if "page_size=500" in asked.target else answered
        ),
    ),
)


defect(
    "page-size-too-much",
    INCIDENT,
    "A page_size of 251 and more for documents is taken as 250.",
    ask(DOCUMENTS, repage("page_size", lambda value: str(min(int(value), 250)))),
)


defect(
    "default-10",
    INCIDENT,
    "Without page_size a page of follow-ups holds 10.",
    ask(
        "follow-ups.list",
        requery(
            lambda pairs: pairs if any(n == "page_size" for n, _ in pairs) else [*pairs, ("page_size", "10")]
        ),
    ),
)


defect(
    "page-size-says-25",
    INCIDENT,
    "pagination_meta of updates always says 25.",
    answer("updates.list", meta(lambda page, _: page.update(page_size=25))),
)
