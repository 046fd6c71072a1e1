"""What can be done to an alert group, and what stands against it, without HTTP.

A group that was resolved stays acknowledged beneath: that is why acknowledging it again is refused as such.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mockserver.core.errors import Refusal
from mockserver.core.events import Event
from mockserver.core.indexes import EVERYTHING
from mockserver.core.sandbox import Services
from mockserver.providers.grafana_oncall.records import AlertGroup, Silence
from mockserver.providers.grafana_oncall.tables import BY_ROOT, Tables

FOR_EVER = -1
LONGEST_SILENCE = 10**11  # seconds

OBSTACLES: dict[str, Callable[[AlertGroup], bool]] = {
    "acknowledged": lambda group: group.acknowledged_at is not None,
    "unacknowledged": lambda group: group.acknowledged_at is None,
    "resolved": lambda group: group.resolved_at is not None,
    "unresolved": lambda group: group.resolved_at is None,
    "unsilenced": lambda group: group.silenced_at is None,
    "attached": lambda group: group.attached_to is not None,
    "maintenance": lambda group: group.maintenance,
}
# What stands against each action; the first that applies is told.
REFUSED = {
    "acknowledge": ("acknowledged", "resolved", "attached", "maintenance"),
    "unacknowledge": ("unacknowledged", "resolved", "attached", "maintenance"),
    "resolve": ("resolved", "attached"),
    "unresolve": ("unresolved", "attached", "maintenance"),
    "silence": ("resolved", "acknowledged", "attached"),
    "unsilence": ("unsilenced", "resolved", "acknowledged", "attached"),
}


class Obstacle(Refusal):
    """`verb` is what was asked for, `obstacle` what the group is."""

    def __init__(self, verb: str, obstacle: str) -> None:
        super().__init__(verb, obstacle)
        self.verb = verb
        self.obstacle = obstacle


class BadDelay(Refusal):
    """`missing`, or of no use."""

    def __init__(self, *, missing: bool) -> None:
        super().__init__(missing)
        self.missing = missing


def read_delay(value: object) -> int:
    """Seconds, or FOR_EVER. Raises BadDelay for whatever is no whole number in reach."""
    if value is None:
        raise BadDelay(missing=True)
    if not isinstance(value, int | float | str) or (isinstance(value, float) and not value.is_integer()):
        raise BadDelay(missing=False)
    try:
        delay = int(value)
    except ValueError:
        raise BadDelay(missing=False) from None
    if not FOR_EVER <= delay <= LONGEST_SILENCE:
        raise BadDelay(missing=False)
    return delay


class Actions:
    def __init__(self, tables: Tables, services: Services) -> None:
        self._tables = tables
        self._services = services

    def take(self, verb: str, group: AlertGroup, user_id: str, delay: int = FOR_EVER) -> None:
        """One of the six, on the group and on all that are attached to it. Raises Obstacle."""
        for obstacle in REFUSED[verb]:
            if OBSTACLES[obstacle](group):
                raise Obstacle(verb, obstacle)
        changes = self._changes(verb, user_id, delay)
        self.change(group, **changes)
        for attached in self._tables.alert_groups.where(BY_ROOT, group.id):
            self.change(attached, **changes)

    def _changes(self, verb: str, user_id: str, delay: int) -> dict[str, Any]:
        now = self._services.clock.now()
        unsilenced = {"silenced_at": None, "silenced_until": None}
        unacknowledged = {"acknowledged_at": None, "acknowledged_by": None}
        match verb:
            case "acknowledge":
                return {"acknowledged_at": now, "acknowledged_by": user_id, **unsilenced}
            case "unacknowledge":
                return unacknowledged
            case "resolve":
                return {"resolved_at": now, "resolved_by": user_id, **unsilenced}
            case "unresolve":
                return {"resolved_at": None, "resolved_by": None, **unacknowledged}
            case "silence":
                until = None if delay == FOR_EVER else now + timedelta(seconds=delay)
                return {"silenced_at": now, "silenced_until": until}
            case _:
                return unsilenced

    def change(self, group: AlertGroup, **changes: Any) -> AlertGroup:
        changed = replace(group, **changes)
        self._tables.alert_groups.replace(changed)
        if self._tables.silences.get(group.id) is not None:
            self._tables.silences.delete(group.id)
        if changed.silenced_at is not None and changed.silenced_until is not None:
            self._tables.silences.insert(Silence(group.id, changed.silenced_until))
        self._services.events.emit(Event("alert_group.updated", before=group, after=changed))
        return changed

    def end_silences(self) -> None:
        """Ends those whose time has come. Whoever looks at groups calls this first: there is no clockwork."""
        now = self._services.clock.now()
        while due := self._tables.silences.page(EVERYTHING, None, 0, 1):
            group = self._tables.alert_groups.get(due[0].id)
            if due[0].until > now or group is None:
                return
            self.change(group, silenced_at=None, silenced_until=None)
