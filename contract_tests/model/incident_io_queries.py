"""What the query of a list asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from contract_tests.model.incident_io_records import Page, Test, moment

Json = dict[str, Any]
DAY = r"\d{4}-\d\d-\d\d"
SORTS = {"created_at_newest_first": True, "created_at_oldest_first": False}


@dataclass(frozen=True)
class Limits:
    """How a list is paged."""

    rule: str
    at_most: int
    gives_at_most: int
    newest_first: bool
    sorts: bool
    whatever: bool = False  # whether page_size has a bound of its own


LISTS = {
    "documents": Limits("documents", 250, 250, True, True),
    "incidents": Limits("incidents", 500, 250, True, True),
    "follow_ups": Limits("follow-up", 250, 250, False, False),
    "updates": Limits("updates", 250, 250, False, False),
}


@dataclass
class Query:
    """`wrong`: what is to be refused, in words. `unsure`: there is more to it than this model understands."""

    page: Page
    wrong: str = ""
    unsure: bool = False
    conditions: dict[str, Test] = field(default_factory=dict)


def read_query(
    name: str,
    query: list[tuple[str, str]],
    mode_of: Callable[[str], str | None],
    severity_rank: Callable[[str], int | None],
) -> Query:
    limits = LISTS[name]
    given: dict[str, list[str]] = {}
    for key, value in query:
        given.setdefault(key, []).append(value)
    found = Query(Page({}, 25, None, limits.newest_first, limits.rule))
    size, newest_first = 25, limits.newest_first
    for single in ("page_size", "after", "sort_by", "filter_mode"):
        if len(given.get(single, ())) > 1:
            found.unsure = True
    if "page_size" in given:
        text = given["page_size"][0]
        if re.fullmatch(r"-?(0|[1-9]\d{0,5})", text):
            size = int(text)
            if not 1 <= size <= limits.at_most:
                found.wrong = f"page_size {text}"
            size = min(size, limits.gives_at_most)
        elif re.search(r"[A-Za-z]", text) and text.isascii():
            found.wrong = f"page_size {text}"
        else:
            found.unsure = True
    if "sort_by" in given and limits.sorts:
        newest_first = SORTS.get(given["sort_by"][0], True)
        if given["sort_by"][0] not in SORTS:
            found.wrong = f"sort_by {given['sort_by'][0]}"
    after = given.get("after", [None])[0]
    if after == "":
        found.unsure = True
    tests = found.conditions
    if name == "incidents":
        _incident_filters(given, found, severity_rank)
    else:
        if "incident_id" in given and name != "incidents":
            if len(given["incident_id"]) > 1 or (name != "updates" and given["incident_id"] == [""]):
                found.unsure = True
            wanted = given["incident_id"][0]
            tests[f"incident_id {wanted}"] = lambda record: record.get("incident_id") == wanted
        if name == "follow_ups":
            _follow_up_filters(given, found, mode_of)
    found.page = Page(tests, size, after, newest_first, limits.rule)
    return found


def _follow_up_filters(
    given: Mapping[str, list[str]], found: Query, mode_of: Callable[[str], str | None]
) -> None:
    tests = found.conditions
    if any(name.startswith("incident_mode") and name != "incident_mode" for name in given):
        found.unsure = True
    modes = given.get("incident_mode", ["standard", "retrospective"])
    if set(modes) - {"standard", "retrospective", "test", "tutorial"} or (
        len(modes) > 1 and "incident_mode" in given
    ):
        found.unsure = True

    def fits(record: Json) -> bool | None:
        mode = mode_of(record["incident_id"])
        return None if mode is None else mode in modes

    tests["default mode" if "incident_mode" not in given else f"incident_mode {modes}"] = fits
    if "assignee_team_id" in given:
        if len(given["assignee_team_id"]) > 1 or given["assignee_team_id"] == [""]:
            found.unsure = True
        team = given["assignee_team_id"][0]
        tests[f"assignee_team_id {team}"] = lambda record: record.get("assignee_team", {}).get("id") == team
    _times(given, found, timestamps=True)


def _times(given: Mapping[str, list[str]], found: Query, *, timestamps: bool) -> None:
    for name in ("created_at", "updated_at"):
        asked = {key: values for key, values in given.items() if key.startswith(f"{name}[")}
        if name in given or any(len(values) > 1 for values in asked.values()):
            found.unsure = True
        operators = {key[len(name) + 1 : -1]: values[0] for key, values in asked.items()}
        if operators.keys() >= {"gte", "lte"} or operators.keys() - {"gte", "lte", "date_range"}:
            found.wrong = f"{name} with {sorted(operators)}"
            continue
        for operator, value in operators.items():
            bounds = _bounds(operator, value, timestamps)
            if bounds is None:
                found.wrong = f"{name}[{operator}]={value}"
            else:
                low, high = bounds
                if (
                    operator != "date_range"
                    and "T" in value
                    and not re.fullmatch(rf"{DAY}T[\d:.]+(Z|[+-]\d\d:\d\d)", value)
                ):
                    found.unsure = True
                found.conditions[f"{name}[{operator}] {value}"] = _between(name, low, high)


def _between(name: str, low: datetime, high: datetime) -> Test:
    def fits(record: Json) -> bool | None:
        at = moment(record.get(name))
        return None if at is None else low <= at <= high

    return fits


def _bounds(operator: str, value: str, timestamps: bool) -> tuple[datetime, datetime] | None:
    ends = value.split("~") if operator == "date_range" else [value]
    if len(ends) != (2 if operator == "date_range" else 1):
        return None
    found: list[tuple[datetime, datetime]] = []
    for end in ends:
        if timestamps and operator != "date_range" and (at := moment(end)):
            found.append((at, at))
            continue
        try:
            day = date.fromisoformat(end) if re.fullmatch(DAY, end) else None
        except ValueError:
            day = None
        if day is None:
            return None
        begin = datetime.combine(day, time(), UTC)
        late = timedelta(days=1) - timedelta(microseconds=1)
        found.append((begin, begin + late))
    low, high = found[0][0], found[-1][1]
    far = datetime.max.replace(tzinfo=UTC)
    return (
        (low, far)
        if operator == "gte"
        else (datetime.min.replace(tzinfo=UTC), high)
        if operator == "lte"
        else (low, high)
    )


FIELDS: Mapping[str, Callable[[Json], str | None]] = {
    "status": lambda incident: incident["incident_status"]["id"],
    "status_category": lambda incident: incident["incident_status"]["category"],
    "severity": lambda incident: incident.get("severity", {}).get("id"),
    "incident_type": lambda incident: incident.get("incident_type", {}).get("id"),
    "mode": lambda incident: incident["mode"],
}
OPERATORS = {
    "status": {"one_of", "not_in"},
    "status_category": {"one_of", "not_in"},
    "severity": {"one_of", "not_in", "gte", "lte"},
    "incident_type": {"one_of", "not_in"},
    "mode": {"one_of"},
}
HIDDEN = ("declined", "canceled", "merged")


def _incident_filters(
    given: Mapping[str, list[str]], found: Query, rank_of: Callable[[str], int | None]
) -> None:
    tests = found.conditions
    if "filter_mode" in given and given["filter_mode"] != ["all"]:
        if given["filter_mode"][0] != "any":
            found.wrong = f"filter_mode {given['filter_mode'][0]}"
        found.unsure = True
    categories = modes = False
    for key, values in given.items():
        name, bracket, rest = key.partition("[")
        if name in ("custom_field", "incident_role") and bracket:
            found.unsure = True
        if name not in FIELDS:
            continue
        operator = rest.removesuffix("]")
        if not bracket or not rest.endswith("]") or "" in values:
            found.unsure = True
            continue
        if operator not in OPERATORS[name]:
            found.wrong = key
            continue
        categories |= name == "status_category"
        modes |= name == "mode"
        words = f"{name}[{operator}] {sorted(set(values))}"
        if operator in ("gte", "lte"):
            found.unsure |= len(values) > 1 or rank_of(values[0]) is None
            if f"{name}[gte]" in given and f"{name}[lte]" in given:
                found.wrong = f"{name} with gte and lte"
            tests[words] = _ranked(operator, rank_of(values[0]) or 0)
        else:
            tests[words] = _chosen(name, operator, values)
    _times(given, found, timestamps=False)
    if not modes:
        tests["default mode"] = lambda incident: incident["mode"] in ("standard", "retrospective")
    if not categories:
        tests["hidden category"] = lambda incident: incident["incident_status"]["category"] not in HIDDEN


def _chosen(name: str, operator: str, values: list[str]) -> Test:
    return lambda incident: (FIELDS[name](incident) in values) is (operator == "one_of")


def _ranked(operator: str, rank: int) -> Test:
    def fits(incident: Json) -> bool:
        own = incident.get("severity", {}).get("rank")
        return own is not None and (own >= rank if operator == "gte" else own <= rank)

    return fits
