"""Where the records of one sandbox are, by the indexes that lists read."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil
from operator import attrgetter
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


def indexed_page(table: Table[Record], index: Hashable, value: Any, page: int, size: int) -> Page[Record]:
    return page_of(
        table.count(index, value), lambda start, most: table.page(index, value, start, most), page, size
    )


class Tables:
    """Alert groups, and whatever belongs to one, come with the newest start first."""

    def __init__(self, fixtures: Fixtures) -> None:
        self.organizations: Table[Organization] = Table()
        self.teams: Table[Team] = Table()
        self.users: Table[User] = Table(
            indexes={
                BY_ORGANIZATION: attrgetter("organization", "active"),
                BY_USERNAME: attrgetter("organization", "active", "username"),
            },
        )
        self.service_accounts: Table[ServiceAccount] = Table()
        self.tokens: Table[Token] = Table()
        self.integrations: Table[Integration] = Table()
        self.routes: Table[Route] = Table()
        self.alert_groups: Table[AlertGroup] = Table(
            order=lambda group: -group.started_at.timestamp(),
            indexes={
                BY_ORGANIZATION: attrgetter("organization"),
                BY_INTEGRATION: attrgetter("organization", "integration_id"),
                BY_ROUTE: attrgetter("organization", "route_id"),
                BY_TEAM: lambda group: (group.organization, self.team_of(group)),
                BY_STATE: attrgetter("organization", "state"),
                BY_ROOT: attrgetter("attached_to"),
            },
        )
        self.alerts: Table[Alert] = Table(
            order=attrgetter("created_at"),
            indexes={BY_GROUP: attrgetter("alert_group_id")},
        )
        self.silences: Table[Silence] = Table(order=attrgetter("until"))
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

    def team_of(self, group: AlertGroup) -> str | None:
        """A group is the team's whose integration it came through."""
        integration = self.integrations.get(group.integration_id) if group.integration_id else None
        return integration.team_id if integration else None

    def organization_of(self, record: Postmortem | Note) -> str:
        group = self.alert_groups.get(record.alert_group_id)
        if group is None:
            raise KeyError(record.alert_group_id)
        return group.organization

    def _newest_start_first(self, record: Postmortem | Note) -> float:
        group = self.alert_groups.get(record.alert_group_id)
        if group is None:
            raise KeyError(record.alert_group_id)
        return -group.started_at.timestamp()

    def _belonging_to_groups(self) -> Table[Any]:
        return Table(
            order=self._newest_start_first,
            indexes={
                BY_GROUP: attrgetter("alert_group_id"),
                BY_ORGANIZATION: self.organization_of,
            },
        )
