"""What is done to follow-ups."""

from __future__ import annotations

from mockserver.core.clues import argument, no, operator, sent
from mockserver.core.explaining import Case, Cases, Facts, when
from mockserver.providers.incident_io.explaining.documents import has_more, written

PATHS = "/v3/follow_ups"
FILTERS = {
    "incident_id": ("follow-up.filter-incident",),
    "incident_mode": ("follow-up.filter-mode",),
    "assignee_team_id": ("follow-up.filter-team",),
    "created_at": ("follow-up.filter-time", "follow-up.filter-time-ends"),
    "updated_at": ("follow-up.filter-time", "follow-up.filter-time-ends"),
}
MEMBERS = (
    "title",
    "incident_id",
    "status",
    "description",
    "labels",
    "assignee_id",
    "assignee_team_id",
    "follow_up_priority_option_id",
    "follow_up_category_id",
    "external_issue_reference_id",
)


def _list_words(facts: Facts) -> str:
    given = {name.partition("[")[0] for name, _ in facts.request.arguments}
    asked = [name for name in FILTERS if name in given]
    return "done: a page of follow-ups, " + (
        f"filtered by {', '.join(asked)}" if asked else "of usual incidents"
    )


def _with_null(facts: Facts) -> bool:
    return None in facts.sent.values()


_OPTIONAL = (when(_with_null, "follow-up.null"), when(no(sent("labels")), "follow-up.optional"))
_LIST_RULES = ("follow-up.list-order", "follow-up.filter-mode", "follow-up.show", "follow-up.deleted")

DONE: dict[str, Cases] = {
    "Follow-ups V3_List": (
        Case(
            _list_words,
            (
                *(when(argument(name), *rules) for name, rules in FILTERS.items()),
                when(operator("created_at", "date_range"), "follow-up.filter-time-ends"),
                *_LIST_RULES,
                when(has_more, "follow-up.list-order"),
            ),
        ),
    ),
    "Follow-ups V3_Create": (
        Case(
            "done: a follow-up was created",
            ("follow-up.create", *_OPTIONAL, *written(*MEMBERS), "follow-up.show", "follow-up.optional"),
        ),
    ),
    "Follow-ups V3_Show": (
        Case(
            "done: the follow-up was shown, in the status deleted",
            ("follow-up.deleted", "follow-up.show", "follow-up.optional"),
            lambda facts: facts.answered.get("follow_up", {}).get("status") == "deleted",
        ),
        Case("done: the follow-up was shown", ("follow-up.show", "follow-up.optional")),
    ),
    "Follow-ups V3_Update": (
        Case(
            "done: the follow-up has what was given, and the rest of what it had",
            ("follow-up.update", "follow-up.times", *_OPTIONAL, *written(*MEMBERS), "follow-up.optional"),
        ),
    ),
    "Follow-ups V3_Delete": (
        Case(
            "done: the follow-up is in the status deleted",
            ("follow-up.delete", "follow-up.deleted"),
        ),
    ),
}
