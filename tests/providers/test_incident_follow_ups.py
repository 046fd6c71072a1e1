from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.errors import Invalid, NotFound
from mockserver.core.events import Event
from mockserver.core.sandbox import services
from mockserver.providers.incident_io.catalog.records import IncidentStatus
from mockserver.providers.incident_io.follow_ups import listing, wire, writing
from mockserver.providers.incident_io.follow_ups.records import FollowUp, Team
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.people.records import RbacRole, User
from mockserver.providers.incident_io.records import ApiKey, Incident, Organisation
from tests.steps import steps

START = datetime(2026, 1, 1, tzinfo=UTC)
INCIDENTS = [
    Incident("I0", "O1", 1, "Standard", "live", START, START),
    Incident("I1", "O1", 2, "Retrospective", "live", START, START, mode="retrospective"),
    Incident("I2", "O1", 3, "Test", "live", START, START, mode="test"),
    Incident("IX", "O2", 1, "Foreign", "live", START, START),
]
TEAMS = [Team("T0", "O1", "One"), Team("T1", "O1", "Two"), Team("TX", "O2", "Foreign")]
QUERY: dict[str, Any] = {
    "incident_id": None,
    "incident_mode": None,
    "assignee_team_id": None,
    "created_at": {},
    "updated_at": {},
    "after": None,
}


def make_world(*follow_ups: FollowUp) -> World:
    return World(
        {
            "organisations": [Organisation("O1", "One", "one"), Organisation("O2", "Two", "two")],
            "api_keys": [ApiKey("K1", "O1", "key", "own"), ApiKey("K2", "O2", "foreign", "foreign")],
            "rbac_roles": [RbacRole("B1", "O1", "Responder", "user")],
            "users": [User("U1", "O1", "Responder", "B1"), User("UX", "O2", "Foreign", "B1")],
            "incident_statuses": [IncidentStatus("live", "O1", "live", "live", 0, START, START)],
            "incidents": INCIDENTS,
            "teams": TEAMS,
            "follow_ups": follow_ups,
        },
        services(seed=1, name="test", base_url="http://mock", rate_factor=None),
    )


def many(count: int) -> World:
    """In turn of each incident, in turn of each team."""
    return make_world(
        *(
            FollowUp(
                f"F{at:06}",
                f"I{at % 3}",
                "Title",
                START + timedelta(minutes=at),
                START + timedelta(minutes=at),
                assignee_team=f"T{at % 2}",
            )
            for at in range(count)
        )
    )


def listed(world: World, limit: int = 300, **query: Any) -> list[str]:
    key = world.authenticate("own")
    return [found.id for found in listing.list_follow_ups(world, key, {**QUERY, **query}, limit)]


def create(world: World, **payload: Any) -> FollowUp:
    return writing.create(
        world, world.authenticate("own"), {"incident_id": "I0", "title": "Title", **payload}
    )


def update(world: World, before: FollowUp, **payload: Any) -> FollowUp:
    key = world.authenticate("own")
    return writing.update(world, key, before, {"title": before.title, "status": before.status, **payload})


DAYS = st.integers(-3, 3).map(lambda days: START + timedelta(days=days))
TIMES = st.builds(
    lambda day, seconds: day + timedelta(seconds=seconds), DAYS, st.sampled_from([0, 1, 43200, 86399])
)
DATES = DAYS.map(lambda day: f"{day:%Y-%m-%d}")
TEXTS = TIMES.map(lambda time: time.isoformat().replace("+00:00", "Z"))
FILTERS = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"gte": st.lists(DATES | TEXTS, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"lte": st.lists(DATES | TEXTS, min_size=1, max_size=2)}),
    st.fixed_dictionaries(
        {"date_range": st.lists(st.builds("{}~{}".format, DATES, DATES), min_size=1, max_size=2)}
    ),
)
FOLLOW_UPS = st.lists(
    st.builds(
        lambda incident, team, created, updated: FollowUp(
            "", incident, "Title", created, updated, assignee_team=team
        ),
        st.sampled_from(["I0", "I1", "I2", "IX"]),
        st.sampled_from([None, "T0", "T1"]),
        TIMES,
        TIMES,
    ),
    max_size=12,
)


def passes(filters: Mapping[str, list[str]], time: datetime) -> bool:
    """The filter in the plainest words: whole days as days, moments as moments."""

    def above(text: str) -> bool:
        return f"{time:%Y-%m-%d}" >= text if len(text) == 10 else time >= datetime.fromisoformat(text)

    def below(text: str) -> bool:
        return f"{time:%Y-%m-%d}" <= text if len(text) == 10 else time <= datetime.fromisoformat(text)

    ranges = [text.split("~") for text in filters.get("date_range", [])]
    return (
        ("gte" not in filters or any(above(text) for text in filters["gte"]))
        and ("lte" not in filters or any(below(text) for text in filters["lte"]))
        and ("date_range" not in filters or any(above(first) and below(last) for first, last in ranges))
    )


