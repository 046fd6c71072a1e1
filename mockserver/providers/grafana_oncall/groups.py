"""Alert groups, without HTTP: finding, listing, deleting. What actions do to one is in `actions`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mockserver.core.errors import NotFound
from mockserver.core.events import Event
from mockserver.core.sandbox import Services
from mockserver.providers.grafana_oncall.actions import Actions
from mockserver.providers.grafana_oncall.records import Alert, AlertGroup, Caller
from mockserver.providers.grafana_oncall.tables import (
    BY_GROUP,
    BY_INTEGRATION,
    BY_ORGANIZATION,
    BY_ROOT,
    BY_ROUTE,
    BY_STATE,
    BY_TEAM,
    Page,
    Tables,
    indexed_page,
    page_of,
)


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """What a list asks for; None asks for nothing. `no_team` asks for groups that belong to no team."""

    id: str | None = None
    integration_id: str | None = None
    route_id: str | None = None
    team_id: str | None = None
    no_team: bool = False
    state: str | None = None
    started: tuple[datetime, datetime] | None = None
    labels: tuple[str, ...] = ()

    def fields(self) -> Mapping[str, str | None]:
        """The values that an index knows, by index."""
        asked = {BY_INTEGRATION: self.integration_id, BY_ROUTE: self.route_id, BY_STATE: self.state}
        fields = {index: value for index, value in asked.items() if value is not None}
        return {**fields, BY_TEAM: self.team_id} if self.no_team or self.team_id is not None else fields

    def lets_pass(self, group: AlertGroup) -> bool:
        """What no index knows."""
        first, last = self.started or (group.started_at, group.started_at)
        return (
            (self.id is None or group.id == self.id)
            and first <= group.started_at <= last
            and set(self.labels) <= set(group.labels)
        )


class AlertGroups:
    def __init__(self, tables: Tables, services: Services) -> None:
        self._tables = tables
        self._services = services
        self.actions = Actions(tables, services)

    def find(self, caller: Caller, group_id: str) -> AlertGroup:
        """Raises NotFound, also for other organizations' groups."""
        self.actions.end_silences()
        group = self._tables.alert_groups.get(group_id)
        if group is None or group.organization != caller.organization:
            raise NotFound
        return group

    def page(self, caller: Caller, wanted: GroupFilter, page: int, size: int) -> Page[AlertGroup]:
        """Newest start first. One field is read off its index; for several there is one once they were asked for."""
        self.actions.end_silences()
        groups, organization = self._tables.alert_groups, caller.organization
        if wanted.id is not None:
            one = groups.get(wanted.id)
            found = [one] if one is not None and self._passes(one, organization, wanted) else []
            return page_of(len(found), lambda start, most: found[start : start + most], page, size)
        asked = {index: (organization, value) for index, value in wanted.fields().items()}
        index: Hashable
        value: Hashable
        if wanted.started or wanted.labels or len(asked) > 1:
            index, value = (
                groups.select(
                    (organization, wanted), lambda group: self._passes(group, organization, wanted)
                ),
                True,
            )
        else:
            index, value = next(iter(asked.items()), (BY_ORGANIZATION, organization))
        return indexed_page(groups, index, value, page, size)

    def _passes(self, group: AlertGroup, organization: str, wanted: GroupFilter) -> bool:
        return group.organization == organization and wanted.lets_pass(group) and self._has(group, wanted)

    def _has(self, group: AlertGroup, wanted: GroupFilter) -> bool:
        team = self._tables.team_of(group)
        values = {BY_INTEGRATION: group.integration_id, BY_ROUTE: group.route_id, BY_STATE: group.state}
        return all({**values, BY_TEAM: team}[index] == value for index, value in wanted.fields().items())

    def knows_team(self, caller: Caller, team_id: str) -> bool:
        team = self._tables.teams.get(team_id)
        return team is not None and team.organization == caller.organization

    def team_of(self, group: AlertGroup) -> str | None:
        return self._tables.team_of(group)

    def alerts_of(self, group: AlertGroup) -> tuple[int, Alert | None]:
        """How many, and the last."""
        count = self._tables.alerts.count(BY_GROUP, group.id)
        return count, self._tables.alerts.page(BY_GROUP, group.id, count - 1, 1)[0] if count else None

    def address_of(self, group: AlertGroup) -> str:
        organization = self._tables.organizations.get(group.organization)
        start = organization.grafana_url if organization else ""
        return f"{start}/a/grafana-oncall-app/alert-groups/{group.id}"

    def wipe(self, group: AlertGroup) -> AlertGroup:
        """Resolves it and forgets what it was about; notes and postmortems stay."""
        for alert in self._tables.alerts.where(BY_GROUP, group.id):
            self._tables.alerts.replace(replace(alert, payload={}))
        return self.actions.change(
            group,
            title=None,
            resolved_at=group.resolved_at or self._services.clock.now(),
            silenced_at=None,
            silenced_until=None,
        )

    def delete(self, group: AlertGroup) -> None:
        """With everything that belongs to it. Groups that were attached to it stand on their own again."""
        tables = self._tables
        for attached in tables.alert_groups.where(BY_ROOT, group.id):
            self.actions.change(attached, attached_to=None)
        for belonging in (tables.alerts, tables.messages, tables.postmortems):
            for record in belonging.where(BY_GROUP, group.id):
                belonging.delete(record.id)
        if tables.silences.get(group.id) is not None:
            tables.silences.delete(group.id)
        tables.alert_groups.delete(group.id)
        self._services.events.emit(Event("alert_group.deleted", before=group))
