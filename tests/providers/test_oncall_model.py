from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockserver.core.errors import Invalid, NotAuthenticated, NotFound, Throttled
from mockserver.core.events import Event
from mockserver.core.sandbox import Services, services
from mockserver.providers.grafana_oncall import shapes
from mockserver.providers.grafana_oncall.model import World
from mockserver.providers.grafana_oncall.records import AlertGroup, Organization, Postmortem, User
from tests.steps import steps

START = datetime(2026, 1, 1, tzinfo=UTC)


def make_world(groups: int = 3, per_group: int = 0, rate_factor: float | None = None) -> World:
    """Groups I0, I1, … of organization O1, each started a minute after the one before; IX belongs to O2."""
    handed_in: Services = services(seed=1, name="test", base_url="http://mock", rate_factor=rate_factor)
    return World(
        {
            "organizations": [Organization("O1", "One"), Organization("O2", "Two")],
            "users": [
                User("U1", "O1", "one", "admin", ("one",)),
                User("U2", "O2", "two", "admin", ("two",)),
                User("U3", "O1", "gone", "admin", ("gone",), active=False),
            ],
            "alert_groups": [
                *(
                    AlertGroup(f"I{at}", "O1", f"group {at}", START + timedelta(minutes=at))
                    for at in range(groups)
                ),
                AlertGroup("IX", "O2", "foreign", START),
            ],
            "postmortems": [
                Postmortem(f"P{at}-{nth}", f"I{at}", START, "text")
                for nth in range(per_group)
                for at in range(groups)
            ],
            "postmortem_messages": [],
        },
        handed_in,
    )


def listed(world: World, group: str | None = None, page: int = 1, per_page: int = 50) -> list[str]:
    user = world.authenticate("one")
    return [found.id for found in world.list_postmortems(user, group, page, per_page).records]


def test_the_newest_alert_group_comes_first_and_its_postmortems_in_the_order_they_were_written() -> None:
    assert listed(make_world(groups=3, per_group=2)) == ["P2-0", "P2-1", "P1-0", "P1-1", "P0-0", "P0-1"]


def test_a_page_beyond_the_last_is_the_last() -> None:
    world = make_world(groups=5, per_group=1)
    assert listed(world, page=2, per_page=2) == ["P2-0", "P1-0"]
    assert listed(world, page=99, per_page=2) == ["P0-0"]
    found = world.list_postmortems(world.authenticate("one"), None, 99, 2)
    assert (found.count, found.number, found.total) == (5, 3, 3)


def test_a_filter_shows_one_group_and_nothing_of_another_organization() -> None:
    world = make_world(groups=3, per_group=2)
    world.create_postmortem(world.authenticate("two"), "IX", "foreign")
    assert listed(world, group="I1") == ["P1-0", "P1-1"]
    assert listed(world, group="IX") == listed(world, group="nothing") == []
    assert listed(world, group="") == listed(world)


def test_an_update_keeps_its_place_and_everything_but_the_text() -> None:
    world = make_world(groups=1, per_group=3)
    before = world.find_postmortem(world.authenticate("one"), "P0-1", None)
    after = world.update_postmortem(before, "  new ")
    assert after == Postmortem("P0-1", "I0", before.created_at, "new")
    assert listed(world) == ["P0-0", "P0-1", "P0-2"]


def test_what_changes_is_told_with_what_was_and_what_is() -> None:
    world = make_world()
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    made = world.create_postmortem(world.authenticate("one"), "I0", "text")
    changed = world.update_postmortem(made, "other")
    world.delete_postmortem(changed)
    assert seen == [
        Event("postmortem.created", after=made),
        Event("postmortem.updated", before=made, after=changed),
        Event("postmortem.deleted", before=changed),
    ]


def test_nothing_is_written_or_told_when_something_is_wrong() -> None:
    world = make_world()
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    user = world.authenticate("one")
    for group, text in (("IX", "text"), ("I0", " \u3000"), ("I0", "a\x00"), ("I0", "\ud800"), ("", "text")):
        with pytest.raises(Invalid):
            world.create_postmortem(user, group, text)
    with pytest.raises(Invalid):
        world.update_postmortem(Postmortem("P0-0", "I0", START, "text"), "\x00")
    assert seen == []
    assert listed(world) == []


def test_only_the_own_organization_finds_a_postmortem_and_only_under_its_own_group() -> None:
    world = make_world(groups=2, per_group=1)
    mine = world.authenticate("one")
    assert world.find_postmortem(mine, "P0-0", "I0").id == "P0-0"
    for user, postmortem_id, group in (
        (world.authenticate("two"), "P0-0", None),
        (mine, "P0-0", "I1"),
        (mine, "P9-9", None),
    ):
        with pytest.raises(NotFound):
            world.find_postmortem(user, postmortem_id, group)


def test_an_unknown_token_and_an_inactive_user_are_told_apart() -> None:
    for token, reason in (("none", "unknown"), ("gone", "inactive")):
        with pytest.raises(NotAuthenticated) as refused:
            make_world().authenticate(token)
        assert refused.value.reason == reason


def test_three_hundred_requests_a_minute_pass_and_a_factor_multiplies_them() -> None:
    for factor, passing in ((1.0, 300), (0.1, 30), (0.0001, 1)):
        world = make_world(rate_factor=factor)
        user = world.authenticate("one")
        for _ in range(passing):
            world.throttle(user)
        with pytest.raises(Throttled) as refused:
            world.throttle(user)
        assert refused.value.wait == 60


def test_a_moment_shows_microseconds_unless_there_are_none() -> None:
    assert shapes.moment(datetime(2020, 6, 19, 12, 37, 1, 430444, UTC)) == "2020-06-19T12:37:01.430444Z"
    assert shapes.moment(datetime(2020, 6, 19, 12, 37, 1, 120000, UTC)) == "2020-06-19T12:37:01.120000Z"
    assert shapes.moment(datetime(2020, 6, 19, 12, 37, 1, 0, UTC)) == "2020-06-19T12:37:01Z"


@pytest.mark.parametrize("page", [1, 2, 10**9])
def test_a_page_out_of_a_hundred_thousand_takes_the_steps_of_one_out_of_a_hundred(page: int) -> None:
    small, large = make_world(groups=10, per_group=10), make_world(groups=10, per_group=10_000)
    for group in (None, "I5"):

        def read(world: World, group: str | None = group) -> list[str]:
            return listed(world, group, page, per_page=5)

        assert len(read(small)) == len(read(large)) == 5
        assert steps(lambda: read(large)) == steps(lambda: read(small))


def test_finding_writing_and_removing_take_the_same_steps_among_a_hundred_thousand() -> None:
    def live(world: World) -> None:
        made = world.create_postmortem(world.authenticate("one"), "I5", "text")
        world.delete_postmortem(world.update_postmortem(made, "other"))

    small, large = make_world(groups=10, per_group=10), make_world(groups=10, per_group=10_000)
    assert steps(lambda: live(large)) == steps(lambda: live(small))