@given(
    FOLLOW_UPS,
    st.sampled_from([None, "I0", "I2", "IX", "nothing"]),
    st.sampled_from([None, "standard", "retrospective", "test", "stream"]),
    st.sampled_from([None, "T0", "TX"]),
    FILTERS,
    FILTERS,
    st.integers(1, 4),
)
def test_the_list_is_what_a_plain_filter_over_all_follow_ups_finds(
    follow_ups: list[FollowUp],
    incident: str | None,
    mode: str | None,
    team: str | None,
    created_at: dict[str, list[str]],
    updated_at: dict[str, list[str]],
    size: int,
) -> None:
    numbered = [
        FollowUp(
            f"F{at:02}", f.incident_id, "Title", f.created_at, f.updated_at, assignee_team=f.assignee_team
        )
        for at, f in enumerate(follow_ups)
    ]
    modes = {known.id: known.mode for known in INCIDENTS if known.organisation == "O1"}
    expected = [
        f.id
        for f in numbered
        if modes.get(f.incident_id) in ([mode] if mode else ["standard", "retrospective"])
        and incident in (None, f.incident_id)
        and team in (None, f.assignee_team)
        and passes(created_at, f.created_at)
        and passes(updated_at, f.updated_at)
    ]
    world = make_world(*reversed(numbered))
    query = {
        "incident_id": incident,
        "incident_mode": mode,
        "assignee_team_id": team,
        "created_at": created_at,
        "updated_at": updated_at,
    }
    found: list[str] = []
    while page := listed(world, size, **query, after=found[-1] if found else None):
        found += page
    assert found == expected


@pytest.mark.parametrize(
    "query",
    [
        {"after": "F000030"},
        {"incident_id": "I0"},
        {"incident_mode": "test"},
        {"assignee_team_id": "T1", "after": "F000030"},
        {"assignee_team_id": "T1", "incident_id": "I0"},
        {"created_at": {"gte": ["2025-01-01"]}, "after": "F000030"},
    ],
    ids=str,
)
def test_a_page_out_of_a_hundred_thousand_takes_the_steps_of_one_out_of_a_hundred(
    query: dict[str, Any],
) -> None:
    small, large = many(100), many(100_000)

    def read(world: World) -> Callable[[], list[str]]:
        return lambda: listed(world, 5, **query)

    assert read(small)() == read(large)()
    assert steps(read(large)) == steps(read(small))


def test_what_happens_to_a_follow_up_is_told_with_what_was_and_what_is() -> None:
    world = make_world()
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    made = create(world)
    done = update(world, made, status="completed")
    writing.delete(world, done)
    gone = writing.find(world, world.authenticate("own"), made.id)
    writing.delete(world, gone)
    assert gone.status == "deleted"
    assert seen == [
        Event("follow_up.created", after=made),
        Event("follow_up.updated", before=made, after=done),
        Event("follow_up.updated", before=done, after=gone),
    ]


@pytest.mark.parametrize(
    "payload",
    [
        {"assignee_id": "UX"},
        {"assignee_team_id": "TX"},
        {"follow_up_priority_option_id": "nothing"},
        {"assignee_id": "", "labels": ["x"]},
    ],
    ids=str,
)
def test_nothing_is_written_or_told_when_something_named_is_not_of_the_organisation(
    payload: dict[str, Any],
) -> None:
    world = make_world()
    made = create(world)
    before = world.store.snapshot()
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    with pytest.raises(Invalid):
        create(world, **payload)
    with pytest.raises(Invalid):
        update(world, made, **payload)
    with pytest.raises(NotFound):
        create(world, incident_id="IX")
    assert (world.store.snapshot(), seen) == (before, [])


def test_a_follow_up_that_changes_teams_is_listed_under_the_new_one() -> None:
    world = make_world()
    made = create(world, assignee_team_id="T0")
    update(world, made, assignee_team_id="T1")
    assert (listed(world, assignee_team_id="T0"), listed(world, assignee_team_id="T1")) == ([], [made.id])


def test_who_made_a_follow_up_is_a_user_or_a_key() -> None:
    world = make_world(FollowUp("F1", "I0", "Title", START, START, created_by="U1"))
    by_user = writing.find(world, world.authenticate("own"), "F1")
    assert wire.follow_up(world, by_user)["creator"] == {
        "user": {"id": "U1", "name": "Responder", "role": "unset"}
    }
    assert wire.follow_up(world, create(world))["creator"] == {"api_key": {"id": "K1", "name": "key"}}


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00.123456789Z",
        "2026-01-01t00:00:00z",
        "2026-01-01T02:00:00+02:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31",
    ],
)
def test_every_time_of_rfc_3339_is_read(text: str) -> None:
    assert len(listing.time_tests({"created_at": {"gte": [text]}, "updated_at": {}})) == 1
    assert listed(many(1), created_at={"gte": [text]}, updated_at={}) in (["F000000"], [])
