"""What is done to postmortems, and what the lists and texts of all resources share."""

from __future__ import annotations

from mockserver.core.clues import (
    anything,
    argument,
    changed,
    has_body,
    has_equal_keys,
    header,
    no,
    sent_others_than,
)
from mockserver.core.explaining import Case, Cases, Clue, Facts, when

POSTMORTEMS = "/api/v1/postmortems/"


def odd_page(facts: Facts) -> bool:
    """A page or its size is no positive whole number, or the page is one that is not there."""
    for name in ("page", "perpage"):
        given = facts.request.argument(name)
        if given is not None and not (given.isdecimal() and int(given) > 0):
            return True
    page = facts.request.argument("page")
    return page is not None and page != "1" and facts.answered.get("next") is None


def has_neighbours(facts: Facts) -> bool:
    return any(facts.answered.get(name) for name in ("next", "previous"))


def repeated_or_empty(facts: Facts) -> bool:
    given = [value for name, value in facts.request.arguments if name == "alert_group_id"]
    return len(given) > 1 or "" in given


def by_group(facts: Facts) -> bool:
    return bool(facts.request.argument("alert_group_id"))


def _not_plain_json(facts: Facts) -> bool:
    return facts.request.headers.joined("content-type") not in (None, "application/json")


paged = argument("page", "perpage")
by_robot = header("authorization", "glsa_")

# What a body has a hand in, whatever it is written to.
WRITTEN: tuple[Clue, ...] = (
    when(has_equal_keys, "body.duplicate-keys"),
    when(_not_plain_json, "content-type.accepted"),
    when(sent_others_than("alert_group_id", "text"), "field.others-ignored"),
    when(no(has_body), "body.empty"),
)
TEXT = (
    when(lambda facts: not isinstance(facts.sent.get("text", ""), str), "field.text-type"),
    "field.text-kept",
)

DONE: dict[str, Cases] = {
    "create_postmortem": (
        Case(
            "done: a postmortem was created",
            (
                "create.shape",
                "create.status",
                *TEXT,
                *WRITTEN,
                "create.several-per-group",
                "form.id",
                "form.created-at",
                "role.editor-writes",
                when(by_robot, "account.postmortems"),
            ),
        ),
    ),
    "get_postmortem": (
        Case(
            "done: the postmortem was shown with the messages of its alert group",
            (
                "get.shape",
                "get.after-create",
                "form.created-at",
                "message.in-postmortem",
                when(by_group, "get.filter-mismatch"),
                "role.viewer-only-reads",
            ),
        ),
    ),
    "list_postmortems": (
        Case(
            "done: the filter names no alert group that has postmortems, so the list is empty",
            (
                "list.filter.unknown-group-is-empty",
                "list.filter.by-alert-group",
                when(odd_page, "list.page.odd-values"),
                "list.shape",
            ),
            lambda facts: by_group(facts) and facts.answered.get("count") == 0,
        ),
        Case(
            lambda facts: (
                "done: a page of the postmortems of one alert group"
                if by_group(facts)
                else "done: a page of the organization's postmortems"
            ),
            (
                when(repeated_or_empty, "list.filter.empty-or-repeated"),
                when(by_group, "list.filter.by-alert-group"),
                when(odd_page, "list.page.odd-values"),
                "list.shape",
                "list.order",
                "list.page.size",
                when(anything(paged, has_neighbours), "list.page.links"),
                "tenant.others-are-invisible",
                "message.in-postmortem",
                "role.viewer-only-reads",
            ),
        ),
    ),
    "update_postmortem": (
        Case(
            "done: the postmortem's text was changed, and nothing else",
            ("update.shape", "update.changes-only-the-text", *TEXT, *WRITTEN, "role.editor-writes"),
        ),
    ),
    "partial_update_postmortem": (
        Case(
            "done: a text was not given, so nothing was changed",
            ("patch.text-is-optional", *WRITTEN),
            no(changed()),
        ),
        Case(
            "done: the postmortem's text was changed, and nothing else",
            ("patch.text-is-optional", "update.shape", "update.changes-only-the-text", *TEXT, *WRITTEN),
        ),
    ),
    "delete_postmortem": (
        Case(
            "done: the postmortem was deleted; its body was not read",
            ("delete.removes", "delete.status", "role.editor-writes"),
        ),
    ),
}
