from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.clock import SandboxClock
from mockserver.core.errors import NotFound
from mockserver.core.events import Event
from mockserver.providers.grafana_oncall.actions import REFUSED, BadDelay, Obstacle, read_delay
from mockserver.providers.grafana_oncall.model import World
from mockserver.providers.grafana_oncall.records import AlertGroup, Postmortem
from tests.providers.oncall_worlds import START, make_alert, make_group, make_note, make_world

VERBS = sorted(REFUSED)


def found(world: World, group_id: str = "I0") -> AlertGroup:
    return world.groups.find(world.authenticate("one"), group_id)


def act(world: World, verb: str, group_id: str = "I0", delay: int = -1) -> None:
    world.groups.actions.take(verb, found(world, group_id), "U1", delay)


def expected(flags: frozenset[str], verb: str) -> tuple[str | None, frozenset[str]]:
    """The obstacle, or the flags afterwards: the engine's behaviour a second time, as sets."""
    have = {flag: flag in flags for flag in ("acknowledged", "resolved", "silenced")}
    match verb:
        case "acknowledge" | "silence" | "resolve":
            done = {"acknowledge": "acknowledged", "silence": "silenced", "resolve": "resolved"}[verb]
            asked = {
                "acknowledge": ("acknowledged", "resolved"),
                "silence": ("resolved", "acknowledged"),
                "resolve": ("resolved",),
            }[verb]
            obstacle = next((flag for flag in asked if have[flag]), None)
            kept = flags if verb == "silence" else flags - {"silenced"}
            return obstacle, kept | {done}
        case "unacknowledge":
            if not have["acknowledged"]:
                return "unacknowledged", flags
            return ("resolved" if have["resolved"] else None), flags - {"acknowledged"}
        case "unresolve":
            return (None if have["resolved"] else "unresolved"), flags - {"resolved", "acknowledged"}
        case _:
            return (None if have["silenced"] else "unsilenced"), flags - {"silenced"}


def flags_of(group: AlertGroup) -> frozenset[str]:
    times = {
        "acknowledged": group.acknowledged_at,
        "resolved": group.resolved_at,
        "silenced": group.silenced_at,
    }
    return frozenset(name for name, time in times.items() if time is not None)


@given(st.lists(st.sampled_from(VERBS), max_size=25))
def test_any_sequence_of_actions_is_done_or_refused_like_the_engine_s(verbs: list[str]) -> None:
    world = make_world([make_group()])
    flags: frozenset[str] = frozenset()
    for verb in verbs:
        obstacle, after = expected(flags, verb)
        if obstacle is None:
            act(world, verb)
            flags = after
        else:
            with pytest.raises(Obstacle) as refused:
                act(world, verb)
            assert (refused.value.verb, refused.value.obstacle) == (verb, obstacle)
        group = found(world)
        assert flags_of(group) == flags
        assert (group.acknowledged_by is not None) == ("acknowledged" in flags)
        assert (group.resolved_by is not None) == ("resolved" in flags)
        listed = world.tables.alert_groups.where("state", ("O1", group.state))
        assert listed == [group]


@pytest.mark.parametrize("verb", VERBS)
def test_an_attached_group_and_a_maintenance_are_refused_last(verb: str) -> None:
    for fields, obstacle in (({"attached_to": "I0"}, "attached"), ({"maintenance": True}, "maintenance")):
        ready = {"unacknowledge": {"acknowledged_at": START}, "unresolve": {"resolved_at": START}}
        world = make_world(
            [
                make_group(),
                make_group(
                    1, **fields, **ready.get(verb, {"silenced_at": START} if verb == "unsilence" else {})
                ),
            ]
        )
        if obstacle in REFUSED[verb]:
            with pytest.raises(Obstacle) as refused:
                act(world, verb, "I1")
            assert refused.value.obstacle == obstacle
        else:
            act(world, verb, "I1")


