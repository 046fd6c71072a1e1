"""What a request to incident.io asks for: the operation, who asks, and the body as the vendor's decoder reads it."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from contract_tests.deployment import Deployment
from contract_tests.exchange import Asked

Json = dict[str, Any]

ID = "{id}"
CATALOG = {
    "/v1/severities": ("severities", "severity", "severities.view"),
    "/v1/incident_statuses": ("incident_statuses", "incident_status", "incident_statuses.view"),
    "/v1/incident_types": ("incident_types", "incident_type", "incident_types.view"),
    "/v2/incident_roles": ("incident_roles", "incident_role", "incident_roles.view"),
    "/v2/custom_fields": ("custom_fields", "custom_field", "custom_fields.view"),
    "/v2/incident_timestamps": ("incident_timestamps", "incident_timestamp", ""),
    "/v2/users": ("users", "user", "users.view"),
}
# What an operation is called here, and the scope that it needs ("": none, "*": depends on the body).
OPERATIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("GET", "/v1/identity"): ("identity", ""),
    ("GET", "/v2/incidents"): ("incidents", "incidents.view"),
    ("POST", "/v2/incidents"): ("open", "incidents.create"),
    ("GET", "/v2/incidents/{id}"): ("incident", "incidents.view"),
    ("POST", "/v2/incidents/{id}/actions/edit"): ("edit", "*"),
    ("POST", "/v2/incidents/{id}/actions/import_postmortem_document"): (
        "import",
        "in_app_postmortems.import",
    ),
    ("GET", "/v1/postmortem_documents"): ("documents", "incidents.view"),
    ("GET", "/v1/postmortem_documents/{id}"): ("document", "incidents.view"),
    ("GET", "/v1/postmortem_documents/{id}/content"): ("content", "in_app_postmortems.copy_as_markdown"),
    ("PUT", "/v1/postmortem_documents/{id}"): ("status", "in_app_postmortems.update_status"),
    ("POST", "/v1/postmortem_documents/actions/attach"): ("attach", "external_postmortems.create"),
    ("GET", "/v2/incident_updates"): ("updates", "incidents.view"),
    ("POST", "/v2/incident_updates"): ("share", "*"),
    ("GET", "/v3/follow_ups"): ("follow_ups", "actions.view"),
    ("POST", "/v3/follow_ups"): ("follow", "follow_ups.create"),
    ("GET", "/v3/follow_ups/{id}"): ("follow_up", "actions.view"),
    ("PUT", "/v3/follow_ups/{id}"): ("change", "follow_ups.update"),
    ("DELETE", "/v3/follow_ups/{id}"): ("delete", "follow_ups.destroy"),
    **{("GET", path): (f"all {kind[0]}", kind[2]) for path, kind in CATALOG.items()},
    **{("GET", f"{path}/{ID}"): (f"one {kind[1]}", kind[2]) for path, kind in CATALOG.items()},
}
EDIT_SCOPES = {
    "name": ("incidents.update_name",),
    "summary": ("incidents.update_summary",),
    "severity_id": ("incidents.update_severity",),
    "incident_status_id": ("incidents.update_status",),
    "custom_field_entries": ("incidents.update_custom_fields",),
    "incident_timestamp_values": ("incidents.update_timestamps",),
    "incident_role_assignments": ("incidents.update_role_assignments",),
    "call_url": ("incident_calls.create", "incident_calls.destroy"),
}
SHARE_SCOPES = {
    "to_incident_status_id": "incidents.update_status",
    "to_severity_id": "incidents.update_severity",
}


@dataclass(frozen=True)
class Operation:
    name: str
    scope: str
    id: str = ""  # of the path


def operation(asked: Asked) -> Operation | None:
    """None for what this model knows nothing of."""
    segments = urlsplit(asked.target).path.split("/")
    for template in ("/".join(segments), *_templates(segments)):
        found = OPERATIONS.get((asked.method, template))
        if found:
            id_ = unquote(segments[template.split("/").index(ID)]) if ID in template else ""
            return None if ID in template and not id_ else Operation(*found, id_)
    return None


def _templates(segments: list[str]) -> list[str]:
    return ["/".join([*segments[:n], ID, *segments[n + 1 :]]) for n in range(3, min(len(segments), 5))]


@dataclass(frozen=True)
class Caller:
    key: str  # the Deployment's field
    organisation: str
    may: Callable[[str], bool | None]


@dataclass(frozen=True)
class Stranger:
    """Who is to be answered 401, with one of these codes."""

    codes: tuple[str, ...]


MISSING, INVALID = "missing_authorization_material", "access_token_invalid"
OWN, OTHER = "own", "other"


class Callers:
    def __init__(self, deployment: Deployment, strict: bool) -> None:
        everything: Callable[[str], bool | None] = lambda scope: True if strict else None  # noqa: E731
        known = {
            "incident_key": (OWN, everything),
            "incident_key_without_scope": (OWN, lambda scope: scope == ""),
            "incident_view_key": (OWN, lambda scope: scope == "" or scope.endswith(".view")),
            "incident_rename_key": (OWN, _only("incidents.view", "incidents.update_name")),
            "incident_message_key": (OWN, _only("incidents.view", "incident_updates.create")),
            "incident_other_organisation_key": (OTHER, everything),
        }
        self.known = {
            token: Caller(field, organisation, may)
            for field, (organisation, may) in known.items()
            if (token := getattr(deployment, field))
        }
        if not strict:  # which scopes the first key and others have, only the vendor knows
            self.known = {token: _unsure(caller) for token, caller in self.known.items()}

    def of(self, asked: Asked) -> Caller | Stranger | None:
        """None if it cannot be told."""
        given = [value for name, value in asked.headers if name.lower() == "authorization"]
        if not given:
            return Stranger((MISSING,))
        scheme, _, token = given[0].partition(" ")
        if len(given) > 1 or (scheme.lower() == "bearer" and token.strip() in self.known):
            return self.known.get(token) if len(given) == 1 and scheme == "Bearer" else None
        if scheme == "Bearer" and re.fullmatch(r"[!-~]+", token):
            return Stranger((INVALID,))
        return Stranger((MISSING, INVALID))


def _only(*scopes: str) -> Callable[[str], bool | None]:
    return lambda scope: scope == "" or scope in scopes


def _unsure(caller: Caller) -> Caller:
    """A deployment's keys were told what they are for, and no more."""
    if caller.key == "incident_key_without_scope":
        return Caller(caller.key, caller.organisation, lambda scope: False if "import" in scope else None)
    if caller.key == "incident_view_key":
        reads = (".create", ".import", ".update", ".destroy")
        return Caller(
            caller.key, caller.organisation, lambda scope: False if any(r in scope for r in reads) else None
        )
    return Caller(caller.key, caller.organisation, lambda scope: None)


