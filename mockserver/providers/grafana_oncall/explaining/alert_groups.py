"""What is done to alert groups: shown, listed, deleted, acted on."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.core.clues import argument, has_body, removed
from mockserver.core.explaining import Case, Cases, Clue, Facts, when
from mockserver.providers.grafana_oncall.explaining.postmortems import has_neighbours, paged

GROUPS = "/api/v1/alert_groups/"
FILTERS = {
    "id": ("group.filter.ids",),
    "integration_id": ("group.filter.ids",),
    "route_id": ("group.filter.ids",),
    "team_id": ("group.filter.team",),
    "state": ("group.filter.state",),
    "started_at": ("group.filter.started-at",),
    "label": ("group.filter.label",),
}


def _asked(facts: Facts) -> list[str]:
    return [name for name in FILTERS if facts.request.argument(name)]


def _list_words(facts: Facts) -> str:
    asked = _asked(facts)
    which = f"filtered by {', '.join(asked)}" if asked else "of the organization"
    return f"done: a page of alert groups, {which}"


def _label_without_colon(facts: Facts) -> bool:
    return any(name == "label" and value.count(":") != 1 for name, value in facts.request.arguments)


def _unknown_or_several(facts: Facts) -> bool:
    names = {name for name, _ in facts.request.arguments} - {"page", "perpage"}
    return len(names) > 1 or bool(names - FILTERS.keys())


def _labelled(facts: Facts) -> bool:
    return b'"key":{' in facts.answer.body


def _attached(facts: Facts) -> int:
    """How many groups were written beside the one that was asked for."""
    return sum(
        change.collection == "alert_groups" and change.key != facts.path["id"] for change in facts.changes
    )


def _many(facts: Facts) -> bool:
    return _attached(facts) > 0


def _with_attached(words: str) -> Callable[[Facts], str]:
    return lambda facts: (
        f"done: {words}" + (f", and so {_attached(facts)} attached to it" if _many(facts) else "")
    )


def _action(words: str, *more: str | Clue) -> Cases:
    return (
        Case(
            _with_attached(words),
            (
                "group.action.effects",
                when(_many, "group.action.attached-follow"),
                *more,
                when(has_body, "group.action.body-is-not-read"),
            ),
        ),
    )


def _was(field: str) -> Callable[[Facts], bool]:
    return lambda facts: any(getattr(change.before, field, None) is not None for change in facts.changes)


DONE: dict[str, Cases] = {
    "list_alert_groups": (
        Case(
            _list_words,
            (
                *(when(argument(name), *rules) for name, rules in FILTERS.items()),
                when(_label_without_colon, "group.filter.label-without-colon"),
                when(_unknown_or_several, "group.filter.together"),
                "group.list",
                "group.shape",
                when(_labelled, "group.label-form"),
                when(paged, "note.page.numbers"),
                when(has_neighbours, "note.page.links"),
                "group.rights",
            ),
        ),
    ),
    "get_alert_group": (
        Case(
            "done: the alert group was shown",
            ("group.shape", when(_labelled, "group.label-form"), "group.rights"),
        ),
    ),
    "delete_alert_group": (
        Case(
            "done: the alert group was removed with its notes and postmortems",
            ("group.delete.delete",),
            removed("alert_groups"),
        ),
        Case("done: the alert group was resolved, and its content wiped", ("group.delete.wipe",)),
    ),
    "acknowledge_alert_group": _action("the alert group was acknowledged"),
    "unacknowledge_alert_group": _action("the alert group is acknowledged no more"),
    "resolve_alert_group": _action("the alert group was resolved"),
    "unresolve_alert_group": _action(
        "the alert group is resolved no more",
        when(_was("acknowledged_at"), "group.action.unresolve-is-firing"),
    ),
    "silence_alert_group": (
        Case(
            _with_attached("the alert group was silenced"),
            (
                "group.silence.delay",
                "group.silence.ends",
                "group.action.effects",
                when(_many, "group.action.attached-follow"),
            ),
        ),
    ),
    "unsilence_alert_group": _action("the alert group is silenced no more"),
}
