"""Notes on an alert group, without HTTP: the postmortem page's messages, the engine's resolution notes."""

from __future__ import annotations

from dataclasses import replace

from mockserver.core.errors import NotFound, Refusal
from mockserver.core.events import Event
from mockserver.core.sandbox import Services
from mockserver.providers.grafana_oncall.ids import new_id
from mockserver.providers.grafana_oncall.records import Caller, Note, User
from mockserver.providers.grafana_oncall.tables import (
    BY_GROUP,
    BY_ORGANIZATION,
    Page,
    Tables,
    indexed_page,
)
from mockserver.providers.grafana_oncall.texts import Texts

OWN_SOURCE = "web"


class ForeignSource(Refusal):
    """A note that was written elsewhere, or nobody knows where, is edited there and not here."""


class Notes:
    def __init__(self, tables: Tables, texts: Texts, services: Services) -> None:
        self._tables = tables
        self._texts = texts
        self._services = services

    def find(self, caller: Caller, note_id: str, alert_group_id: str | None) -> Note:
        """The filter of lists applies to single notes too. Raises NotFound, also for other organizations' notes."""
        note = self._tables.messages.get(note_id)
        if (
            note is None
            or self._tables.organization_of(note) != caller.organization
            or (alert_group_id and note.alert_group_id != alert_group_id)
        ):
            raise NotFound
        return note

    def page(self, caller: Caller, alert_group_id: str | None, page: int, size: int) -> Page[Note]:
        """Those of the newest alert group first, those of one group as they were written."""
        index, value = BY_ORGANIZATION, caller.organization
        if alert_group_id:
            if not self._texts.owns_group(caller, alert_group_id):
                return Page([], 0, 1, 1, size)
            index, value = BY_GROUP, alert_group_id
        return indexed_page(self._tables.messages, index, value, page, size)

    def create(self, caller: Caller, alert_group_id: str, text: str) -> Note:
        """A user is its author, a service account is not. Raises Invalid."""
        kept = self._texts.new(caller, alert_group_id, text)
        note = Note(
            id=new_id("M", self._services, self._tables.messages),
            alert_group_id=alert_group_id,
            author=caller.id if isinstance(caller, User) else None,
            source=OWN_SOURCE,
            created_at=self._services.clock.now(),
            text=kept,
        )
        self._tables.messages.insert(note)
        self._services.events.emit(Event("note.created", after=note))
        return note

    def update(self, note: Note, text: str | None) -> Note:
        """Only the text ever changes, and without one nothing. Raises Invalid first, then ForeignSource."""
        kept = note.text if text is None else self._texts.changed(text)
        if note.source != OWN_SOURCE:
            raise ForeignSource
        if text is None:
            return note
        updated = replace(note, text=kept)
        self._tables.messages.replace(updated)
        self._services.events.emit(Event("note.updated", before=note, after=updated))
        return updated

    def delete(self, note: Note) -> None:
        """Whatever its source."""
        self._tables.messages.delete(note.id)
        self._services.events.emit(Event("note.deleted", before=note))
