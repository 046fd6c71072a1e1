"""Grafana OnCall's rules, without HTTP: whose call it is, how often they may call, and postmortems.

Sources: the page "Postmortem HTTP API", and where it is silent, resolution notes as a running engine answers them,
which are the same objects under their later name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.core.errors import NotAuthenticated, NotFound, Refusal, Throttled
from mockserver.core.events import Event
from mockserver.core.fixtures import Fixtures
from mockserver.core.rate import SlidingLog
from mockserver.core.sandbox import Services
from mockserver.providers.grafana_oncall.groups import AlertGroups
from mockserver.providers.grafana_oncall.ids import new_id
from mockserver.providers.grafana_oncall.notes import Notes
from mockserver.providers.grafana_oncall.people import People
from mockserver.providers.grafana_oncall.records import Caller, Note, Postmortem
from mockserver.providers.grafana_oncall.tables import (
    BY_GROUP,
    BY_ORGANIZATION,
    Page,
    Tables,
    indexed_page,
)
from mockserver.providers.grafana_oncall.texts import Texts

if TYPE_CHECKING:
    from mockserver.providers.grafana_oncall.views import Views

REQUESTS_PER_MINUTE = 300


class OrganizationGone(Refusal):
    """The token is good, and what it was for is no more."""


class World:
    """Every organization of one sandbox. `store` holds the tables; `views` tell of their records, where the world was
    built to be served."""

    views: Views

    def __init__(self, fixtures: Fixtures, services: Services) -> None:
        self.services = services
        self.tables = Tables(fixtures)
        self.store = self.tables.store
        self.texts = Texts(self.tables)
        self.notes = Notes(self.tables, self.texts, services)
        self.groups = AlertGroups(self.tables, services)
        self.people = People(self.tables)
        factor = services.rate_factor
        self.budgets = None if factor is None else SlidingLog(max(1, round(REQUESTS_PER_MINUTE * factor)), 60)

    def callers(self) -> dict[str, str]:
        """Whose each token is, known and refused ones too."""
        return {token.id: token.caller.id for token in self.tables.tokens}

    def authenticate(self, token: str) -> Caller:
        """Raises NotAuthenticated for an unknown token and an inactive user, OrganizationGone for a deleted one's."""
        known = self.tables.tokens.get(token)
        if known is None:
            raise NotAuthenticated("unknown")
        caller = known.caller
        if not caller.active:
            raise NotAuthenticated("inactive")
        organization = self.tables.organizations.get(caller.organization)
        if organization is not None and organization.deleted:
            raise OrganizationGone
        return caller

    def throttle(self, caller: Caller) -> None:
        """300 requests a minute and caller, over all endpoints; raises Throttled."""
        if self.budgets is not None:
            wait = self.budgets.take(caller.id, self.services.clock.seconds())
            if wait > 0:
                raise Throttled(wait)

    def find_postmortem(self, caller: Caller, postmortem_id: str, alert_group_id: str | None) -> Postmortem:
        """The filter of lists applies to single objects too. Raises NotFound, also for other organizations' objects."""
        postmortem = self.tables.postmortems.get(postmortem_id)
        if (
            postmortem is None
            or self.tables.organization_of(postmortem) != caller.organization
            or (alert_group_id and postmortem.alert_group_id != alert_group_id)
        ):
            raise NotFound
        return postmortem

    def list_postmortems(
        self, caller: Caller, alert_group_id: str | None, page: int, per_page: int
    ) -> Page[Postmortem]:
        """Newest alert group first; a page beyond the last is the last."""
        index, value = BY_ORGANIZATION, caller.organization
        if alert_group_id:
            if not self.texts.owns_group(caller, alert_group_id):
                return Page([], 0, 1, 1, per_page)
            index, value = BY_GROUP, alert_group_id
        return indexed_page(self.tables.postmortems, index, value, page, per_page)

    def messages_of(self, postmortem: Postmortem) -> list[Note]:
        return self.tables.messages.where(BY_GROUP, postmortem.alert_group_id)

    def create_postmortem(self, caller: Caller, alert_group_id: str, text: str) -> Postmortem:
        """Raises Invalid where the group is not one of the caller's organization or the text is no text to keep."""
        kept = self.texts.new(caller, alert_group_id, text)
        postmortem = Postmortem(
            id=new_id("P", self.services, self.tables.postmortems),
            alert_group_id=alert_group_id,
            created_at=self.services.clock.now(),
            text=kept,
        )
        self.tables.postmortems.insert(postmortem)
        self.services.events.emit(Event("postmortem.created", after=postmortem))
        return postmortem

    def update_postmortem(self, postmortem: Postmortem, text: str) -> Postmortem:
        """Only the text ever changes; white space at both ends goes."""
        updated = replace(postmortem, text=self.texts.changed(text))
        self.tables.postmortems.replace(updated)
        self.services.events.emit(Event("postmortem.updated", before=postmortem, after=updated))
        return updated

    def delete_postmortem(self, postmortem: Postmortem) -> None:
        self.tables.postmortems.delete(postmortem.id)
        self.services.events.emit(Event("postmortem.deleted", before=postmortem))
