"""Grafana OnCall, as the guard sees it."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.guard.vendors import Kind, Listing, Operation, Vendor

_API = "/api/v1/"


def _records(plural: str, name: str, names: str, resource: str) -> Iterator[Operation]:
    """A resource that can be listed, created, shown, changed and deleted."""
    all_, one = f"{_API}{plural}/", f"{_API}{plural}/{{id}}/"
    yield Operation("GET", all_, f"list_{names}")
    yield Operation(
        "POST",
        all_,
        f"create_{name}",
        "create",
        resource,
        removed_at=one,
        part_of="alert_group_id",
        parent="alert_group",
    )
    yield Operation("GET", one, f"get_{name}")
    yield Operation("PUT", one, f"update_{name}", "change", resource)
    yield Operation("PATCH", one, f"partial_update_{name}", "change", resource)
    yield Operation("DELETE", one, f"delete_{name}", "delete", resource)


def _groups() -> Iterator[Operation]:
    kind: Kind = "change"
    all_, one = f"{_API}alert_groups/", f"{_API}alert_groups/{{id}}/"
    yield Operation("GET", all_, "list_alert_groups")
    yield Operation("GET", one, "get_alert_group")
    yield Operation("DELETE", one, "delete_alert_group", "delete", "alert_group", lasting=True)
    for verb in ("acknowledge", "unacknowledge", "resolve", "unresolve", "silence", "unsilence"):
        yield Operation("POST", f"{one}{verb}/", f"{verb}_alert_group", kind, "alert_group")


def _users() -> Iterator[Operation]:
    yield Operation("GET", f"{_API}users/", "list_users")
    yield Operation("GET", f"{_API}users/current/", "get_current_user")
    yield Operation("GET", f"{_API}users/{{id}}/", "get_user")


def _listing(plural: str) -> Listing:
    return Listing(f"{_API}{plural}/", "alert_group_id", "results", "text", {"perpage": "100"}, after="")


GRAFANA_ONCALL = Vendor(
    name="grafana_oncall",
    paths=("/api/",),
    operations=(
        *_records("postmortems", "postmortem", "postmortems", "postmortem"),
        # The same records under an older name.
        *_records("postmortem_messages", "postmortem_message", "postmortem_messages", "note"),
        *_records("resolution_notes", "resolution_note", "resolution_notes", "note"),
        *_groups(),
        *_users(),
    ),
    listings={"postmortem": _listing("postmortems"), "note": _listing("resolution_notes")},
    not_found=b'{"detail":"Not found."}',
    credential="oncall_token",
    scheme="",
    dead={},
)
