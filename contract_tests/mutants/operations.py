"""Which operation a request is for, in names of one form for both vendors: postmortems.create, follow-ups.put."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from contract_tests.exchange import Asked
from contract_tests.kinds import VENDORS

_ONCALL, _INCIDENT = VENDORS

ONCALL_RESOURCES = {
    "postmortems": "postmortems",
    "postmortem_messages": "messages",
    "resolution_notes": "notes",
    "alert_groups": "groups",
    "users": "users",
}
INCIDENT_RESOURCES = {
    "/v1/postmortem_documents": "documents",
    "/v2/incidents": "incidents",
    "/v2/incident_updates": "updates",
    "/v3/follow_ups": "follow-ups",
    "/v2/users": "people",
    "/v1/severities": "severities",
    "/v1/incident_statuses": "statuses",
    "/v1/incident_types": "types",
    "/v2/incident_roles": "roles",
    "/v2/incident_timestamps": "timestamps",
    "/v2/custom_fields": "fields",
}
DOCUMENTED = frozenset(
    f"{resource}.{verb}"
    for resources, verbs in (
        ("postmortems messages notes", "list create get put patch delete"),
        ("groups", "list get delete acknowledge unacknowledge resolve unresolve silence unsilence"),
        ("users people severities statuses types roles timestamps fields", "list get"),
        ("documents", "list get put content import attach"),
        ("incidents", "list create get edit"),
        ("updates", "list create"),
        ("follow-ups", "list create get put delete"),
        ("identity", "get"),
    )
    for resource in resources.split()
    for verb in verbs.split()
)
_ON_ALL = {"GET": "list", "POST": "create"}
_ON_ONE = {"GET": "get", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}
_SANDBOX = re.compile(r"/_mock/sandboxes/([^/]+)(?=/(?:api/v1|v[0-9])/)")
_EMPTIED = re.compile(r"/_mock/sandboxes/([^/]+)(?:/reset)?")


@dataclass(frozen=True)
class Operation:
    vendor: str
    name: str
    id: str = ""  # of the record that the path names


def sandbox_of(asked: Asked) -> str:
    """The world of a mock that the request is for; a deployment has one, called default."""
    found = _SANDBOX.match(asked.target)
    return found[1] if found else (asked.header("X-Mock-Sandbox") or "default")


def reset_by(asked: Asked) -> str | None:
    """The world that a request to the mock itself empties, if it is one."""
    if asked.method == "POST" and asked.path == "/_mock/reset":
        return sandbox_of(asked)
    found = _EMPTIED.fullmatch(asked.path) if asked.method in ("POST", "DELETE") else None
    return found[1] if found else None


def is_the_vendors(asked: Asked) -> bool:
    """Whether a vendor may be asked this; a mock's control API is its own."""
    return not asked.path.startswith("/_mock") or _SANDBOX.match(asked.path) is not None


def operation_of(asked: Asked) -> Operation | None:
    """None for what no vendor documents, and for paths of the mock's own."""
    path = _SANDBOX.sub("", asked.path).rstrip("/")
    if path.startswith("/api/v1/"):
        resource, *rest = path.removeprefix("/api/v1/").split("/")
        return _oncall(asked.method, resource, rest)
    for prefix, name in INCIDENT_RESOURCES.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return _incident(asked.method, name, [part for part in path[len(prefix) :].split("/") if part])
    if path == "/v1/identity" and asked.method == "GET":
        return Operation(_INCIDENT, "identity.get")
    return None


def _oncall(method: str, resource: str, rest: list[str]) -> Operation | None:
    name = ONCALL_RESOURCES.get(resource)
    verb = None
    if not rest:
        verb = _ON_ALL.get(method)
    elif len(rest) == 1:
        verb = _ON_ONE.get(method)
    elif len(rest) == 2 and method == "POST":
        verb = rest[1]
    return _documented(_ONCALL, f"{name}.{verb}", rest)


def _incident(method: str, name: str, rest: list[str]) -> Operation | None:
    match method, rest:
        case _, []:
            verb = _ON_ALL.get(method)
        case "POST", [_, "actions", "import_postmortem_document"]:
            name, verb = "documents", "import"
        case "POST", ["actions", "attach"]:
            return Operation(_INCIDENT, "documents.attach")
        case "POST", [_, "actions", "edit"]:
            verb = "edit"
        case "GET", [_, "content"]:
            verb = "content"
        case _, [_]:
            verb = _ON_ONE.get(method)
        case _:
            verb = None
    return _documented(_INCIDENT, f"{name}.{verb}", rest)


def _documented(vendor: str, name: str, rest: list[str]) -> Operation | None:
    return Operation(vendor, name, "".join(rest[:1])) if name in DOCUMENTED else None


def matches(asked: Asked, where: str) -> bool:
    """Whether the request is for one of these operations: names or globs, with blanks between them."""
    operation = operation_of(asked)
    return operation is not None and any(fnmatchcase(operation.name, glob) for glob in where.split())