codecs.register_error("byte by byte", lambda error: ("\ufffd" * (error.end - error.start), error.end))  # type: ignore[attr-defined]


class NotJson(Exception):
    pass


def read_json(asked: Asked) -> Any:
    """The body as Go reads it. Raises NotJson; RecursionError if it is too deep to tell."""
    if asked.body.startswith(b"\xef\xbb\xbf"):
        raise RecursionError
    try:
        return _clean(
            json.loads(
                asked.body.decode("utf-8", "byte by byte"), parse_constant=_no_constant, parse_int=_integer
            )
        )
    except ValueError as error:
        raise NotJson from error


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _integer(digits: str) -> int:
    return int(digits[:30])


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return {name: _clean(item) for name, item in value.items()} if isinstance(value, dict) else value


def is_json_type(asked: Asked) -> bool | None:
    """Whether the body is to be read as JSON; None if that cannot be told."""
    given = asked.header("Content-Type")
    if given is None or re.fullmatch(
        r"(?i)application/(json|[\w.]+\+json)( *; *charset=\"?utf-8\"?)?", given
    ):
        return True
    known = r"(?i)(text/(plain|html|markdown)|image/png|application/(xml|x-www-form-urlencoded))( *;.*)?"
    return False if re.fullmatch(known, given) else None


STATUSES = ("in_progress", "in_review", "completed")
PROVIDERS = (
    "", "confluence", "google_docs", "notion", "sharepoint", "incident_io", "copy_paste_basecamp",
    "copy_paste_confluence", "copy_paste_github_wiki", "copy_paste_google_docs", "copy_paste_notion",
    "copy_paste_quip",
)  # fmt: skip
TEXT, TEXTS, FLAG, OBJECT, OBJECTS = str, "texts", bool, dict, "objects"
_FOLLOW_UP = {
    "description": TEXT, "assignee_id": TEXT, "assignee_team_id": TEXT, "follow_up_priority_option_id": TEXT,
    "follow_up_category_id": TEXT, "labels": TEXTS,
}  # fmt: skip
# The members that a body may have; "!" marks those that it must have.
BODIES: Mapping[str, Mapping[str, Any]] = {
    "import": {"title!": TEXT, "content!": TEXT},
    "status": {"status!": STATUSES},
    "attach": {"incident_id!": TEXT, "permalink!": TEXT, "document_provider": PROVIDERS},
    "follow": {"incident_id!": TEXT, "title!": TEXT, "external_issue_reference_id": TEXT, **_FOLLOW_UP},
    "change": {
        "title!": TEXT, "status!": ("outstanding", "completed", "not_doing", "deleted"), **_FOLLOW_UP
    },
    "open": {
        "idempotency_key!": TEXT, "visibility!": ("public", "private"), "name": TEXT, "summary": TEXT,
        "severity_id": TEXT, "incident_status_id": TEXT, "incident_type_id": TEXT,
        "mode": ("standard", "retrospective", "test", "tutorial"),
    },
    "edit": {"incident!": OBJECT, "notify_incident_channel!": FLAG},
    "share": {
        "idempotency_key!": TEXT, "incident_id!": TEXT, "message": TEXT, "to_incident_status_id": TEXT,
        "to_severity_id": TEXT,
    },
}  # fmt: skip


def faults(operation_name: str, body: Json) -> dict[str, str]:
    """The code of the error that each wrong member calls for."""
    found = {}
    for marked, kind in BODIES.get(operation_name, {}).items():
        name, value = marked.rstrip("!"), body.get(marked.rstrip("!"))
        if value is None:
            if marked != name:
                found[name] = "missing_field"
        elif isinstance(kind, tuple):
            if not isinstance(value, str):
                found[name] = "invalid_field_type"
            elif value not in kind:
                found[name] = "invalid_enum_value"
        elif kind == TEXTS:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                found[name] = "invalid_field_type"
        elif not isinstance(value, kind):
            found[name] = "invalid_field_type"
    return found
