from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.exchange import Request
from mockserver.providers.grafana_oncall.filters import BadFilter, read_group_filter
from mockserver.providers.grafana_oncall.groups import GroupFilter
from mockserver.providers.grafana_oncall.model import World
from mockserver.providers.grafana_oncall.records import AlertGroup
from tests.providers.oncall_worlds import START, make_group, make_world
from tests.steps import steps

STATES = {
    "new": {},
    "acknowledged": {"acknowledged_at": START},
    "resolved": {"resolved_at": START},
    "resolved while acknowledged": {"acknowledged_at": START, "resolved_at": START},
    "silenced": {"silenced_at": START},
}
TEAMS = {"C1": "T1", "C2": None, "CX": "TX", None: None}
labels = st.lists(st.sampled_from(["a:1", "a:2", "b:1"]), max_size=3, unique=True).map(tuple)
made = st.tuples(
    st.sampled_from(["C1", "C2", None]),
    st.sampled_from(["R1", "R2", None]),
    st.sampled_from(list(STATES)),
    st.integers(0, 5),
    labels,
)
moments = st.integers(-1, 6).map(lambda minutes: START + timedelta(minutes=minutes))
wanted = st.builds(
    GroupFilter,
    id=st.none() | st.sampled_from(["I0", "I1", "IX", "nothing"]),
    integration_id=st.none() | st.sampled_from(["C1", "C2", "nothing"]),
    route_id=st.none() | st.sampled_from(["R1", "R2", "nothing"]),
    team_id=st.none() | st.sampled_from(["T1", "T2"]),
    state=st.none() | st.sampled_from(["new", "acknowledged", "resolved", "silenced"]),
    started=st.none() | st.tuples(moments, moments),
    labels=labels,
) | st.builds(GroupFilter, no_team=st.just(True), state=st.none() | st.just("new"))


def plainly(groups: list[AlertGroup], asked: GroupFilter) -> list[str]:
    """What the filter means, group by group."""
    found = groups
    if asked.id is not None:
        found = [group for group in found if group.id == asked.id]
    if asked.integration_id is not None:
        found = [group for group in found if group.integration_id == asked.integration_id]
    if asked.route_id is not None:
        found = [group for group in found if group.route_id == asked.route_id]
    if asked.no_team or asked.team_id is not None:
        found = [group for group in found if TEAMS[group.integration_id] == asked.team_id]
    if asked.state is not None:
        found = [group for group in found if state_of(group) == asked.state]
    if asked.started is not None:
        found = [group for group in found if asked.started[0] <= group.started_at <= asked.started[1]]
    for label in asked.labels:
        found = [group for group in found if label in group.labels]
    return [group.id for group in sorted(found, key=lambda group: group.started_at, reverse=True)]


def state_of(group: AlertGroup) -> str:
    if group.resolved_at:
        return "resolved"
    if group.acknowledged_at:
        return "acknowledged"
    return "silenced" if group.silenced_at else "new"


@given(st.lists(made, max_size=12), wanted)
def test_a_filter_finds_what_a_plain_look_at_every_group_finds(drawn: list[Any], asked: GroupFilter) -> None:
    mine = [
        make_group(
            minute,
            id=f"I{number}",
            integration_id=integration,
            route_id=route,
            labels=marked,
            **STATES[state],
        )
        for number, (integration, route, state, minute, marked) in enumerate(drawn)
    ]
    foreign = make_group(1, id="IX", organization="O2", integration_id="CX", route_id="RX")
    world = make_world([*mine, foreign])
    found = world.groups.page(world.authenticate("one"), asked, page=1, size=100)
    assert [group.id for group in found.records] == plainly(mine, asked)
    assert found.count == len(found.records)


@given(st.integers(1, 5), st.integers(1, 4))
def test_pages_of_a_filtered_list_are_its_slices(page: int, size: int) -> None:
    world = make_world([make_group(at, integration_id=f"C{at % 2 + 1}") for at in range(13)])
    caller = world.authenticate("one")
    for asked in (GroupFilter(integration_id="C1"), GroupFilter(integration_id="C1", state="new")):
        everything = world.groups.page(caller, asked, 1, 100).records
        last = -(-len(everything) // size)
        number = min(page, last)
        shown = world.groups.page(caller, asked, page, size)
        assert (shown.count, shown.number, shown.total) == (len(everything), number, last)
        assert shown.records == everything[(number - 1) * size : number * size]


def read(query: str) -> GroupFilter:
    world: World = make_world()
    return read_group_filter(Request("GET", "/", query), world, world.authenticate("one"))


def test_a_query_is_read_as_the_engine_reads_it() -> None:
    assert (
        read("") == read("id=&integration_id=&route_id=&team_id=&state=&started_at=&label=") == GroupFilter()
    )
    assert read("state=SILENCED&id=I1&id=I2") == GroupFilter(state="silenced", id="I2")
    assert read("team_id=T1") == GroupFilter(team_id="T1")
    assert read("team_id=null") == GroupFilter(no_team=True)
    assert read("label=a:1&label=b:1&label=ab&label=a:b:c") == GroupFilter(labels=("a:1", "b:1"))
    moment = datetime.fromisoformat("2026-01-01T00:00:05+00:00")
    assert read("started_at=2026-01-01T00:00:05_2026-01-01T00:00:05") == GroupFilter(started=(moment, moment))


@pytest.mark.parametrize(
    "query",
    ["state=firing", "team_id=TX", "team_id=t1", "started_at=2026", "started_at=_", "started_at=a_b_c"],
)
def test_what_a_filter_does_not_know_is_refused(query: str) -> None:
    with pytest.raises(BadFilter):
        read(query)


@cache
def crowd(size: int) -> World:
    """The newest first, which is how they are kept."""
    return make_world(
        [
            make_group(at, integration_id=f"C{at % 2 + 1}", route_id=f"R{at % 2 + 1}")
            for at in reversed(range(size))
        ]
    )


@pytest.mark.parametrize(
    "asked",
    [
        GroupFilter(),
        GroupFilter(integration_id="C1"),
        GroupFilter(route_id="R1"),
        GroupFilter(team_id="T1"),
        GroupFilter(no_team=True),
        GroupFilter(state="new"),
        GroupFilter(id="I7"),
    ],
)
def test_a_page_by_one_field_takes_the_same_steps_among_a_hundred_thousand_groups(asked: GroupFilter) -> None:
    def page(world: World) -> int:
        return len(world.groups.page(world.authenticate("one"), asked, page=2, size=5).records)

    small, large = crowd(100), crowd(100_000)
    assert page(small) == page(large) > 0
    assert steps(lambda: page(large)) == steps(lambda: page(small))
