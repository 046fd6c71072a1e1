"""What is done to notes: the page's messages, and the engine's resolution notes."""

from __future__ import annotations

from mockserver.core.clues import answered, argument, changed, no
from mockserver.core.explaining import Case, Cases, Facts, when
from mockserver.providers.grafana_oncall.explaining.postmortems import (
    TEXT,
    WRITTEN,
    by_group,
    has_neighbours,
    odd_page,
    paged,
    repeated_or_empty,
)

MESSAGES = "/api/v1/postmortem_messages/"
NOTES = "/api/v1/resolution_notes/"


def _list_words(facts: Facts) -> str:
    return "done: a page of the notes " + ("of one alert group" if by_group(facts) else "of the organization")


def _was_authorless(facts: Facts) -> bool:
    return any(getattr(change.before, "author", "") is None for change in facts.changes)


# By a service account: a null author.
_AUTHORLESS = when(answered("author", None), "account.author")
_SAME_RECORD = "message.is-a-note"
_UNCHANGED = "done: a text was not given, so nothing was changed"
_CHANGED = "done: the note's text was changed, and nothing else"

DONE: dict[str, Cases] = {
    "create_postmortem_message": (
        Case(
            "done: a message was written to the alert group",
            ("message.shape", _AUTHORLESS, *TEXT, *WRITTEN, "message.in-postmortem", _SAME_RECORD),
        ),
    ),
    "get_postmortem_message": (
        Case(
            "done: the message was shown",
            ("message.shape", _SAME_RECORD, "message.rights", when(by_group, "message.list")),
        ),
    ),
    "list_postmortem_messages": (
        Case(
            _list_words,
            ("message.list", "message.shape", _SAME_RECORD, "message.rights"),
        ),
    ),
    "update_postmortem_message": (Case(_CHANGED, ("message.update", *TEXT, *WRITTEN, _SAME_RECORD)),),
    "partial_update_postmortem_message": (
        Case(_UNCHANGED, ("message.update", "note.patch-without-text", _SAME_RECORD), no(changed())),
        Case(_CHANGED, ("message.update", *TEXT, *WRITTEN, _SAME_RECORD)),
    ),
    "delete_postmortem_message": (
        Case("done: the message was deleted", ("message.delete", "message.in-postmortem", _SAME_RECORD)),
    ),
    "create_resolution_note": (
        Case(
            "done: a note was written to the alert group",
            ("note.shape", _AUTHORLESS, "note.fields", *TEXT, *WRITTEN, _SAME_RECORD),
        ),
    ),
    "get_resolution_note": (
        Case(
            "done: the note was shown",
            ("note.shape", when(by_group, "note.list.filter"), "note.rights", _SAME_RECORD, _AUTHORLESS),
        ),
    ),
    "list_resolution_notes": (
        Case(
            _list_words,
            (
                when(argument("alert_group_id"), "note.list.filter"),
                when(repeated_or_empty, "note.list.filter"),
                when(argument("alert_group"), "note.list.row-number"),
                when(odd_page, "note.page.numbers"),
                "note.list.shape",
                "note.list.order",
                when(paged, "note.page.numbers"),
                when(has_neighbours, "note.page.links"),
                "note.page.numbers",
                "note.tenant",
                "note.rights",
                _SAME_RECORD,
            ),
        ),
    ),
    "update_resolution_note": (Case(_CHANGED, ("note.update", *TEXT, *WRITTEN, _AUTHORLESS)),),
    "partial_update_resolution_note": (
        Case(_UNCHANGED, ("note.patch-without-text", "note.update"), no(changed())),
        Case(_CHANGED, ("note.update", *TEXT, *WRITTEN, _AUTHORLESS)),
    ),
    "delete_resolution_note": (
        Case(
            "done: the note was deleted, whatever its source",
            ("note.delete", _SAME_RECORD, when(_was_authorless, "account.author")),
        ),
    ),
}
