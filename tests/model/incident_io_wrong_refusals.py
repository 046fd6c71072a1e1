"""Wrong refusals, and what should have been refused, one at a time."""

from __future__ import annotations

from typing import Any

from tests.model.incident_io_answers import (
    DX,
    F1,
    I1,
    KEY,
    THEIRS,
    document,
    error,
    follow_up,
)
from tests.model.incident_io_wrong import DOC, DOCS, DROP, FU, META

# As in incident_io_wrong.
WRONG_REFUSALS: dict[str, tuple[str, str, Any, str]] = {
    # Who may, and errors
    "unknown answers 400": (
        "unknown",
        "",
        error(400, "invalid_request_error", "resource_not_found"),
        "documents.unknown",
    ),
    "unknown with another code": ("unknown", "errors.0.code", "gone", "documents.unknown"),
    "somebody else's is shown": ("of others", "", {DOC: document(DX, THEIRS, 7, 5)}, "incident.unknown"),
    "somebody else's is deleted": ("delete of others", "status", 204, "follow-up.unknown"),
    "imported for others": ("import for others", "status", 201, "incident.unknown"),
    "nobody may": ("nobody", "", {DOCS: [], META: {"page_size": 25}}, "auth.missing"),
    "the key may stand in the query": ("query key", "", {DOCS: [], META: {"page_size": 25}}, "auth.missing"),
    "any key will do": ("wrong key", "", {FU: follow_up(F1, I1, 6)}, "auth.unknown-key"),
    "unknown key as none": (
        "wrong key",
        "errors.0.code",
        "missing_authorization_material",
        "auth.unknown-key",
    ),
    "key repeated": ("wrong key", "errors.0.message", "nobodys-key-at-all is wrong", "auth.unknown-key"),
    "key repeated in a header": ("show", "headers", {"X-Key": KEY}, "auth.unknown-key"),
    "scope not needed": ("no scope", "", {DOCS: [], META: {"page_size": 25}}, "documents.scopes"),
    "another scope named": ("viewer", "errors.0.metadata.scope", "actions.view", "auth.missing-scope"),
    "viewer deletes": ("viewer", "status", 204, "documents.scopes"),
    "403 for who may": (
        "show",
        "",
        error(403, "resource_forbidden", "missing_required_scope"),
        "documents.scopes",
    ),
    "401 for who may": (
        "show",
        "",
        error(401, "authentication_error", "access_token_invalid"),
        "auth.unknown-key",
    ),
    "no title is accepted": ("no title", "status", 201, "field.missing"),
    "error about another field": (
        "no title",
        "errors.0",
        {"code": "missing_field", "message": "x", "source": {"field": "content", "pointer": "/content"}},
        "field.missing",
    ),
    "source without pointer": ("no title", "errors.0.source.pointer", DROP, "error.source"),
    "pointer to another field": ("no title", "errors.0.source.pointer", "/content", "error.source"),
    "any status is accepted": ("no status", "status", 200, "status.refused"),
    "page_size 0 is accepted": ("no size", "", {DOCS: [], META: {"page_size": 0}}, "documents.query-refused"),
    "no severity is accepted": ("no severity", "status", 200, "create.severity"),
    "an update deletes": ("no move", "status", 200, "follow-up.status-deleted"),
    "error without request_id": ("unknown", "request_id", DROP, "error.envelope"),
    "request_id again": ("of others", "request_id", "request of a change", "error.request-id"),
    "status of the body": ("unknown", "status_in_body", 400, "error.envelope"),
    "type of the error": ("unknown", "type", "missing", "error.envelope"),
    "no list of errors": ("unknown", "errors", DROP, "error.envelope"),
    "error without a message": ("unknown", "errors.0.message", "", "error.envelope"),
    "500": ("show", "status", 500, "error.never-500"),
    "HTML": ("list", "headers", {"Content-Type": "text/html"}, "import.shape"),
    "no JSON": ("show", "raw", b"<html>", "error.envelope"),
    "Content-Length": ("show", "headers", {"Content-Length": "3"}, "import.shape"),
    "severity changed": (
        "severities again",
        "severities",
        lambda rows: [{**rows[0], "name": "Small"}, rows[1]],
        "catalog.shape",
    ),
    "severities by name": ("severities", "severities", lambda rows: rows[::-1], "catalog.order"),
    "identity of another": ("identity", "identity.name", "key 2", "create.creator"),
}
