"""One function an operation of the document; what each is allowed to rely on, the checks before it have found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.core.exchange import Answer
from mockserver.core.provider import Check, Handler, Operation, Resource
from mockserver.providers.incident_io import checks, document_operations, wire
from mockserver.providers.incident_io.catalog import operations as catalog
from mockserver.providers.incident_io.checks import IncidentVisit
from mockserver.providers.incident_io.follow_ups import operations as follow_ups
from mockserver.providers.incident_io.incidents import operations as incidents
from mockserver.providers.incident_io.people import operations as people


def import_postmortem_document(visit: IncidentVisit) -> Answer:
    document = visit.world.import_postmortem_document(
        visit.incident, visit.payload["title"], visit.payload["content"]
    )
    base_url = visit.world.services.base_url + visit.request.mount
    location = ("Location", f"{base_url}/v1/postmortem_documents/{document.id}")
    return wire.one(visit, 201, "postmortem_document", visit.world.views.documents, document, location)


FUNCTIONS: dict[str, Handler] = {
    "Incidents V2_ImportPostmortemDocument": import_postmortem_document,
    **document_operations.FUNCTIONS,
    **follow_ups.FUNCTIONS,
    **catalog.FUNCTIONS,
    **people.FUNCTIONS,
    **incidents.FUNCTIONS,
}
FINDERS: Mapping[str, Check] = {
    "/v2/incidents/{id}/": checks.find_incident,
    "/v1/postmortem_documents/{id}": checks.find_document,
}


def resource(declared: Sequence[Operation]) -> Resource:
    """The declared operations with their checks; a method that is not declared is no route at all."""
    return Resource(
        {operation.method: operation.using(checks=_checks_before(operation)) for operation in declared}
    )


def _checks_before(operation: Operation) -> tuple[Check, ...]:
    before = list(checks.ENTRANCE) if operation.secured else []
    if operation.query:
        before.append(checks.query_reader(operation.query))
    if operation.judge is not None:
        before.append(checks.read_payload)
    before += [find for path, find in FINDERS.items() if operation.path.startswith(path)]
    return tuple(before)
