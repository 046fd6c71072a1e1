"""The filters of the incident list: which operators there are, and which incidents a query lets through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from mockserver.core.errors import Breach, Invalid
from mockserver.providers.incident_io.catalog.tables import Catalog
from mockserver.providers.incident_io.incidents.tables import DEFAULT_MODES, HIDDEN_CATEGORIES
from mockserver.providers.incident_io.records import FieldValue, Incident

DATES = ("gte", "lte", "date_range")
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "status": ("one_of", "not_in"),
    "status_category": ("one_of", "not_in"),
    "severity": ("one_of", "not_in", "gte", "lte"),
    "incident_type": ("one_of", "not_in"),
    "mode": ("one_of",),
    "created_at": DATES,
    "updated_at": DATES,
}
NESTED: Mapping[str, tuple[str, ...]] = {
    "incident_role": ("one_of", "is_blank", "is_set"),
    "custom_field": ("one_of", "not_in", "is_blank"),
}
TRUTHS = {"true": True, "false": False}
A_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

Test = Callable[[Incident], bool]
Given = tuple[str, str, str, list[str]]


def given(query: Mapping[str, Any]) -> list[Given]:
    """Every filter of a query: field, the id in brackets (empty where none belongs), operator and values.

    Raises Invalid for operators that a field does not have, for gte beside lte, and for what is no date.
    """
    found = list(_flat(query))
    breaches = [breach for filter_ in found for breach in _breaches(filter_)]
    for field in OPERATORS:
        operators = {operator for name, _, operator, _ in found if name == field}
        if {"gte", "lte"} <= operators:
            breaches.append(Breach((field,), "bounds", where="query"))
    if breaches:
        raise Invalid(breaches)
    return found


def base(query: Mapping[str, Any], catalog: Catalog) -> Test:
    """What a list shows that says nothing of mode, or of the status category."""
    modes = not query["mode"]
    categories = not query["status_category"]

    def shown(incident: Incident) -> bool:
        return (not modes or incident.mode in DEFAULT_MODES) and (
            not categories or catalog.category(incident.status) not in HIDDEN_CATEGORIES
        )

    return shown


def test_of(filters: Sequence[Given], filter_mode: str | None, catalog: Catalog) -> Test:
    """Whether an incident passes all filters, or any of them."""
    tests = [_test(filter_, catalog) for filter_ in filters]
    if filter_mode == "any" and tests:
        return lambda incident: any(test(incident) for test in tests)
    return lambda incident: all(test(incident) for test in tests)


def _flat(query: Mapping[str, Any]) -> Iterator[Given]:
    for field in OPERATORS:
        for operator, values in query[field].items():
            yield field, "", operator, values if isinstance(values, list) else []
    for field in NESTED:
        for id_, operators in query[field].items():
            for operator, values in operators.items() if isinstance(operators, dict) else ():
                yield field, id_, operator, values


def _breaches(filter_: Given) -> Iterator[Breach]:
    field, _, operator, values = filter_
    if operator not in (OPERATORS.get(field) or NESTED[field]):
        yield Breach((field,), "operator", operator, where="query")
    elif operator in ("is_blank", "is_set") and not all(value in TRUTHS for value in values):
        yield Breach((field,), "type", values[0], "boolean", where="query")
    elif field in ("created_at", "updated_at") and not all(_bounds(operator, value) for value in values):
        yield Breach((field,), "date", values, where="query")


def _bounds(operator: str, text: str) -> tuple[date, date] | None:
    """The first and the last day that a filter means; None if it means none."""
    first, tilde, last = text.partition("~") if operator == "date_range" else (text, "~", text)
    if not tilde or not A_DATE.fullmatch(first) or not A_DATE.fullmatch(last):
        return None
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    return (
        days[0] if operator != "lte" else date.min,
        days[1] if operator != "gte" else date.max,
    )


def _test(filter_: Given, catalog: Catalog) -> Test:
    field, id_, operator, values = filter_
    if field in ("created_at", "updated_at"):
        spans = [bounds for value in values if (bounds := _bounds(operator, value)) is not None]
        return lambda incident: any(first <= _day(incident, field) <= last for first, last in spans)
    if operator in ("gte", "lte"):
        return _by_rank(operator, values, catalog)
    if operator in ("is_blank", "is_set"):
        wanted = {TRUTHS[value] == (operator == "is_blank") for value in values}
        return lambda incident: (not _values(incident, field, id_, catalog)) in wanted
    chosen = set(values)
    if operator == "not_in":
        return lambda incident: chosen.isdisjoint(_values(incident, field, id_, catalog))
    return lambda incident: not chosen.isdisjoint(_values(incident, field, id_, catalog))


def _by_rank(operator: str, values: Sequence[str], catalog: Catalog) -> Test:
    """An incident without a severity is neither above nor below one; a severity that is not there has no rank."""
    limits = [rank for value in values if (rank := catalog.severity_rank(value)) is not None]

    def passes(incident: Incident) -> bool:
        rank = catalog.severity_rank(incident.severity)
        if rank is None:
            return False
        return any(rank >= limit if operator == "gte" else rank <= limit for limit in limits)

    return passes


def _day(incident: Incident, field: str) -> date:
    moment: datetime = getattr(incident, field)
    return moment.date()


def _values(incident: Incident, field: str, id_: str, catalog: Catalog) -> list[str]:
    """What an incident has in a field, in the words in which a filter asks for it."""
    match field:
        case "incident_role":
            return [assignment.user for assignment in incident.roles if assignment.role == id_]
        case "custom_field":
            return [_plain(value) for value in incident.field_values if value.field == id_]
        case "status_category":
            return [catalog.category(incident.status)]
    value = getattr(incident, field)
    return [value] if value is not None else []


def _plain(value: FieldValue) -> str:
    return value.option or value.text or value.link or value.numeric or ""
