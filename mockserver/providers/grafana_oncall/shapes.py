"""Records as JSON: the postmortem page's shapes, and the engine's own for what is still served."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mockserver.providers.grafana_oncall.groups import AlertGroups
from mockserver.providers.grafana_oncall.records import SOURCES, Alert, AlertGroup, Note, Postmortem, User


def moment(value: datetime) -> str:
    """UTC with microseconds, which are left out when they are zero."""
    return value.isoformat().replace("+00:00", "Z")


def _moment(value: datetime | None) -> str | None:
    return None if value is None else moment(value)


def postmortem(value: Postmortem) -> dict[str, Any]:
    """As creating and updating answer it."""
    return {
        "id": value.id,
        "alert_group_id": value.alert_group_id,
        "created_at": moment(value.created_at),
        "text": value.text,
    }


def postmortem_with_messages(value: Postmortem, messages: Sequence[Note]) -> dict[str, Any]:
    """As getting and listing answer it."""
    return {**postmortem(value), "postmortem_messages": [message(one) for one in messages]}


def message(value: Note) -> dict[str, Any]:
    """A note with its source in the page's words."""
    return {
        "id": value.id,
        "alert_group_id": value.alert_group_id,
        "author": value.author,
        "source": value.source,
        "created_at": moment(value.created_at),
        "text": value.text,
    }


def resolution_note(value: Note) -> dict[str, Any]:
    """A note with its source in the engine's words."""
    return {**message(value), "source": SOURCES[value.source] if value.source else None}


def alert_group(value: AlertGroup, groups: AlertGroups) -> dict[str, Any]:
    count, last = groups.alerts_of(value)
    return {
        "id": value.id,
        "integration_id": value.integration_id,
        "team_id": groups.team_of(value),
        "route_id": value.route_id,
        "alerts_count": count,
        "state": "firing" if value.state == "new" else value.state,
        "created_at": moment(value.started_at),
        "resolved_at": _moment(value.resolved_at),
        "resolved_by": value.resolved_by,
        "acknowledged_at": _moment(value.acknowledged_at),
        "acknowledged_by": value.acknowledged_by,
        "labels": [_label(*label.split(":", 1)) for label in value.labels],
        "title": value.title,
        "permalinks": {
            "slack": None,
            "slack_app": None,
            "telegram": None,
            "web": groups.address_of(value),
        },
        "silenced_at": _moment(value.silenced_at),
        "last_alert": None if last is None else _alert(last),
    }


def _label(key: str, name: str = "") -> dict[str, Any]:
    return {"key": {"id": key, "name": key}, "value": {"id": name, "name": name}}


def _alert(value: Alert) -> dict[str, Any]:
    return {
        "id": value.id,
        "alert_group_id": value.alert_group_id,
        "created_at": moment(value.created_at),
        "payload": value.payload,
    }


def user(value: User) -> dict[str, Any]:
    slack = {"user_id": value.slack_user_id, "team_id": value.slack_team_id}
    return {
        "id": value.id,
        "email": value.email or "",
        "slack": [slack] if value.slack_user_id else [],
        "username": value.username,
        "role": value.role,
        "is_phone_number_verified": value.phone_verified,
        "timezone": value.timezone,
        "teams": list(value.teams),
    }


def short_user(value: User) -> dict[str, Any]:
    whole = user(value)
    return {name: whole[name] for name in ("id", "email", "username", "role", "is_phone_number_verified")}
