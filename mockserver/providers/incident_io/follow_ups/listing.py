"""The list of follow-ups, and what its filters let through."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.core.errors import Breach, Invalid
from mockserver.providers.incident_io.follow_ups.records import FollowUp
from mockserver.providers.incident_io.follow_ups.tables import BY_INCIDENT, BY_MODE, BY_TEAM
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import ApiKey

SHOWN_MODES = ("standard", "retrospective")
TIMES = ("created_at", "updated_at")
OPERATORS = ("gte", "lte", "date_range")
A_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
A_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)
A_DAY = timedelta(days=1, microseconds=-1)
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Span = tuple[datetime, datetime]
Test = Callable[[FollowUp], bool]


def list_follow_ups(
    world: World, api_key: ApiKey, query: Mapping[str, Any], limit: int
) -> Sequence[FollowUp]:
    """Oldest id first. An incident or a follow-up that is not there, or is another organisation's, has none after it.

    Raises Invalid for a time filter that says nothing.
    """
    tests = time_tests(query)
    modes = (query["incident_mode"],) if query["incident_mode"] else SHOWN_MODES
    organisation, team, after = api_key.organisation, query["assignee_team_id"], query["after"] or None
    table = world.follow_ups.follow_ups
    index: Hashable = BY_MODE
    values: list[Hashable] = [(organisation, mode) for mode in modes]
    if query["incident_id"]:
        incident = world.incidents.get(query["incident_id"])
        if incident is None or incident.organisation != organisation or incident.mode not in modes:
            return []
        index, values = BY_INCIDENT, [incident.id]
    elif team:
        index, values = BY_TEAM, [(organisation, mode, team) for mode in modes]
    last = table.get(after) if after else None
    if last is not None and world.follow_ups.incident_of(last).organisation != organisation:
        return []
    if tests or (query["incident_id"] and team):
        wanted = organisation, modes, team, query["incident_id"], _words(query)

        def passes(follow_up: FollowUp) -> bool:
            incident = world.follow_ups.incident_of(follow_up)
            return (
                (incident.organisation, incident.mode in modes) == (organisation, True)
                and (not query["incident_id"] or incident.id == query["incident_id"])
                and (not team or follow_up.assignee_team == team)
                and all(test(follow_up) for test in tests)
            )

        index, values = table.select(wanted, passes), [True]
    return table.page_after(index, values, after, limit)


def _words(query: Mapping[str, Any]) -> Hashable:
    """What the time filters say."""
    return tuple(
        (name, operator, tuple(values)) for name in TIMES for operator, values in query[name].items()
    )


def time_tests(query: Mapping[str, Any]) -> list[Test]:
    """One test for each operator of each time filter; its values are alternatives. Raises Invalid."""
    breaches = [breach for name in TIMES for breach in _breaches(name, query[name])]
    if breaches:
        raise Invalid(breaches)
    return [
        _within(name, [span for value in values if (span := _span(operator, value))])
        for name in TIMES
        for operator, values in query[name].items()
    ]


def _breaches(name: str, given: Mapping[str, Any]) -> Iterator[Breach]:
    for operator, values in given.items():
        if operator not in OPERATORS or not isinstance(values, list):
            yield Breach((name,), "operator", operator, where="query")
        elif not all(_span(operator, value) for value in values):
            yield Breach((name,), "moment", values, where="query")
    if {"gte", "lte"} <= given.keys():
        yield Breach((name,), "bounds", where="query")


def _within(name: str, spans: Sequence[Span]) -> Test:
    def test(follow_up: FollowUp) -> bool:
        moment = getattr(follow_up, name)
        return any(first <= moment <= last for first, last in spans)

    return test


def _span(operator: str, text: str) -> Span | None:
    """First and last moment that a filter means, a date being its whole day; None if it means none."""
    if operator == "date_range":
        first, _, last = text.partition("~")
        start, end = _day(first), _day(last)
    else:
        start = end = _day(text) or _moment(text)
    if start is None or end is None:
        return None
    return (EARLIEST if operator == "lte" else start[0]), (LATEST if operator == "gte" else end[1])


def _day(text: str) -> Span | None:
    try:
        start = datetime.fromisoformat(text).replace(tzinfo=UTC) if A_DATE.fullmatch(text) else None
    except ValueError:
        return None
    return (start, start + A_DAY) if start else None


def _moment(text: str) -> Span | None:
    """Digits beyond the microsecond are dropped, as the store keeps none."""
    found = A_MOMENT.fullmatch(text)
    try:
        moment = (
            datetime.fromisoformat((found[1] + (found[2] or "")[:7] + found[3]).upper()) if found else None
        )
    except ValueError:
        return None
    return (moment, moment) if moment else None
