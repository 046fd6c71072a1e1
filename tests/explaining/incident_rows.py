"""incident.io: every operation, as it is done and in each way in which it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.core.exchange import Request
from tests.explaining.asking import Row, request

KEY, SCOPELESS, MESSENGER = "Bearer inc-test-key", "Bearer inc-no-scope-key", "Bearer inc-message-key"
INCIDENT, WITH_LINK, WITH_DOCUMENT = (
    "01GBA8J19SMXQWPJMX3P2ESCVG",
    "01GBA8J19SMXQWPJMX3P2ESCW1",
    "01GBA8J19SMXQWPJMX3P2ESCW0",
)
UNKNOWN = "01ZZZZZZZZZZZZZZZZZZZZZZZZ"
INCIDENTS, UPDATES, FOLLOW_UPS = "/v2/incidents", "/v2/incident_updates", "/v3/follow_ups"
DOCUMENTS = "/v1/postmortem_documents"
DOCUMENT, EXTERNAL = f"{DOCUMENTS}/01GDZEW57FDA1K4S63MGMQ5DT0", f"{DOCUMENTS}/01GDZEW57FDA1K4S63MGMQ5DT2"
IMPORT, EDIT = (
    f"{INCIDENTS}/{INCIDENT}/actions/import_postmortem_document",
    f"{INCIDENTS}/{INCIDENT}/actions/edit",
)
ATTACH = f"{DOCUMENTS}/actions/attach"
FOLLOW_UP = f"{FOLLOW_UPS}/01GDZEW57FDA1K4S63MGMQ5F00"
SEVERITY, STATUS, TRIAGE = (
    "01FC31EQM04W15VJSB8MKJV5NT",
    "01FC31EQM02PMAPEJ0VPKHH475",
    "01FC31EQM06ZCEVTT8A4Q3Z5Z0",
)
ROLE, FIELD = "01FC31EQM099S84YA1YTX8K2ED", "01FC31EQM0MH6M9000G202PY7B"
CLOSED, SECURITY = "01FC31EQM08KR627TGNJCKA458", "01FC31EQM0J0Z0C5M0QZ3D026K"
DOCUMENT_SENT = {"title": "Disk", "content": "# Disk"}
NEW = {"idempotency_key": "a", "visibility": "public", "severity_id": SEVERITY}
UPDATE = {"idempotency_key": "a", "incident_id": INCIDENT, "message": "all is well"}
TO_DO = {"title": "Buy a disk", "incident_id": INCIDENT}


def ask(method: str, target: str, status: int, rule: str, body: Any = None, **more: Any) -> Row:
    return Row(method, target, status, rule, body, **{"who": KEY, **more})


def edited(**changes: Any) -> dict[str, Any]:
    return {"incident": changes, "notify_incident_channel": False}


def bodies(method: str, target: str) -> Iterator[Row]:
    """What every operation with a body says of one that it cannot read."""
    yield ask(method, target, 400, "body.malformed", b"{")
    yield ask(
        method, target, 400, "content-type.unsupported", b"x", headers=(("content-type", "text/plain"),)
    )
    yield ask(method, target, 422, "body.no-object")
    yield ask(method, target, 422, "body.no-object", [])
    yield ask(method, target, 401, "auth.missing", b"{", who=None)
    yield ask(method, target, 401, "auth.unknown-key", b"{", who="Bearer nobody")
    yield ask(method, target, 401, "auth.other-scheme", b"{", who="inc-test-key")


def documents() -> Iterator[Row]:
    yield from bodies("POST", IMPORT)
    yield ask("POST", IMPORT, 201, "import.shape", DOCUMENT_SENT)
    yield ask("POST", IMPORT, 403, "auth.missing-scope", DOCUMENT_SENT, who=SCOPELESS)
    yield ask("POST", IMPORT, 422, "field.missing", {"title": "Disk"})
    yield ask("POST", IMPORT, 422, "field.type", {**DOCUMENT_SENT, "title": 5})
    yield ask("POST", IMPORT, 422, "field.null", {**DOCUMENT_SENT, "title": None})
    yield ask("POST", IMPORT.replace(INCIDENT, UNKNOWN), 404, "incident.unknown", DOCUMENT_SENT)
    yield ask("POST", IMPORT.replace(INCIDENT, UNKNOWN), 422, "field.missing", {})
    yield ask("GET", DOCUMENTS, 200, "documents.list-shape")
    yield ask("GET", f"{DOCUMENTS}?incident_id={WITH_DOCUMENT}", 200, "documents.incident-filter")
    yield ask("GET", f"{DOCUMENTS}?incident_id=130", 200, "documents.incident-filter")
    yield ask("GET", f"{DOCUMENTS}?after={UNKNOWN}", 200, "documents.after-unknown")
    yield ask("GET", f"{DOCUMENTS}?sort_by=created_at_oldest_first", 200, "documents.list-order")
    for query in ("page_size=0", "page_size=999", "page_size=x", "sort_by=x"):
        yield ask("GET", f"{DOCUMENTS}?{query}", 422, "documents.query-refused")
    for target, shown in ((DOCUMENT, "documents.show"), (f"{DOCUMENT}/content", "content.shape")):
        yield ask("GET", target, 200, shown)
        yield ask("GET", target, 403, "documents.scopes", who=SCOPELESS)
    yield ask("GET", f"{DOCUMENTS}/{UNKNOWN}", 404, "documents.unknown")
    yield ask("GET", f"{EXTERNAL}/content", 404, "attach.no-content")
    yield from bodies("PUT", DOCUMENT)
    yield ask("PUT", DOCUMENT, 200, "status.update", {"status": "in_review"})
    yield ask("PUT", DOCUMENT, 422, "status.refused", {"status": "odd"})
    yield ask("PUT", DOCUMENT, 422, "status.refused", {})
    yield ask("PUT", f"{DOCUMENTS}/{UNKNOWN}", 404, "documents.unknown", {"status": "in_review"})
    yield from bodies("POST", ATTACH)
    link = {"incident_id": WITH_LINK, "permalink": "https://docs.example/1"}
    yield ask("POST", ATTACH, 201, "attach.again", link)
    yield ask("POST", ATTACH, 201, "attach.shape", {**link, "incident_id": INCIDENT})
    yield ask("POST", ATTACH, 409, "attach.beside-in-app", {**link, "incident_id": WITH_DOCUMENT})
    yield ask("POST", ATTACH, 404, "attach.refused", {**link, "incident_id": UNKNOWN})
    yield ask("POST", ATTACH, 422, "attach.refused", {})
    yield ask("POST", ATTACH, 403, "documents.scopes", link, who=SCOPELESS)


def incidents() -> Iterator[Row]:
    yield ask("GET", INCIDENTS, 200, "incidents.default-modes")
    for query, rule in (
        ("severity[gte]=" + SEVERITY, "filter-severity-rank"),
        ("severity[one_of]=" + SEVERITY, "filter-one-of"),
        ("status_category[not_in]=live", "filter-one-of"),
        ("mode[one_of]=test", "filter-one-of"),
        ("created_at[gte]=2022-01-01", "filter-dates"),
        (f"incident_role[{ROLE}][is_blank]=true", "filter-roles"),
        (f"incident_role[{ROLE}][is_set]=true", "filter-roles-set"),
        (f"custom_field[{FIELD}][one_of]=x", "filter-custom-fields"),
        (f"custom_field[{FIELD}][is_blank]=true", "filter-custom-field-values"),
        ("filter_mode=any", "filter-mode"),
        ("sort_by=created_at_oldest_first", "order"),
        ("page_size=500", "page-size"),
        (f"after={UNKNOWN}", "after-unknown"),
    ):
        yield ask("GET", f"{INCIDENTS}?{query}", 200, f"incidents.{rule}")
    for query, rule in (
        ("page_size=0", "page-size-range"),
        ("page_size=501", "page-size-range"),
        ("page_size=x", "page-size-range"),
        ("created_at[gte]=yesterday", "filter-date-words"),
        ("created_at[gte]=2022-01-01&created_at[lte]=2022-02-01", "filter-both-bounds"),
        ("status[gte]=x", "filter-operator"),
        (f"incident_role[{ROLE}][is_blank]=x", "filter-roles"),
        ("sort_by=x", "order"),
        ("filter_mode=x", "filter-mode"),
    ):
        yield ask("GET", f"{INCIDENTS}?{query}", 422, f"incidents.{rule}")
    yield ask("GET", INCIDENTS, 403, "auth.missing-scope", who=SCOPELESS)
    yield ask("GET", f"{INCIDENTS}/{INCIDENT}", 200, "incidents.show")
    yield ask("GET", f"{INCIDENTS}/123", 200, "incidents.show")
    yield ask("GET", f"{INCIDENTS}/{UNKNOWN}", 404, "incidents.show-unknown")
    yield from bodies("POST", INCIDENTS)
    yield ask("POST", INCIDENTS, 200, "create.answer", NEW)
    again = (request("POST", INCIDENTS, NEW, KEY),)
    yield ask("POST", INCIDENTS, 200, "create.idempotent", NEW, before=again)
    triage = {"idempotency_key": "a", "visibility": "public", "incident_type_id": SECURITY}
    yield ask("POST", INCIDENTS, 200, "create.status", triage)
    yield ask("POST", INCIDENTS, 422, "create.severity", {"idempotency_key": "a", "visibility": "public"})
    yield ask("POST", INCIDENTS, 422, "create.required", {})
    yield ask("POST", INCIDENTS, 422, "create.unknown-ids", {**NEW, "incident_type_id": UNKNOWN})
    yield from bodies("POST", EDIT)
    yield ask("POST", EDIT, 200, "edit.only-given", edited(name="Disk"))
    yield ask("POST", EDIT, 200, "edit.moves", edited(incident_status_id=CLOSED))
    yield ask("POST", EDIT, 200, "edit.only-given", edited(name="Database is sad"))
    unset = [{"custom_field_id": FIELD, "values": []}]
    yield ask("POST", EDIT, 200, "edit.unset", edited(custom_field_entries=unset, name="x"))
    away = [{"incident_role_id": ROLE}]
    yield ask("POST", EDIT, 200, "edit.unassign", edited(incident_role_assignments=away, name="x"))
    yield ask("POST", EDIT, 422, "edit.no-move", edited(incident_status_id=TRIAGE))
    yield ask("POST", EDIT, 422, "edit.required", {})
    yield ask("POST", EDIT, 422, "create.unknown-ids", edited(severity_id=UNKNOWN))
    yield ask("POST", EDIT, 403, "edit.scopes", edited(summary="x"), who="Bearer inc-rename-key")
    yield ask("POST", EDIT.replace(INCIDENT, UNKNOWN), 404, "incident.unknown", edited(name="Disk"))


def updates() -> Iterator[Row]:
    yield ask("GET", UPDATES, 200, "updates.list")
    yield ask("GET", f"{UPDATES}?incident_id=123", 200, "updates.unknown-incident")
    yield ask("GET", f"{UPDATES}?page_size=0", 422, "updates.list")
    yield from bodies("POST", UPDATES)
    yield ask("POST", UPDATES, 201, "updates.create", UPDATE)
    again = (request("POST", UPDATES, UPDATE, KEY),)
    yield ask("POST", UPDATES, 201, "updates.idempotent", UPDATE, before=again)
    yield ask("POST", UPDATES, 422, "updates.something", {**UPDATE, "message": ""})
    yield ask("POST", UPDATES, 422, "updates.refused", {**UPDATE, "to_severity_id": UNKNOWN})
    yield ask("POST", UPDATES, 422, "updates.refused", {**UPDATE, "to_incident_status_id": TRIAGE})
    yield ask("POST", UPDATES, 404, "updates.refused", {**UPDATE, "incident_id": UNKNOWN})
    moving = {**UPDATE, "to_incident_status_id": CLOSED}
    yield ask("POST", UPDATES, 403, "updates.scopes", moving, who=MESSENGER)


def follow_ups() -> Iterator[Row]:
    yield ask("GET", FOLLOW_UPS, 200, "follow-up.list-order")
    for query, rule in (
        (f"incident_id={INCIDENT}", "filter-incident"),
        ("incident_mode=test", "filter-mode"),
        ("assignee_team_id=x", "filter-team"),
        ("created_at[gte]=2022-01-01", "filter-time"),
    ):
        yield ask("GET", f"{FOLLOW_UPS}?{query}", 200, f"follow-up.{rule}")
    for query, rule in (
        ("created_at[gte]=soon", "filter-refused"),
        ("created_at[is]=2022-01-01", "filter-refused"),
        ("created_at[gte]=2022-01-01&created_at[lte]=2022-01-02", "filter-refused"),
        ("incident_mode=x", "filter-mode"),
        ("page_size=251", "list-order"),
    ):
        yield ask("GET", f"{FOLLOW_UPS}?{query}", 422, f"follow-up.{rule}")
    yield from bodies("POST", FOLLOW_UPS)
    yield from bodies("PUT", FOLLOW_UP)
    yield ask("POST", FOLLOW_UPS, 201, "follow-up.create", TO_DO)
    yield ask("POST", FOLLOW_UPS, 404, "follow-up.unknown", {**TO_DO, "incident_id": UNKNOWN})
    yield ask("POST", FOLLOW_UPS, 422, "follow-up.fields", {})
    yield ask("POST", FOLLOW_UPS, 422, "follow-up.fields", {**TO_DO, "labels": [1]})
    yield ask("POST", FOLLOW_UPS, 422, "follow-up.refused", {**TO_DO, "assignee_id": UNKNOWN})
    yield ask("GET", FOLLOW_UP, 200, "follow-up.show")
    yield ask("GET", FOLLOW_UP, 200, "follow-up.deleted", before=(request("DELETE", FOLLOW_UP, who=KEY),))
    yield ask("PUT", FOLLOW_UP, 200, "follow-up.update", {"title": "x", "status": "completed"})
    yield ask("PUT", FOLLOW_UP, 422, "follow-up.status-deleted", {"title": "x", "status": "deleted"})
    yield ask("PUT", FOLLOW_UP, 422, "follow-up.fields", {"title": "x", "status": "odd"})
    yield ask("DELETE", FOLLOW_UP, 204, "follow-up.delete")
    for method, body in (("GET", None), ("PUT", {"title": "x", "status": "completed"}), ("DELETE", None)):
        yield ask(method, f"{FOLLOW_UPS}/{UNKNOWN}", 404, "follow-up.unknown", body)
        yield ask(method, FOLLOW_UP, 403, "follow-up.scopes", body, who=SCOPELESS)


def others() -> Iterator[Row]:
    for path in (
        "/v1/severities",
        "/v1/incident_statuses",
        "/v1/incident_types",
        "/v2/incident_roles",
        "/v2/custom_fields",
    ):
        yield ask("GET", path, 200, "catalog.shape")
        yield ask("GET", path, 403, "catalog.scope", who=SCOPELESS)
        yield ask("GET", f"{path}/{UNKNOWN}", 404, "catalog.unknown")
    yield ask("GET", f"/v1/severities/{SEVERITY}", 200, "catalog.shape")
    yield ask("GET", f"/v1/incident_statuses/{STATUS}", 200, "catalog.shape")
    yield ask("GET", f"/v1/incident_types/{SECURITY}", 200, "catalog.shape")
    yield ask("GET", f"/v2/incident_roles/{ROLE}", 200, "catalog.shape")
    yield ask("GET", f"/v2/custom_fields/{FIELD}", 200, "catalog.shape")
    yield ask("GET", "/v2/incident_timestamps", 200, "catalog.shape")
    yield ask("GET", "/v2/incident_timestamps/01FC31EQM0B9VGQEWZ9GX6D69E", 200, "catalog.shape")
    for path in ("/v2/incident_timestamps", f"/v2/incident_timestamps/{UNKNOWN}", "/v1/identity"):
        yield ask("GET", path, 401, "auth.missing", who=None)
    yield ask("GET", "/v1/identity", 200, "identity.shape", who=SCOPELESS)
    yield ask("GET", "/v2/users", 200, "users.shape")
    yield ask("GET", "/v2/users?email=x", 200, "users.filters")
    yield ask("GET", "/v2/users?page_size=0", 422, "users.pages")
    yield ask("GET", f"/v2/users/{UNKNOWN}", 404, "catalog.unknown")
    yield ask("GET", "/v2/users/01FCNDV6P870EA6S7TK1DSYDG0", 200, "users.shape")
    yield ask("GET", "/v2/nowhere", 404, "path.unrouted")
    yield ask("PATCH", INCIDENTS, 404, "path.unrouted")
    yield ask("GET", IMPORT, 404, "path.unrouted")
    yield ask("OPTIONS", INCIDENTS, 404, "path.unrouted", who=None)


def rows() -> list[Row]:
    return [*documents(), *incidents(), *updates(), *follow_ups(), *others()]


def too_many() -> list[Request]:
    return [request("GET", "/v1/identity", who=KEY)] * 1201
