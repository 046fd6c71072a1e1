"""Opening an incident."""

from __future__ import annotations

import re
from datetime import datetime

from mockserver.core.errors import Breach, Invalid
from mockserver.core.events import Event
from mockserver.providers.incident_io.incidents import properties, statuses
from mockserver.providers.incident_io.incidents.properties import Payload
from mockserver.providers.incident_io.incidents.tables import BY_KEY, BY_NUMBER
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import ApiKey, Incident, IncidentUpdate

COLOURS = (
    "amber",
    "azure",
    "coral",
    "green",
    "indigo",
    "ivory",
    "ochre",
    "olive",
    "russet",
    "silver",
    "teal",
)
ANIMALS = (
    "badger",
    "falcon",
    "gecko",
    "heron",
    "ibex",
    "lynx",
    "marten",
    "newt",
    "ostrich",
    "otter",
    "parrot",
)
LONGEST_CHANNEL = 80
CHANNEL_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def create(world: World, api_key: ApiKey, payload: Payload) -> Incident:
    """A new incident, or the one that the same idempotency key opened before. Raises Invalid."""
    organisation, key = api_key.organisation, payload["idempotency_key"]
    before = world.incidents.where(BY_KEY, (organisation, key))
    if before:
        return before[0]
    incident = _incident(world, api_key, payload)
    world.incidents.insert(incident)
    if payload.get("retrospective_incident_options", {}).get("external_id") is None:
        world.number_taken(incident)
    world.updates.insert(
        IncidentUpdate(
            id=world.new_id(world.updates),
            incident_id=incident.id,
            status=incident.status,
            severity=incident.severity,
            created_at=incident.created_at,
            created_with=api_key.id,
        )
    )
    world.services.events.emit(Event("incident.created", after=incident))
    return incident


def _incident(world: World, api_key: ApiKey, payload: Payload) -> Incident:
    organisation, catalog, found = api_key.organisation, world.catalog, list[Breach]()
    severity = properties.known(
        catalog.severities, "severity", organisation, payload, "severity_id", (), found
    )
    type_ = properties.known(
        catalog.types, "incident type", organisation, payload, "incident_type_id", (), found
    ) or catalog.default_type(organisation)
    status = properties.known(
        catalog.statuses, "incident status", organisation, payload, "incident_status_id", (), found
    ) or catalog.first_status(organisation, type_)
    values = properties.field_values(world, organisation, payload, (), found)
    roles = properties.assignments(world, organisation, payload, (), found)
    times = properties.timestamps(world, organisation, payload, (), found)
    if status is None:
        found.append(Breach(("incident_status_id",), "exists", "", "incident status"))
    elif not payload.get("severity_id") and status.category != "triage":
        found.append(Breach(("severity_id",), "severity-required"))
    options = payload.get("retrospective_incident_options", {})
    number = options.get("external_id")
    if number is not None and world.incidents.count(BY_NUMBER, (organisation, number)):
        found.append(
            Breach(("retrospective_incident_options", "external_id"), "taken", number, f"INC-{number}")
        )
    if found or status is None:
        raise Invalid(found)
    now, mode = world.services.clock.now(), payload.get("mode", "standard")
    name = payload.get("name") or _name(world)
    incident = Incident(
        id=world.new_id(world.incidents),
        organisation=organisation,
        number=_next_number(world, organisation) if number is None else number,
        name=name,
        status=status.id,
        created_at=now,
        updated_at=now,
        summary=payload.get("summary"),
        severity=severity.id if severity is not None else None,
        incident_type=type_.id if type_ is not None else None,
        mode=mode,
        visibility=payload["visibility"],
        created_with=api_key.id,
        slack_team_id=payload.get("slack_team_id") or world.organisation(organisation).slack_team_id,
        slack_channel_id=_channel_id(world, mode, options.get("slack_channel_id")),
        slack_channel_name=payload.get("slack_channel_name_override") or _channel_name(mode, name, now),
        roles=properties.merged_assignments((), _with_lead(world, organisation, roles)),
        field_values=properties.merged_values((), values),
        timestamps=properties.merged_timestamps((), times),
        retrospective_document_url=options.get("postmortem_document_url"),
        idempotency_key=payload["idempotency_key"],
    )
    return statuses.stamped(catalog, incident, now, "Reported at")


def _with_lead(world: World, organisation: str, given: dict[str, str | None]) -> dict[str, str | None]:
    """Whoever reports an incident leads it, too, unless somebody else is named. A key is nobody who could."""
    lead, reporter = (world.catalog.role(organisation, role_type) for role_type in ("lead", "reporter"))
    if lead is not None and reporter is not None and lead.id not in given and given.get(reporter.id):
        return {**given, lead.id: given[reporter.id]}
    return given


def _next_number(world: World, organisation: str) -> int:
    number = (world.organisation(organisation).last_number or 0) + 1
    while world.incidents.count(BY_NUMBER, (organisation, number)):
        number += 1
    return number


def _name(world: World) -> str:
    colour, animal = world.services.ids.octets(2)
    return f"{COLOURS[colour % len(COLOURS)]}-{ANIMALS[animal % len(ANIMALS)]}"


def _channel_id(world: World, mode: str, given: str | None) -> str:
    """A retrospective incident has the channel that it is given, or none."""
    if mode == "retrospective":
        return given or ""
    return f"C{world.services.ids.letters(CHANNEL_ALPHABET, 10)}"


def _channel_name(mode: str, name: str, now: datetime) -> str | None:
    if mode == "retrospective":
        return None
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"inc-{now.date().isoformat()}-{slug}"[:LONGEST_CHANNEL].rstrip("-")
