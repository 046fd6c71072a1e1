from __future__ import annotations

import pytest

from mockserver.core.errors import Invalid, NotFound
from mockserver.core.events import Event
from mockserver.core.fixtures import FixtureError
from mockserver.providers.grafana_oncall import shapes
from mockserver.providers.grafana_oncall.model import World
from mockserver.providers.grafana_oncall.notes import ForeignSource
from tests.providers.oncall_worlds import make_group, make_note, make_world
from tests.steps import steps


def test_the_author_is_a_user_and_never_a_service_account() -> None:
    world = make_world([make_group()])
    by = {
        token: world.notes.create(world.authenticate(token), "I0", " x ") for token in ("one", "glsa_robot")
    }
    assert (by["one"].author, by["glsa_robot"].author) == ("U1", None)
    assert {note.text for note in by.values()} == {"x"}


def test_only_what_was_written_here_is_edited_and_a_broken_text_is_told_first() -> None:
    sources = ["web", "slack", "mobile app", None]
    world = make_world([make_group()], [make_note(at, source=source) for at, source in enumerate(sources)])
    for note in world.tables.messages:
        with pytest.raises(Invalid):
            world.notes.update(note, " ")
        if note.source == "web":
            assert world.notes.update(note, None) == note
            assert world.notes.update(note, " new ").text == "new"
            continue
        for text in ("new", None):
            with pytest.raises(ForeignSource):
                world.notes.update(note, text)
        assert world.tables.messages.get(note.id) == note


def test_page_and_engine_write_a_source_each_in_their_own_way() -> None:
    said = {
        source: (
            shapes.message(make_note(0, source=source))["source"],
            shapes.resolution_note(make_note(0, source=source))["source"],
        )
        for source in ("web", "slack", "mobile app", None)
    }
    assert said == {
        "web": ("web", "Web"),
        "slack": ("slack", "Slack"),
        "mobile app": ("mobile app", "Mobile App"),
        None: (None, None),
    }


def test_a_source_that_nobody_knows_is_a_slip_in_the_fixtures() -> None:
    with pytest.raises(FixtureError, match="source"):
        make_world([make_group()], [make_note(0, source="Web")])


def test_notes_come_with_the_newest_group_first_and_only_to_their_organization() -> None:
    world = make_world(
        [make_group(0), make_group(1), make_group(2, organization="O2")],
        [make_note(0, "I0"), make_note(1, "I1"), make_note(2, "I0"), make_note(3, "I2", author=None)],
    )
    caller = world.authenticate("one")
    assert [note.id for note in world.notes.page(caller, None, 1, 10).records] == ["M1", "M0", "M2"]
    assert [note.id for note in world.notes.page(caller, "I0", 1, 10).records] == ["M0", "M2"]
    assert world.notes.page(caller, "I2", 1, 10).count == 0
    for note_id, group in (("M3", None), ("M0", "I1"), ("M9", None)):
        with pytest.raises(NotFound):
            world.notes.find(caller, note_id, group)


def test_what_happens_to_a_note_is_told() -> None:
    world = make_world([make_group()])
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    made = world.notes.create(world.authenticate("one"), "I0", "x")
    changed = world.notes.update(made, "y")
    world.notes.update(changed, None)
    world.notes.delete(changed)
    assert seen == [
        Event("note.created", after=made),
        Event("note.updated", before=made, after=changed),
        Event("note.deleted", before=changed),
    ]


def test_notes_cost_the_same_among_a_hundred_thousand() -> None:
    small, large = (
        make_world([make_group(at) for at in range(10)], [make_note(at, f"I{at % 10}") for at in range(size)])
        for size in (100, 100_000)
    )

    def live(world: World) -> None:
        caller = world.authenticate("one")
        assert len(world.notes.page(caller, None, 2, 5).records) == 5
        assert len(world.notes.page(caller, "I5", 2, 5).records) == 5
        world.notes.delete(world.notes.update(world.notes.create(caller, "I5", "x"), "y"))

    assert steps(lambda: live(large)) == steps(lambda: live(small))


def test_users_are_found_by_name_and_address_and_not_when_inactive() -> None:
    world = make_world()
    caller = world.authenticate("one")

    def names(username: str | None = None, email: str | None = None) -> list[str]:
        return [user.id for user in world.people.page(caller, username, email, 1, 10).records]

    assert (
        names() == names("one") == names(None, "one@one.example") == names("one", "one@one.example") == ["U1"]
    )
    assert names("gone") == names("two") == names("one", "two@two.example") == []
    for nobody in ("U2", "U3", "U9"):
        with pytest.raises(NotFound):
            world.people.find(caller, nobody)
    with pytest.raises(NotFound):
        world.people.current(world.authenticate("glsa_robot"))
