from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mockserver.core.errors import Conflict, NotFound
from mockserver.core.events import Event
from mockserver.core.sandbox import services
from mockserver.providers.incident_io import documents, wire
from mockserver.providers.incident_io.catalog.records import IncidentStatus
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import ApiKey, Incident, Organisation, PostmortemDocument
from tests.steps import steps

START = datetime(2026, 1, 1, tzinfo=UTC)
NEWEST, OLDEST = "created_at_newest_first", "created_at_oldest_first"


def document(id: str, incident_id: str, time: datetime) -> PostmortemDocument:
    return PostmortemDocument(id, incident_id, "Title", time, time)


def make_world(incidents: int = 3, per_incident: int = 0) -> World:
    """Incidents I0, I1, … of organisation O1, IX of O2; documents Dx-n, the higher n the younger, two at a time."""
    return World(
        {
            "organisations": [Organisation("O1", "One", "one"), Organisation("O2", "Two", "two")],
            "api_keys": [ApiKey("K1", "O1", "key", "own"), ApiKey("K2", "O2", "foreign", "foreign")],
            "incident_statuses": [IncidentStatus("live", "O1", "live", "live", 0, START, START)],
            "incidents": [
                *(
                    Incident(f"I{at}", "O1", at + 1, f"Incident {at}", "live", START, START)
                    for at in range(incidents)
                ),
                Incident("IX", "O2", 1, "Foreign", "live", START, START),
            ],
            "postmortem_documents": [
                document(f"D{at}-{nth:06}", f"I{at}", START + timedelta(minutes=nth // 2))
                for nth in range(per_incident)
                for at in range(incidents)
            ],
        },
        services(seed=1, name="test", base_url="http://mock", rate_factor=None),
    )


def listed(world: World, token: str = "own", **query: Any) -> list[str]:
    asked: dict[str, Any] = {"incident_id": None, "sort_by": NEWEST, "after": None, "limit": 25, **query}
    return [found.id for found in documents.list_documents(world, world.authenticate(token), **asked)]


def test_documents_of_one_moment_are_in_the_order_of_their_ids() -> None:
    world = make_world(incidents=1, per_incident=4)
    assert listed(world) == ["D0-000003", "D0-000002", "D0-000001", "D0-000000"]
    assert listed(world, sort_by=OLDEST) == listed(world)[::-1]


@pytest.mark.parametrize("sort_by", [NEWEST, OLDEST])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_pages_of_every_size_show_all_documents_once(sort_by: str, size: int) -> None:
    world = make_world(incidents=1, per_incident=7)
    found: list[str] = []
    while page := listed(
        world, incident_id="I0", sort_by=sort_by, after=found[-1] if found else None, limit=size
    ):
        found += page
    assert found == listed(world, sort_by=sort_by)


def test_a_page_can_follow_a_document_of_another_incident() -> None:
    world = make_world(incidents=2, per_incident=4)
    assert listed(world, incident_id="I0", after="D1-000001") == ["D0-000001", "D0-000000"]


def test_nothing_of_another_organisation_is_found() -> None:
    world = make_world(incidents=1, per_incident=1)
    assert listed(world, "foreign") == listed(world, "foreign", incident_id="I0") == []
    assert listed(world, "foreign", after="D0-000000") == []
    with pytest.raises(NotFound):
        documents.find_document(world, world.authenticate("foreign"), "D0-000000")


def test_a_new_status_is_told_with_what_was_and_what_is_and_the_old_one_is_not() -> None:
    world = make_world(incidents=1, per_incident=2)
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    before = documents.find_document(world, world.authenticate("own"), "D0-000000")
    after = documents.update_status(world, before, "in_review")
    assert documents.update_status(world, after, "in_review") is after
    assert seen == [Event("postmortem_document.status_updated", before=before, after=after)]
    assert after.updated_at == world.services.clock.now()
    assert listed(world) == ["D0-000001", "D0-000000"]


@pytest.mark.parametrize("sort_by", [NEWEST, OLDEST])
@pytest.mark.parametrize("incident", [None, "I5"])
def test_a_page_out_of_a_hundred_thousand_takes_the_steps_of_one_out_of_a_hundred(
    sort_by: str, incident: str | None
) -> None:
    small, large = make_world(10, 10), make_world(10, 10_000)

    def read(world: World) -> Callable[[], list[str]]:
        return lambda: listed(world, incident_id=incident, sort_by=sort_by, after="D5-000005", limit=4)

    assert len(read(small)()) == len(read(large)()) == 4
    assert steps(read(large)) == steps(read(small))


def attached(world: World, incident_id: str, permalink: str) -> PostmortemDocument:
    incident = world.find_incident(world.authenticate("own"), incident_id)
    return documents.attach(world, incident, permalink)


def main_document(world: World, incident_id: str) -> str | None:
    incident = world.incidents.get(incident_id)
    assert incident is not None
    return incident.main_document


def test_the_first_document_that_is_attached_becomes_the_main_one_and_an_import_leaves_it_so() -> None:
    world = make_world()
    link = attached(world, "I0", "https://docs.example/1")
    incident = world.find_incident(world.authenticate("own"), "I0")
    assert main_document(world, "I0") == link.id
    world.import_postmortem_document(incident, "Title", "text")
    assert main_document(world, "I0") == link.id
    assert world.document_url(link) == "https://docs.example/1"


def test_an_attachment_is_told_with_where_it_led_and_leads() -> None:
    world = make_world()
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    first = attached(world, "I0", "https://docs.example/1")
    second = attached(world, "I0", "https://docs.example/2")
    assert attached(world, "I0", "https://docs.example/2") is second
    assert seen == [
        Event("postmortem_document.attached", after=first),
        Event("postmortem_document.attached", before=first, after=second),
    ]


def test_nothing_is_written_or_told_when_an_in_app_document_is_in_the_way() -> None:
    world = make_world(per_incident=1)
    before = world.store.snapshot()
    seen: list[Event] = []
    world.services.events.subscribe(seen.append)
    with pytest.raises(Conflict):
        attached(world, "I0", "https://docs.example/1")
    assert (world.store.snapshot(), seen) == (before, [])


def test_attaching_takes_the_same_steps_beside_a_hundred_thousand() -> None:
    small, large = make_world(10, 10), make_world(10, 10_000)

    def refused(world: World) -> Callable[[], None]:
        def attempt() -> None:
            with pytest.raises(Conflict):
                attached(world, "I5", "https://docs.example/1")

        return attempt

    assert steps(refused(large)) == steps(refused(small))


@pytest.mark.parametrize("found, shown, after", [(0, 0, False), (2, 2, False), (3, 3, False), (4, 3, True)])
def test_a_page_names_its_last_record_only_if_another_follows(found: int, shown: int, after: bool) -> None:
    records = [document(f"D{at}", "I0", START) for at in range(found)]
    page, meta = wire.page(records, 3)
    assert list(page) == records[:shown]
    assert meta == {"page_size": 3} | ({"after": "D2"} if after else {})
