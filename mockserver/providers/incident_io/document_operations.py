"""The operations of postmortem documents."""

from __future__ import annotations

from mockserver.core.exchange import Answer
from mockserver.providers.incident_io import documents, wire
from mockserver.providers.incident_io.checks import IncidentVisit


def list_documents(visit: IncidentVisit) -> Answer:
    query = visit.query
    found = documents.list_documents(
        visit.world,
        visit.api_key,
        incident_id=query["incident_id"],
        sort_by=query["sort_by"],
        after=query["after"],
        limit=query["page_size"] + 1,
    )
    records, meta = wire.page(found, query["page_size"])
    return wire.many(visit, "postmortem_documents", visit.world.views.documents, records, meta)


def show_document(visit: IncidentVisit) -> Answer:
    return wire.one(visit, 200, "postmortem_document", visit.world.views.documents, visit.document)


def show_content(visit: IncidentVisit) -> Answer:
    return wire.answer(visit, 200, {"markdown": documents.content_of(visit.world, visit.document)})


def update_status(visit: IncidentVisit) -> Answer:
    document = documents.update_status(visit.world, visit.document, visit.payload["status"])
    return wire.one(visit, 200, "postmortem_document", visit.world.views.documents, document)


def attach(visit: IncidentVisit) -> Answer:
    """`document_provider` is informational: nothing is made of it."""
    incident = visit.world.find_incident(visit.api_key, visit.payload["incident_id"])
    document = documents.attach(visit.world, incident, visit.payload["permalink"])
    return wire.one(visit, 201, "postmortem_document", visit.world.views.documents, document)


FUNCTIONS = {
    "PostmortemDocuments V1_List": list_documents,
    "PostmortemDocuments V1_Show": show_document,
    "PostmortemDocuments V1_ShowContent": show_content,
    "PostmortemDocuments V1_UpdateStatus": update_status,
    "PostmortemDocuments V1_Attach": attach,
}