def test_attached_groups_follow_and_others_do_not() -> None:
    world = make_world([make_group(), make_group(1, attached_to="I0"), make_group(2)])
    act(world, "acknowledge")
    assert [found(world, name).state for name in ("I0", "I1", "I2")] == [
        "acknowledged",
        "acknowledged",
        "new",
    ]
    assert found(world, "I1").acknowledged_by == "U1"


def test_a_silence_ends_when_its_time_has_come() -> None:
    world = make_world([make_group(), make_group(1), make_group(2)])
    clock = world.services.clock
    assert isinstance(clock, SandboxClock)
    for group_id, delay in (("I0", 60), ("I1", 30), ("I2", -1)):
        act(world, "silence", group_id, delay)
    clock.move(timedelta(seconds=29))
    assert [found(world, name).state for name in ("I0", "I1", "I2")] == ["silenced"] * 3
    clock.move(timedelta(seconds=1))
    assert [found(world, name).state for name in ("I0", "I1", "I2")] == ["silenced", "new", "silenced"]
    clock.move(timedelta(days=10_000))
    assert [found(world, name).state for name in ("I0", "I1", "I2")] == ["new", "new", "silenced"]
    assert len(world.tables.silences) == 0


def test_a_second_silence_replaces_the_first() -> None:
    world = make_world([make_group()])
    clock = world.services.clock
    assert isinstance(clock, SandboxClock)
    act(world, "silence", delay=10)
    act(world, "silence", delay=100)
    clock.move(timedelta(seconds=50))
    assert found(world).state == "silenced"
    act(world, "resolve")
    act(world, "unresolve")
    clock.move(timedelta(seconds=100))
    assert found(world).state == "new"


def test_a_delay_is_a_whole_number_of_seconds() -> None:
    for good, delay in ((-1, -1), (0, 0), (True, 1), ("60", 60), (60.0, 60), (10**11, 10**11)):
        assert read_delay(good) == delay
    odd: object
    for odd in ("", "abc", "1.5", 1.5, -2, [], {}, 10**11 + 1, float("inf")):
        with pytest.raises(BadDelay) as refused:
            read_delay(odd)
        assert not refused.value.missing
    with pytest.raises(BadDelay) as refused:
        read_delay(None)
    assert refused.value.missing


def test_a_deleted_group_takes_all_that_is_its_own_and_frees_what_was_attached() -> None:
    world = make_world(
        [make_group(), make_group(1, attached_to="I0"), make_group(2)],
        [make_note(0), make_note(1, "I2")],
        alerts=[make_alert(0, "I0"), make_alert(1, "I2")],
        postmortems=[Postmortem("P0", "I0", START, "x"), Postmortem("P1", "I2", START, "y")],
    )
    act(world, "silence", delay=60)
    world.groups.delete(found(world))
    tables = world.tables
    assert [record.id for record in tables.messages] == ["M1"]
    assert [record.id for record in tables.alerts] == ["A1"]
    assert [record.id for record in tables.postmortems] == ["P1"]
    assert [silence.id for silence in tables.silences] == ["I1"]
    assert found(world, "I1").attached_to is None
    with pytest.raises(NotFound):
        found(world)


def test_a_wiped_group_stays_with_its_notes_and_forgets_its_payloads() -> None:
    world = make_world([make_group()], [make_note(0)], alerts=[make_alert(0, "I0"), make_alert(1, "I0")])
    world.groups.wipe(found(world))
    group = found(world)
    assert (group.state, group.title, group.resolved_by) == ("resolved", None, None)
    count, last = world.groups.alerts_of(group)
    assert last is not None
    assert (count, last.id, last.payload) == (2, "A1", {})
    assert len(world.tables.messages) == 1


def test_another_organizations_group_is_not_found() -> None:
    world = make_world([make_group(organization="O2")])
    with pytest.raises(NotFound):
        found(world)


def test_what_happens_to_a_group_is_told() -> None:
    world = make_world([make_group()])
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    before = found(world)
    act(world, "resolve")
    after = found(world)
    world.groups.delete(after)
    assert seen == [
        Event("alert_group.updated", before=before, after=after),
        Event("alert_group.deleted", before=after),
    ]
