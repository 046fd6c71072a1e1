"""incident.io's rules about postmortem documents: listed, read, moved on, attached from elsewhere."""

from __future__ import annotations

from dataclasses import replace

from mockserver.core.errors import Conflict, NotFound
from mockserver.core.events import Event
from mockserver.providers.incident_io.model import BY_INCIDENT, BY_ORGANISATION, BY_TYPE, World
from mockserver.providers.incident_io.records import ApiKey, DocumentStatus, Incident, PostmortemDocument

NEWEST_FIRST = "created_at_newest_first"


def list_documents(
    world: World, api_key: ApiKey, *, incident_id: str | None, sort_by: str, after: str | None, limit: int
) -> list[PostmortemDocument]:
    """An incident that is not there, another organisation's, or named by its number, has no documents; and
    nothing comes after a document that is not there."""
    index, value = BY_ORGANISATION, api_key.organisation
    if incident_id:
        incident = world.incidents.get(incident_id)
        if incident is None or incident.organisation != api_key.organisation:
            return []
        index, value = BY_INCIDENT, incident.id
    if after:
        last = world.documents.get(after)
        if last is None or world.incident_of(last).organisation != api_key.organisation:
            return []
    backwards = sort_by == NEWEST_FIRST
    return world.documents.page_after(index, [value], after or None, limit, backwards=backwards)


def find_document(world: World, api_key: ApiKey, document_id: str) -> PostmortemDocument:
    """Raises NotFound, also for another organisation's document."""
    document = world.documents.get(document_id)
    if document is None or world.organisation_of(document) != api_key.organisation:
        raise NotFound
    return document


def content_of(world: World, document: PostmortemDocument) -> str:
    """Raises NotFound for an external document: its text is with another provider."""
    if document.type == "external":
        raise NotFound
    return world.content_of(document)


def update_status(world: World, document: PostmortemDocument, status: DocumentStatus) -> PostmortemDocument:
    """From any status to any other; the status that it has already changes nothing and is not told."""
    if status == document.status:
        return document
    updated = replace(document, status=status, updated_at=world.services.clock.now())
    world.documents.replace(updated)
    world.services.events.emit(Event("postmortem_document.status_updated", before=document, after=updated))
    return updated


def attach(world: World, incident: Incident, permalink: str) -> PostmortemDocument:
    """The one external document of an incident, made or led elsewhere. Raises Conflict beside an in-app one.

    An external document that was there first can be led elsewhere even if another was imported since.
    """
    now = world.services.clock.now()
    before = next(iter(world.documents.where(BY_TYPE, (incident.id, "external"))), None)
    if before is not None:
        if before.permalink == permalink:
            return before
        after = replace(before, permalink=permalink, updated_at=now)
        world.documents.replace(after)
    elif world.documents.count(BY_TYPE, (incident.id, "in_app")):
        raise Conflict("in-app-document")
    else:
        after = PostmortemDocument(
            id=world.new_id(world.documents),
            incident_id=incident.id,
            title=f"INC-{incident.number}: {incident.name}",
            created_at=now,
            updated_at=now,
            type="external",
            permalink=permalink,
        )
        world.add_document(incident, after)
    world.services.events.emit(Event("postmortem_document.attached", before=before, after=after))
    return after
