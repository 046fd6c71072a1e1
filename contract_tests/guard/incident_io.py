"""incident.io, as the guard sees it."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.guard.vendors import Listing, Operation, Vendor

_CONFIGURED = (
    ("/v1/severities", "Severities V1"),
    ("/v1/incident_statuses", "Incident Statuses V1"),
    ("/v1/incident_types", "Incident Types V1"),
    ("/v2/incident_roles", "Incident Roles V2"),
    ("/v2/incident_timestamps", "Incident Timestamps V2"),
    ("/v2/custom_fields", "Custom Fields V2"),
    ("/v2/users", "Users V2"),
    ("/v2/incidents", "Incidents V2"),
    ("/v1/postmortem_documents", "PostmortemDocuments V1"),
    ("/v3/follow_ups", "Follow-ups V3"),
)


def _reads() -> Iterator[Operation]:
    for path, name in _CONFIGURED:
        yield Operation("GET", path, f"{name}_List")
        yield Operation("GET", f"{path}/{{id}}", f"{name}_Show")
    yield Operation("GET", "/v1/identity", "Utilities V1_Identity")
    yield Operation("GET", "/v2/incident_updates", "Incident Updates V2_List")
    yield Operation("GET", "/v1/postmortem_documents/{id}/content", "PostmortemDocuments V1_ShowContent")


_INCIDENT, _DOCUMENT, _FOLLOW_UP = "/v2/incidents", "/v1/postmortem_documents", "/v3/follow_ups"

_CHANGES = (
    Operation(
        "POST",
        f"{_INCIDENT}/{{id}}/actions/import_postmortem_document",
        "Incidents V2_ImportPostmortemDocument",
        "create",
        "document",
        wrapped="postmortem_document",
        parent="incident",
        lasting=True,
    ),
    Operation(
        "POST", _INCIDENT, "Incidents V2_Create", "create", "incident", wrapped="incident", lasting=True
    ),
    Operation("POST", f"{_INCIDENT}/{{id}}/actions/edit", "Incidents V2_Edit", "change", "incident"),
    Operation(
        "POST",
        "/v2/incident_updates",
        "Incident Updates V2_Create",
        "create",
        "incident_update",
        wrapped="incident_update",
        part_of="incident_id",
        parent="incident",
        lasting=True,
    ),
    Operation("PUT", f"{_DOCUMENT}/{{id}}", "PostmortemDocuments V1_UpdateStatus", "change", "document"),
    # It moves a link that may have been there before, so what it answers was not made by it.
    Operation(
        "POST",
        f"{_DOCUMENT}/actions/attach",
        "PostmortemDocuments V1_Attach",
        "change",
        "incident",
        part_of="incident_id",
        lasting=True,
    ),
    Operation(
        "POST",
        _FOLLOW_UP,
        "Follow-ups V3_Create",
        "create",
        "follow_up",
        wrapped="follow_up",
        removed_at=f"{_FOLLOW_UP}/{{id}}",
        part_of="incident_id",
        parent="incident",
    ),
    Operation("PUT", f"{_FOLLOW_UP}/{{id}}", "Follow-ups V3_Update", "change", "follow_up"),
    Operation("DELETE", f"{_FOLLOW_UP}/{{id}}", "Follow-ups V3_Delete", "delete", "follow_up"),
)

INCIDENT_IO = Vendor(
    name="incident_io",
    paths=("/v1/", "/v2/", "/v3/"),
    operations=(*_reads(), *_CHANGES),
    listings={
        "follow_up": Listing(
            _FOLLOW_UP, "incident_id", "follow_ups", "title", {"page_size": "250"}, after="after"
        )
    },
    not_found=(
        b'{"type":"not_found","status":404,"request_id":"contract-guard","errors":'
        b'[{"code":"resource_not_found","message":"The referenced resource could not be found."}]}'
    ),
    credential="incident_key",
    scheme="Bearer ",
    dead={"status": "deleted"},
)
