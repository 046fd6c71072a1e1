"""What is configured, as the vendor's JSON."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from mockserver.providers.incident_io.catalog.records import (
    CustomField,
    CustomFieldOption,
    IncidentRole,
    IncidentTimestamp,
)
from mockserver.providers.incident_io.catalog.tables import BY_FIELD, Catalog
from mockserver.providers.incident_io.wire import moment


def item(record: Any) -> dict[str, Any]:
    """A configured thing as it stands, without its owner; its times in the vendor's form."""
    shown = {name: getattr(record, name) for name in _names(record.__class__)}
    for name in ("created_at", "updated_at"):
        if name in shown:
            shown[name] = moment(shown[name])
    return shown


def embedded_role(role: IncidentRole) -> dict[str, Any]:
    """A role beside its assignee carries `required` still, which is no longer used."""
    return item(role) | {"required": False}


def timestamp(record: IncidentTimestamp) -> dict[str, Any]:
    return {"id": record.id, "name": record.name, "rank": record.rank}


def option(record: CustomFieldOption) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _names(CustomFieldOption)}


def type_info(catalog: Catalog, field: CustomField) -> dict[str, Any]:
    """A custom field beside its values: with its options, without its times."""
    return {
        "id": field.id,
        "name": field.name,
        "description": field.description,
        "field_type": field.field_type,
        "options": [option(choice) for choice in catalog.options.where(BY_FIELD, field.id)],
    }


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Of everything but the owner: what is configured holds plain values only."""
    return tuple(field.name for field in fields(kind) if field.name != "organisation")
