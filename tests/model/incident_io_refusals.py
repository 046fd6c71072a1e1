"""Requests to incident.io that are to be refused, and refusals, written by hand."""

from __future__ import annotations

from tests.model.incident_io_answers import (
    D1,
    DOCUMENTS,
    DX,
    F1,
    F2,
    FOLLOW_UPS,
    FX,
    I1,
    INCIDENTS,
    KEY,
    NO_SCOPE,
    THEIRS,
    VIEW,
    Json,
    Step,
    error,
    not_found,
)


def refusals() -> list[Step]:
    """What is refused, in a conversation that has the records of the story."""
    only = {"content": "x"}
    return [
        Step("unknown", "GET", f"{DOCUMENTS}/01ARZ3NDEKTSV4RRFFQ69G5FAV", status=404, said=not_found()),
        Step("of others", "GET", f"{DOCUMENTS}/{DX}", status=404, said=not_found()),
        Step("delete of others", "DELETE", f"{FOLLOW_UPS}/{FX}", status=404, said=not_found()),
        Step(
            "import for others",
            "POST",
            f"/v2/incidents/{THEIRS}/actions/import_postmortem_document",
            {"title": "x", **only},
            status=404,
            said=not_found(),
        ),
        Step(
            "nobody", "GET", DOCUMENTS, key=None, status=401, said=_nobody("missing_authorization_material")
        ),
        Step(
            "query key",
            "GET",
            f"{DOCUMENTS}?access_token={KEY}",
            key=None,
            status=401,
            said=_nobody("missing_authorization_material"),
        ),
        Step(
            "wrong key",
            "GET",
            f"{FOLLOW_UPS}/{F1}",
            key="nobodys-key-at-all",
            status=401,
            said=_nobody("access_token_invalid"),
        ),
        Step("no scope", "GET", DOCUMENTS, key=NO_SCOPE, status=403, said=_forbidden("incidents.view")),
        Step(
            "viewer",
            "DELETE",
            f"{FOLLOW_UPS}/{F2}",
            key=VIEW,
            status=403,
            said=_forbidden("follow_ups.destroy"),
        ),
        Step(
            "no title",
            "POST",
            f"/v2/incidents/{I1}/actions/import_postmortem_document",
            only,
            status=422,
            said=_field("missing_field", "title"),
        ),
        Step(
            "no status",
            "PUT",
            f"{DOCUMENTS}/{D1}",
            {"status": "done"},
            status=422,
            said=_field("invalid_enum_value", "status"),
        ),
        Step(
            "no size",
            "GET",
            f"{DOCUMENTS}?page_size=0",
            status=422,
            said=error(422, "validation_error", "invalid_range"),
        ),
        Step(
            "no severity",
            "POST",
            INCIDENTS,
            {"idempotency_key": "k9", "visibility": "public"},
            status=422,
            said=error(422, "validation_error", "is_required"),
        ),
        Step(
            "no move",
            "PUT",
            f"{FOLLOW_UPS}/{F2}",
            {"title": "x", "status": "deleted"},
            status=422,
            said=_field("invalid_value", "status"),
        ),
    ]


def _forbidden(scope: str) -> Json:
    body = error(403, "resource_forbidden", "missing_required_scope", metadata={"scope": scope})
    body["errors"][0]["message"] = f"missing a required scope: {scope}"
    return body


def _nobody(code: str) -> Json:
    return error(401, "authentication_error", code)


def _field(code: str, name: str) -> Json:
    return error(422, "validation_error", code, source={"field": name, "pointer": f"/{name}"})
