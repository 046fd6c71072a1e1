"""Grafana OnCall's rules about postmortems, without HTTP.

Sources: the page "Postmortem HTTP API", and where it is silent, resolution notes as a running engine answers them,
which are the same objects under their later name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from mockserver.core.errors import Breach, Invalid, NotAuthenticated, NotFound, Throttled
from mockserver.core.events import Event
from mockserver.core.fixtures import FixtureError, Fixtures, fill
from mockserver.core.jsontext import surrogate
from mockserver.core.rate import SlidingLog
from mockserver.core.sandbox import Services
from mockserver.core.store import Store, Table
from mockserver.providers.grafana_oncall.records import (
    AlertGroup,
    Organization,
    Postmortem,
    PostmortemMessage,
    User,
)

ID_ALPHABET = "ABCDEFGHIJKLMNPQRSTUVWXYZ123456789"
REQUESTS_PER_MINUTE = 300
BY_GROUP = "alert_group_id"
BY_ORGANIZATION = "organization"
GROUP = ("alert_group_id",)
TEXT = ("text",)
REFERENCES = {
    ("users", "organization"): "organizations",
    ("alert_groups", "organization"): "organizations",
    ("postmortems", "alert_group_id"): "alert_groups",
    ("postmortem_messages", "alert_group_id"): "alert_groups",
    ("postmortem_messages", "author"): "users",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: `number` counts from 1, `total` is the number of pages, at least 1."""

    postmortems: list[Postmortem]
    count: int
    number: int
    total: int


class World:
    """Every organization of one sandbox. `store` holds the tables."""

    def __init__(self, fixtures: Fixtures, services: Services) -> None:
        self.services = services
        self.organizations: Table[Organization] = Table(lambda organization: organization.id)
        self.users: Table[User] = Table(lambda user: user.id)
        self.alert_groups: Table[AlertGroup] = Table(lambda group: group.id)
        self.postmortems: Table[Postmortem] = Table(
            lambda postmortem: postmortem.id,
            order=lambda postmortem: -self._group(postmortem).started_at.timestamp(),
            indexes={
                BY_GROUP: lambda postmortem: postmortem.alert_group_id,
                BY_ORGANIZATION: lambda postmortem: self._group(postmortem).organization,
            },
        )
        self.messages: Table[PostmortemMessage] = Table(
            lambda message: message.id, indexes={BY_GROUP: lambda message: message.alert_group_id}
        )
        tables: dict[str, Table[Any]] = {
            "organizations": self.organizations,
            "users": self.users,
            "alert_groups": self.alert_groups,
            "postmortems": self.postmortems,
            "postmortem_messages": self.messages,
        }
        self.store = Store(tables)
        self._user_by_token: dict[str, User] = {}
        fill(tables, fixtures, REFERENCES)
        for position, user in enumerate(fixtures["users"]):
            for token in user.tokens:
                if token in self._user_by_token:
                    raise FixtureError("users", position, "tokens", "a token is given twice")
                self._user_by_token[token] = user
        factor = services.rate_factor
        self._throttle = (
            None if factor is None else SlidingLog(max(1, round(REQUESTS_PER_MINUTE * factor)), 60)
        )

    def authenticate(self, token: str) -> User:
        """Raises NotAuthenticated for an unknown token and for a user who is no longer active."""
        user = self._user_by_token.get(token)
        if user is None:
            raise NotAuthenticated("unknown")
        if not user.active:
            raise NotAuthenticated("inactive")
        return user

    def throttle(self, user: User) -> None:
        """300 requests a minute and user, over all endpoints; raises Throttled."""
        if self._throttle is not None:
            wait = self._throttle.take(user.id, self.services.clock.seconds())
            if wait > 0:
                raise Throttled(wait)

    def find_postmortem(self, user: User, postmortem_id: str, alert_group_id: str | None) -> Postmortem:
        """The filter of lists applies to single objects too. Raises NotFound, also for other organizations' objects."""
        postmortem = self.postmortems.get(postmortem_id)
        if (
            postmortem is None
            or self._group(postmortem).organization != user.organization
            or (alert_group_id and postmortem.alert_group_id != alert_group_id)
        ):
            raise NotFound
        return postmortem

    def list_postmortems(self, user: User, alert_group_id: str | None, page: int, per_page: int) -> Page:
        """Newest alert group first; a page beyond the last is the last."""
        index, value = BY_ORGANIZATION, user.organization
        if alert_group_id:
            if not self._own_group(user, alert_group_id):
                return Page([], 0, 1, 1)
            index, value = BY_GROUP, alert_group_id
        count = self.postmortems.count(index, value)
        total = max(1, ceil(count / per_page))
        number = min(page, total)
        return Page(
            self.postmortems.page(index, value, (number - 1) * per_page, per_page), count, number, total
        )

    def messages_of(self, postmortem: Postmortem) -> list[PostmortemMessage]:
        return self.messages.where(BY_GROUP, postmortem.alert_group_id)

    def breaches_of_new(self, user: User, alert_group_id: object, text: str) -> list[Breach]:
        """Everything that keeps a postmortem with these values from being written."""
        breaches = [] if self._own_group(user, alert_group_id) else [Breach(GROUP, "exists", alert_group_id)]
        return breaches + self.breaches_of_text(text)

    def breaches_of_text(self, text: str) -> list[Breach]:
        """What keeps a text from being written. White space at both ends does not count, and is not kept."""
        text = text.strip()
        if not text:
            return [Breach(TEXT, "blank", text)]
        breaches = []
        if "\x00" in text:
            breaches.append(Breach(TEXT, "null-characters", text))
        lone = surrogate(text)
        if lone is not None:
            breaches.append(Breach(TEXT, "surrogates", text, expected=lone))
        return breaches

    def create_postmortem(self, user: User, alert_group_id: str, text: str) -> Postmortem:
        """Raises Invalid where the group is not one of the user's organization or the text is no text to keep."""
        breaches = self.breaches_of_new(user, alert_group_id, text)
        if breaches:
            raise Invalid(breaches)
        postmortem = Postmortem(
            id="P" + self.services.ids.letters(ID_ALPHABET, 12),
            alert_group_id=alert_group_id,
            created_at=self.services.clock.now(),
            text=text.strip(),
        )
        self.postmortems.insert(postmortem)
        self.services.events.emit(Event("postmortem.created", after=postmortem))
        return postmortem

    def update_postmortem(self, postmortem: Postmortem, text: str) -> Postmortem:
        """Only the text ever changes; white space at both ends goes."""
        breaches = self.breaches_of_text(text)
        if breaches:
            raise Invalid(breaches)
        updated = replace(postmortem, text=text.strip())
        self.postmortems.replace(updated)
        self.services.events.emit(Event("postmortem.updated", before=postmortem, after=updated))
        return updated

    def delete_postmortem(self, postmortem: Postmortem) -> None:
        self.postmortems.delete(postmortem.id)
        self.services.events.emit(Event("postmortem.deleted", before=postmortem))

    def _own_group(self, user: User, alert_group_id: object) -> bool:
        group = self.alert_groups.get(alert_group_id) if isinstance(alert_group_id, str) else None
        return group is not None and group.organization == user.organization

    def _group(self, postmortem: Postmortem) -> AlertGroup:
        group = self.alert_groups.get(postmortem.alert_group_id)
        if group is None:
            raise KeyError(postmortem.alert_group_id)
        return group
