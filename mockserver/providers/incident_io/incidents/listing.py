"""Pages of incidents, of updates, and single incidents."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from mockserver.core.errors import NotFound
from mockserver.core.indexes import Selection
from mockserver.providers.incident_io.incidents import filters
from mockserver.providers.incident_io.incidents.tables import (
    BY_INCIDENT,
    BY_LISTED,
    BY_NUMBER,
    BY_ORGANISATION,
)
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import ApiKey, Incident, IncidentUpdate

PLAIN = ("status", "status_category", "severity", "incident_type", "mode")


def list_incidents(
    world: World, api_key: ApiKey, query: Mapping[str, Any], limit: int
) -> tuple[list[Incident], int]:
    """Up to `limit` incidents after `query["after"]`, and how many pass in all. Raises Invalid.

    With one plain filter or none, an index has the answer; for everything else one is made when it is first asked for.
    """
    asked = filters.given(query)
    backwards = query["sort_by"] == "created_at_newest_first"
    indexed = _index_for(asked, api_key.organisation)
    index, values = indexed or (_selection(world, api_key.organisation, query, asked), [True])
    last = world.incidents.get(query["after"] or "")
    foreign = last is not None and last.organisation != api_key.organisation
    page = (
        []
        if foreign
        else world.incidents.page_after(index, values, query["after"], limit, backwards=backwards)
    )
    return page, sum(world.incidents.count(index, value) for value in values)


def _selection(
    world: World, organisation: str, query: Mapping[str, Any], asked: Sequence[filters.Given]
) -> Selection:
    shown = filters.base(query, world.catalog)
    passes = filters.test_of(asked, query["filter_mode"], world.catalog)
    words = tuple((*where, tuple(values)) for *where, values in asked)
    return world.incidents.select(
        (organisation, query["filter_mode"], words),
        lambda incident: incident.organisation == organisation and shown(incident) and passes(incident),
    )


def _index_for(asked: Sequence[filters.Given], organisation: str) -> tuple[Hashable, list[Hashable]] | None:
    if not asked:
        return BY_LISTED, [(organisation, True)]
    field, _, operator, values = asked[0]
    if len(asked) > 1 or field not in PLAIN or operator != "one_of":
        return None
    return field, [(organisation, True, value) for value in dict.fromkeys(values)]


def find_incident(world: World, api_key: ApiKey, id_or_number: str) -> Incident:
    """By its id, or by the number in its reference. Raises NotFound."""
    if id_or_number.isascii() and id_or_number.isdigit() and len(id_or_number) < 20:
        found = world.incidents.where(BY_NUMBER, (api_key.organisation, int(id_or_number)))
        if found:
            return found[0]
        raise NotFound
    return world.find_incident(api_key, id_or_number)


def list_updates(
    world: World, api_key: ApiKey, incident_id: str | None, after: str | None, limit: int
) -> list[IncidentUpdate]:
    """The organisation's updates, or those of one incident: none, if there is no such incident."""
    if incident_id is None:
        return world.updates.page_after(BY_ORGANISATION, [api_key.organisation], after, limit)
    incident = world.incidents.get(incident_id)
    if incident is None or incident.organisation != api_key.organisation:
        return []
    return world.updates.page_after(BY_INCIDENT, [incident_id], after, limit)
