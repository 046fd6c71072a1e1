"""The incident list, held against a plain filter over the same records; and what a page of it costs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.errors import Invalid
from mockserver.providers.incident_io.incidents import listing
from mockserver.providers.incident_io.incidents.filters import NESTED, OPERATORS
from mockserver.providers.incident_io.records import FieldValue, Incident, RoleAssignment
from tests.providers.incident_worlds import CATEGORIES, SEVERITIES, START, TYPES, USERS, make_world
from tests.steps import steps

MODES = ("standard", "retrospective", "test", "tutorial")
OPTIONS = ("loss", "delay", "outage")
DAYS = st.sampled_from([str(date(2025, 12, 31) + timedelta(days=at)) for at in range(6)])
ORDERS = ("created_at_newest_first", "created_at_oldest_first")

incidents = st.lists(
    st.builds(
        lambda at, **fields: Incident(
            id="",
            organisation="O1",
            number=0,
            name="",
            created_at=START + timedelta(hours=7 * at[0]),
            updated_at=START + timedelta(hours=7 * at[0] + 11 * at[1]),
            **fields,
        ),
        at=st.tuples(st.integers(0, 9), st.integers(0, 3)),
        status=st.sampled_from(CATEGORIES),
        severity=st.none() | st.sampled_from(SEVERITIES),
        incident_type=st.none() | st.sampled_from(TYPES),
        mode=st.sampled_from(MODES),
        roles=st.lists(st.builds(RoleAssignment, st.just("lead"), st.sampled_from(USERS)), max_size=1).map(
            tuple
        ),
        field_values=st.lists(
            st.sampled_from(
                [*(FieldValue("impact", option=o) for o in OPTIONS), FieldValue("trigger", text="x")]
            ),
            max_size=3,
            unique=True,
        ).map(tuple),
    ),
    max_size=15,
).map(lambda found: [_numbered(incident, at) for at, incident in enumerate(found, start=1)])


def _numbered(incident: Incident, at: int) -> Incident:
    return replace(incident, id=f"I{at}", number=at)


def some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from((*values, "nothing")), min_size=1, max_size=3)


VALUES: dict[str, tuple[str, ...]] = {
    "status": CATEGORIES,
    "status_category": CATEGORIES,
    "severity": SEVERITIES,
    "incident_type": TYPES,
    "mode": MODES,
}
blank = st.sampled_from([["true"], ["false"], ["true", "false"]])
spans = st.lists(st.tuples(DAYS, DAYS).map("~".join), min_size=1, max_size=2)
days = st.lists(DAYS, min_size=1, max_size=2)
fields = st.sampled_from(["impact", "trigger", "none"])


def asking(field: str, id_: st.SearchStrategy[str], operator: str, values: Any) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(field), id_, st.just(operator), values)


ONE_FILTER = [
    *(
        asking(field, st.just(""), operator, some(*VALUES[field]))
        for field, operators in OPERATORS.items()
        if field in VALUES
        for operator in operators
    ),
    *(
        asking(field, st.just(""), operator, spans if operator == "date_range" else days)
        for field in ("created_at", "updated_at")
        for operator in OPERATORS[field]
    ),
    *(
        asking("incident_role", st.just("lead"), operator, some(*USERS) if operator == "one_of" else blank)
        for operator in NESTED["incident_role"]
    ),
    *(
        asking("custom_field", fields, operator, blank if operator == "is_blank" else some(*OPTIONS, "x"))
        for operator in NESTED["custom_field"]
    ),
]
NAMES = [
    f"{field}-{operator}" for field, operators in {**OPERATORS, **NESTED}.items() for operator in operators
]
filters = st.lists(st.one_of(*ONE_FILTER), max_size=3, unique_by=lambda filter_: filter_[:3])

Filter = tuple[str, str, str, list[str]]


def query(asked: list[Filter], **more: Any) -> dict[str, Any]:
    """What `query.read` makes of these filters."""
    found: dict[str, Any] = {name: {} for name in (*OPERATORS, *NESTED)}
    for field, id_, operator, values in asked:
        (found[field].setdefault(id_, {}) if id_ else found[field])[operator] = values
    return {**found, "after": None, "sort_by": ORDERS[0], "filter_mode": None, **more}


def plain(incident: Incident, asked: Filter) -> bool:
    """The plain reading of one filter."""
    field, id_, operator, values = asked
    if field in ("created_at", "updated_at"):
        day = str(getattr(incident, field))[:10]
        if operator == "date_range":
            return any(a <= day <= b for a, b in (value.split("~") for value in values))
        return any(day >= value if operator == "gte" else day <= value for value in values)
    if operator in ("gte", "lte"):
        if incident.severity is None:
            return False
        rank = SEVERITIES.index(incident.severity)
        ranks = [SEVERITIES.index(value) for value in values if value in SEVERITIES]
        return any(rank >= other if operator == "gte" else rank <= other for other in ranks)
    in_field: dict[str, list[Any]] = {
        "status": [incident.status],
        "status_category": [incident.status],  # each status has the name of its category
        "severity": [incident.severity],
        "incident_type": [incident.incident_type],
        "mode": [incident.mode],
        "incident_role": [item.user for item in incident.roles if item.role == id_],
        "custom_field": [item.option or item.text for item in incident.field_values if item.field == id_],
    }
    held = in_field[field]
    if operator in ("is_blank", "is_set"):
        return any((not held) == ((value == "true") == (operator == "is_blank")) for value in values)
    return (operator == "one_of") == any(value in values for value in held)


@pytest.mark.parametrize("one", ONE_FILTER, ids=NAMES)
def test_each_filter_alone_leaves_what_a_plain_one_does(one: st.SearchStrategy[Filter]) -> None:
    @settings(max_examples=60)
    @given(incidents, one, st.sampled_from(ORDERS))
    def agrees(records: list[Incident], asked: Filter, order: str) -> None:
        assert_agrees(records, [asked], None, order, 3)

    agrees()


@settings(max_examples=300)
@given(incidents, filters, st.sampled_from([None, "all", "any"]), st.sampled_from(ORDERS), st.integers(1, 5))
def test_filters_together_leave_what_plain_ones_do(
    records: list[Incident], asked: list[Filter], mode: str | None, order: str, size: int
) -> None:
    assert_agrees(records, asked, mode, order, size)


def assert_agrees(
    records: list[Incident], asked: list[Filter], mode: str | None, order: str, size: int
) -> None:
    fields = [filter_[0] for filter_ in asked]
    expected = [
        incident
        for incident in sorted(records, key=lambda incident: incident.created_at)
        if ("mode" in fields or incident.mode in MODES[:2])
        and ("status_category" in fields or incident.status not in ("declined", "canceled", "merged"))
        and (not asked or (any if mode == "any" else all)(plain(incident, filter_) for filter_ in asked))
    ]
    if order == ORDERS[0]:
        expected.reverse()
    world = make_world(records)
    key = world.authenticate("token")
    both = any(
        {(field, "gte"), (field, "lte")} <= {(one, operator) for one, _, operator, _ in asked}
        for field in OPERATORS
    )
    if both:
        with pytest.raises(Invalid):
            listing.list_incidents(world, key, query(asked), 100)
        return
    found: list[Incident] = []
    while True:
        after = found[-1].id if found else None
        asking = query(asked, filter_mode=mode, sort_by=order, after=after)
        page, total = listing.list_incidents(world, key, asking, size)
        assert total == len(expected)
        found += page
        if len(page) < size:
            break
    assert found == expected


def test_nothing_of_another_organisation_is_listed() -> None:
    world = make_world([Incident("I1", "O1", 1, "Sad", "live", START, START)])
    foreign = world.authenticate("foreign")
    for asked in ([], [("status", "", "one_of", ["live"])], [("status", "", "not_in", ["closed"])]):
        assert listing.list_incidents(world, foreign, query(asked), 10) == ([], 0)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Hypothesis listens to the garbage collector, whose runs would count as steps."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [("status", "", "one_of", ["live"])],
        [("status_category", "", "one_of", ["live", "closed"])],
        [("severity", "", "one_of", ["high"])],
        [("incident_type", "", "one_of", ["usual"])],
        [("mode", "", "one_of", ["standard", "test"])],
    ],
)
def test_a_page_out_of_fifty_thousand_takes_the_steps_of_one_out_of_fifty(
    asked: list[Filter], no_collector: None
) -> None:
    def world_of(count: int) -> Any:
        return make_world(
            [
                Incident(
                    f"I{at}",
                    "O1",
                    at,
                    "",
                    ("live", "closed")[at % 2],
                    START + timedelta(minutes=at),
                    START,
                    severity="high",
                    incident_type="usual",
                )
                for at in range(1, count + 1)
            ]
        )

    small, large = world_of(50), world_of(50_000)

    def read(world: Any, after: str | None) -> list[Incident]:
        page, _ = listing.list_incidents(world, world.authenticate("token"), query(asked, after=after), 5)
        return page

    for after in (None, "I21"):
        assert len(read(small, after)) == len(read(large, after)) == 5
        assert steps(lambda after=after: read(large, after)) == steps(lambda after=after: read(small, after))  # type: ignore[misc]
