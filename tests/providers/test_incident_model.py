from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mockserver.core.errors import NotAuthenticated, NotFound, NotPermitted
from mockserver.core.events import Event
from mockserver.core.sandbox import services
from mockserver.providers.incident_io import wire
from mockserver.providers.incident_io.budgets import Spent
from mockserver.providers.incident_io.catalog.records import IncidentStatus
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import ApiKey, Incident, Organisation, PostmortemDocument

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World(
        {
            "organisations": [Organisation("O1", "One", "one"), Organisation("O2", "Two", "two")],
            "api_keys": [
                ApiKey("K1", "O1", "key", "token", ("some.scope",)),
                ApiKey("K2", "O2", "foreign", "foreign"),
            ],
            "incident_statuses": [IncidentStatus("S1", "O1", "Fixing", "live", 1, START, START)],
            "incidents": [
                Incident("I1", "O1", 7, "Sad", "S1", START, START),
                Incident("I2", "O1", 8, "Sadder", "S1", START, START),
            ],
            "postmortem_documents": [],
        },
        services(seed=1, name="test", base_url="http://mock", rate_factor=0.5),
    )


def bring_in(world: World, incident_id: str, title: str) -> PostmortemDocument:
    incident = world.find_incident(world.authenticate("token"), incident_id)
    return world.import_postmortem_document(incident, title, "- text")


def spend(world: World, key: ApiKey, operation_id: str = "", own_limit: int | None = None) -> Spent:
    assert world.budgets is not None
    return world.budgets.spend(key.id, operation_id, own_limit, world.services.clock.seconds())


def main_document(world: World, incident_id: str) -> str | None:
    incident = world.incidents.get(incident_id)
    assert incident is not None
    return incident.main_document


def test_the_first_imported_document_becomes_the_main_one_and_later_ones_do_not(world: World) -> None:
    assert main_document(world, "I1") is None
    first = bring_in(world, "I1", "first")
    second = bring_in(world, "I1", "second")
    other = bring_in(world, "I2", "other")
    assert main_document(world, "I1") == first.id
    assert main_document(world, "I2") == other.id
    assert world.documents.where("incident_id", "I1") == [first, second]


def test_an_import_is_kept_as_sent_and_can_be_read_back_in_canonical_form(world: World) -> None:
    document = bring_in(world, "I1", "Title")
    assert (document.title, document.markdown) == ("Title", "- text")
    assert world.content_of(document) == "# Title\n\n* text\n"


def test_an_import_is_told(world: World) -> None:
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    document = bring_in(world, "I1", "Title")
    assert seen == [Event("postmortem_document.imported", after=document)]


def test_a_document_lives_at_its_organisations_slug_and_its_incidents_number(world: World) -> None:
    document = bring_in(world, "I1", "Title")
    assert world.document_url(document) == (
        f"https://app.incident.io/one/incidents/7/post-mortems/{document.id}"
    )


def test_document_ids_rise(world: World) -> None:
    ids = [bring_in(world, "I1", "Title").id for _ in range(50)]
    assert ids == sorted(set(ids))
    assert {len(drawn) for drawn in ids} == {26}


def test_another_organisations_incident_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.find_incident(world.authenticate("foreign"), "I1")
    with pytest.raises(NotFound):
        world.find_incident(world.authenticate("token"), "i1")


def test_the_first_scope_that_a_key_lacks_is_named(world: World) -> None:
    key = world.authenticate("token")
    world.require_scopes(key, ("some.scope",))
    with pytest.raises(NotPermitted) as refused:
        world.require_scopes(key, ("some.scope", "another", "third"))
    assert refused.value.scope == "another"


def test_an_unknown_token_is_refused(world: World) -> None:
    with pytest.raises(NotAuthenticated):
        world.authenticate("TOKEN")


def test_keys_spend_their_own_allowance_and_a_factor_multiplies_it(world: World) -> None:
    key = world.authenticate("token")
    for _ in range(600):
        spent = spend(world, key)
        assert spent.binding.wait == 0
    refused = spend(world, key)
    assert (refused.binding.limit, refused.binding.wait) == (600, 0.1)
    other = spend(world, world.authenticate("foreign"))
    assert other.binding.remaining == 599


def test_an_operation_with_an_allowance_of_its_own_is_bound_by_whichever_has_least_left(world: World) -> None:
    key = world.authenticate("token")
    first = spend(world, key, "list", 60)
    assert (first.limits, first.binding.limit, first.binding.remaining) == ((600, 30), 30, 29)
    for _ in range(600 - 11):
        spend(world, key)
    second = spend(world, key, "list", 60)
    assert (second.limits, second.binding.limit, second.binding.remaining) == ((600, 30), 600, 9)


def test_an_operations_own_allowance_refuses_that_operation_only(world: World) -> None:
    key = world.authenticate("token")
    waits = [spend(world, key, "list", 60).binding.wait for _ in range(31)]
    assert waits == [0] * 30 + [2]
    for spent in (
        spend(world, key),
        spend(world, key, "other", 60),
        spend(world, world.authenticate("foreign"), "list", 60),
    ):
        assert spent.binding.wait == 0


@pytest.mark.parametrize(
    "microsecond, fraction",
    [(801578, ".801578"), (720000, ".72"), (600000, ".6"), (0, ""), (10, ".00001")],
)
def test_a_moment_drops_the_zeros_at_the_end_of_its_fraction(microsecond: int, fraction: str) -> None:
    assert (
        wire.moment(datetime(2021, 8, 17, 13, 20, 0, microsecond, UTC)) == f"2021-08-17T13:20:00{fraction}Z"
    )
