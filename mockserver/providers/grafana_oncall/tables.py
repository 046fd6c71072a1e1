"""Where the records of one sandbox are, by the indexes that lists read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, TypeVar

from mockserver.core.fixtures import FixtureError, Fixtures, fill
from mockserver.core.store import Store, Table
from mockserver.providers.grafana_oncall.records import (
    SOURCES,
    Alert,
    AlertGroup,
    Integration,
    Note,
    Organization,
    Postmortem,
    Route,
    ServiceAccount,
    Silence,
    Team,
    Token,
    User,
)

BY_GROUP = "alert_group_id"
BY_ORGANIZATION = "organization"
BY_INTEGRATION = "integration_id"
BY_ROUTE = "route_id"
BY_TEAM = "team_id"
BY_STATE = "state"
BY_ROOT = "attached_to"
BY_USERNAME = "username"
REFERENCES = {
    ("teams", "organization"): "organizations",
    ("users", "organization"): "organizations",
    ("users", "teams"): "teams",
    ("service_accounts", "organization"): "organizations",
    ("integrations", "organization"): "organizations",
    ("integrations", "team_id"): "teams",
    ("routes", "integration_id"): "integrations",
    ("alert_groups", "organization"): "organizations",
    ("alert_groups", "integration_id"): "integrations",
    ("alert_groups", "route_id"): "routes",
    ("alert_groups", "acknowledged_by"): "users",
    ("alert_groups", "resolved_by"): "users",
    ("alert_groups", "attached_to"): "alert_groups",
    ("alerts", "alert_group_id"): "alert_groups",
    ("postmortems", "alert_group_id"): "alert_groups",
    ("postmortem_messages", "alert_group_id"): "alert_groups",
    ("postmortem_messages", "author"): "users",
}
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One page of a list: `number` counts from 1, `total` is the number of pages, at least 1."""

    records: list[Record]
    count: int
    number: int
    total: int
    size: int


def page_of(count: int, read: Callable[[int, int], list[Record]], page: int, size: int) -> Page[Record]:
    """A page beyond the last is the last. `read` is told offset and limit."""
    total = max(1, ceil(count / size))
    number = min(page, total)
    return Page(read((number - 1) * size, size), count, number, total, size)


def indexed_page(table: Table[Record], index: str, value: Any, page: int, size: int) -> Page[Record]:
    return page_of(
        table.count(index, value), lambda start, most: table.page(index, value, start, most), page, size
    )


class Tables:
    """Alert groups, and whatever belongs to one, come with the newest start first."""

    def __init__(self, fixtures: Fixtures) -> None:
        self.organizations: Table[Organization] = Table(lambda organization: organization.id)
        self.teams: Table[Team] = Table(lambda team: team.id)
        self.users: Table[User] = Table(
            lambda user: user.id,
            indexes={
                BY_ORGANIZATION: lambda user: (user.organization, user.active),
                BY_USERNAME: lambda user: (user.organization, user.active, user.username),
            },
        )
        self.service_accounts: Table[ServiceAccount] = Table(lambda account: account.id)
        self.tokens: Table[Token] = Table(lambda token: token.id)
        self.integrations: Table[Integration] = Table(lambda integration: integration.id)
        self.routes: Table[Route] = Table(lambda route: route.id)
        self.alert_groups: Table[AlertGroup] = Table(
            lambda group: group.id,
            order=lambda group: -group.started_at.timestamp(),
            indexes={
                BY_ORGANIZATION: lambda group: group.organization,
                BY_INTEGRATION: lambda group: (group.organization, group.integration_id),
                BY_ROUTE: lambda group: (group.organization, group.route_id),
                BY_TEAM: lambda group: (group.organization, self.team_of(group)),
                BY_STATE: lambda group: (group.organization, group.state),
                BY_ROOT: lambda group: group.attached_to,
            },
        )
        self.alerts: Table[Alert] = Table(
            lambda alert: alert.id,
            order=lambda alert: alert.created_at,
            indexes={BY_GROUP: lambda alert: alert.alert_group_id},
        )
        self.silences: Table[Silence] = Table(lambda silence: silence.id, order=lambda silence: silence.until)
        self.postmortems: Table[Postmortem] = self._belonging_to_groups()
        self.messages: Table[Note] = self._belonging_to_groups()
        filled: dict[str, Table[Any]] = {
            "organizations": self.organizations,
            "teams": self.teams,
            "users": self.users,
            "service_accounts": self.service_accounts,
            "integrations": self.integrations,
            "routes": self.routes,
            "alert_groups": self.alert_groups,
            "alerts": self.alerts,
            "postmortems": self.postmortems,
            "postmortem_messages": self.messages,
        }
        self.store = Store({**filled, "tokens": self.tokens, "silences": self.silences})
        fill(filled, {name: fixtures.get(name, ()) for name in filled}, REFERENCES)
        for position, message in enumerate(fixtures.get("postmortem_messages", ())):
            if message.source is not None and message.source not in SOURCES:
                raise FixtureError(
                    "postmortem_messages", position, "source", f"is none of {', '.join(SOURCES)}"
                )
        self._fill_tokens(fixtures)
        for group in self.alert_groups:
            if group.silenced_at and group.silenced_until:
                self.silences.insert(Silence(group.id, group.silenced_until))

    def _fill_tokens(self, fixtures: Fixtures) -> None:
        for collection in ("users", "service_accounts"):
            for position, caller in enumerate(fixtures.get(collection, ())):
                for token in caller.tokens:
                    if self.tokens.get(token) is not None:
                        raise FixtureError(collection, position, "tokens", "a token is given twice")
                    self.tokens.insert(Token(token, caller))

    def group_of(self, record: Postmortem | Note) -> AlertGroup:
        group = self.alert_groups.get(record.alert_group_id)
        if group is None:
            raise KeyError(record.alert_group_id)
        return group

    def team_of(self, group: AlertGroup) -> str | None:
        """A group is the team's whose integration it came through."""
        integration = self.integrations.get(group.integration_id) if group.integration_id else None
        return integration.team_id if integration else None

    def _belonging_to_groups(self) -> Table[Any]:
        return Table(
            lambda record: record.id,
            order=lambda record: -self.group_of(record).started_at.timestamp(),
            indexes={
                BY_GROUP: lambda record: record.alert_group_id,
                BY_ORGANIZATION: lambda record: self.group_of(record).organization,
            },
        )
