"""Incidents and updates as the vendor's JSON."""

from __future__ import annotations

from typing import Any

from mockserver.providers.incident_io.catalog import wire as catalog_wire
from mockserver.providers.incident_io.catalog.records import CustomField
from mockserver.providers.incident_io.catalog.tables import of
from mockserver.providers.incident_io.model import BY_INCIDENT, World
from mockserver.providers.incident_io.records import FieldValue, Incident, IncidentUpdate
from mockserver.providers.incident_io.wire import moment, present
from mockserver.providers.incident_io.wire import user as user_json


def incident(world: World, record: Incident) -> dict[str, Any]:
    """Every role, timestamp and custom field of the organisation is there, with or without a value."""
    catalog, organisation = world.catalog, record.organisation
    channel = record.slack_channel_id or None
    documents = [document.id for document in world.documents.where(BY_INCIDENT, record.id)]
    return present(
        id=record.id,
        reference=f"INC-{record.number}",
        name=record.name,
        summary=record.summary,
        mode=record.mode,
        visibility=record.visibility,
        permalink=world.permalink(record),
        creator=actor(world, record),
        incident_status=_configured(catalog.statuses.get(record.status)),
        severity=_configured(catalog.severities.get(record.severity)) if record.severity else None,
        incident_type=_configured(catalog.types.get(record.incident_type)) if record.incident_type else None,
        incident_role_assignments=_assignments(world, record),
        incident_timestamp_values=_timestamps(world, record),
        custom_field_entries=[
            _entry(world, field, record) for field in of(catalog.custom_fields, organisation)
        ],
        call_url=record.call_url,
        has_debrief=False,
        postmortem_document_ids=documents,
        postmortem_document_url=_document_url(world, record),
        slack_channel_id=record.slack_channel_id,
        slack_channel_name=record.slack_channel_name,
        slack_channel_url=channel
        and f"https://slack.com/app_redirect?team={record.slack_team_id}&channel={channel}",
        slack_team_id=record.slack_team_id,
        team_ids=[],
        created_at=moment(record.created_at),
        updated_at=moment(record.updated_at),
        last_activity_at=moment(record.updated_at),
    )


def update(world: World, record: IncidentUpdate) -> dict[str, Any]:
    catalog = world.catalog
    return present(
        id=record.id,
        incident_id=record.incident_id,
        message=record.message,
        new_incident_status=_configured(catalog.statuses.get(record.status)),
        new_severity=_configured(catalog.severities.get(record.severity)) if record.severity else None,
        updater=actor(world, record),
        created_at=moment(record.created_at),
    )


def actor(world: World, record: Incident | IncidentUpdate) -> dict[str, Any]:
    """Who it was: a user or an API key."""
    user = world.people.users.get(record.created_by) if record.created_by else None
    if user is not None:
        return {"user": user_json(user)}
    api_key = world.api_keys.get(record.created_with) if record.created_with else None
    return {"api_key": {"id": api_key.id, "name": api_key.name}} if api_key is not None else {}


def _configured(record: Any) -> dict[str, Any] | None:
    return catalog_wire.item(record) if record is not None else None


def _assignments(world: World, record: Incident) -> list[dict[str, Any]]:
    found = []
    for role in of(world.catalog.roles, record.organisation):
        users = [world.people.users.get(item.user) for item in record.roles if item.role == role.id]
        shown = catalog_wire.embedded_role(role)
        for user in users or [None]:
            found.append(present(role=shown, assignee=user_json(user) if user is not None else None))
    return found


def _timestamps(world: World, record: Incident) -> list[dict[str, Any]]:
    values = {item.timestamp: {"value": moment(item.value)} for item in record.timestamps}
    return [
        present(incident_timestamp=catalog_wire.timestamp(timestamp), value=values.get(timestamp.id))
        for timestamp in of(world.catalog.timestamps, record.organisation)
    ]


def _entry(world: World, field: CustomField, record: Incident) -> dict[str, Any]:
    values = [_value(world, item) for item in record.field_values if item.field == field.id]
    return {"custom_field": catalog_wire.type_info(world.catalog, field), "values": values}


def _value(world: World, value: FieldValue) -> dict[str, Any]:
    option = world.catalog.options.get(value.option) if value.option is not None else None
    return present(
        value_option=catalog_wire.option(option) if option is not None else None,
        value_text=value.text,
        value_link=value.link,
        value_numeric=value.numeric,
    )


def _document_url(world: World, record: Incident) -> str | None:
    main = world.documents.get(record.main_document) if record.main_document is not None else None
    return world.document_url(main) if main is not None else record.retrospective_document_url
