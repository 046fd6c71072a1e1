"""What other people have on a deployment of OnCall that laws share with them; nothing on a mock of our own."""

from __future__ import annotations

from typing import Any

from contract_tests.grafana_oncall.client import GROUPS, NOTES, USERS, OnCall


def _user(arguments: dict[str, Any]) -> OnCall:
    return next(value for value in arguments.values() if isinstance(value, OnCall))


def others_in_the_group(arguments: dict[str, Any]) -> object | None:
    """Their postmortems of the user's alert group."""
    user = _user(arguments)
    return user.theirs(alert_group_id=user.group)


def others_everywhere(arguments: dict[str, Any]) -> object | None:
    """Their postmortems of all alert groups."""
    return _user(arguments).theirs()


def others_notes(arguments: dict[str, Any]) -> object | None:
    user = _user(arguments)
    created = {address.split("/")[-2] for _, address in user.created}
    return [it for it in user.everything(NOTES) if it["id"] not in created] if user.shared else None


def every_alert_group(arguments: dict[str, Any]) -> object | None:
    """Nobody can create one here: all of them."""
    user = _user(arguments)
    return user.everything(GROUPS) if user.shared else None


def every_user(arguments: dict[str, Any]) -> object | None:
    user = _user(arguments)
    return user.everything(USERS) if user.shared else None
