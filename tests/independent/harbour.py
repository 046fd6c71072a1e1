"""Who and what there is in the second implementation of OnCall before anybody comes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

Json = dict[str, Any]
State = dict[str, dict[str, Json]]  # the records of each resource by their ids

ALPHABET = "ABCDEFGHIJKLMNPQRSTUVWXYZ123456789"


class User(NamedTuple):
    organization: str
    role: str = ""
    id: str | None = None  # none for a service account
    active: bool = True


USERS = {
    "harbour-admin": User("north", "admin", "UHARBRADM1111"),
    "harbour-editor": User("north", "editor", "UHARBREDT1111"),
    "harbour-viewer": User("north", "viewer", "UHARBRVWR1111"),
    "harbour-nothing": User("north", "", "UHARBRNUL1111"),
    "harbour-asleep": User("north", "admin", "UHARBRSLP1111", active=False),
    "harbour-robot": User("north", "editor"),
    "harbour-camera": User("north", "viewer"),
    "island-admin": User("south", "admin", "U1SLANDADM111"),
    "sunken-admin": User("", "admin", "USUNKENADM111"),
}
# Alert groups with their organization and their start.
GROUPS = {
    "IHARBRNEW1111": ("north", 1_700_300_000),
    "IHARBRM1D1111": ("north", 1_700_200_000),
    "IHARBRL1D1111": ("north", 1_700_100_000),
    "I1SLANDNEW111": ("south", 1_700_000_000),
}
FULL_SECOND = "P1SLANDFULL11"

# What the suite has to be told of this deployment.
DESCRIPTION = {
    "CONTRACT_ONCALL_TOKEN": "harbour-admin",
    "CONTRACT_ONCALL_EDITOR_TOKEN": "harbour-editor",
    "CONTRACT_ONCALL_VIEWER_TOKEN": "harbour-viewer",
    "CONTRACT_ONCALL_NO_ROLE_TOKEN": "harbour-nothing",
    "CONTRACT_ONCALL_INACTIVE_TOKEN": "harbour-asleep",
    "CONTRACT_ONCALL_ALERT_GROUPS": "IHARBRNEW1111,IHARBRM1D1111,IHARBRL1D1111",
    "CONTRACT_ONCALL_ALERT_GROUP_WITH_MESSAGES": "IHARBRM1D1111",
    "CONTRACT_ONCALL_OTHER_ORGANIZATION_TOKEN": "island-admin",
    "CONTRACT_ONCALL_OTHER_ORGANIZATION_ALERT_GROUP": "I1SLANDNEW111",
    "CONTRACT_ONCALL_OTHER_ORGANIZATION_FULL_SECOND_POSTMORTEM": FULL_SECOND,
    "CONTRACT_ONCALL_SERVICE_ACCOUNT_TOKEN": "harbour-robot",
    "CONTRACT_ONCALL_READ_ONLY_SERVICE_ACCOUNT_TOKEN": "harbour-camera",
    "CONTRACT_ONCALL_DELETED_ORGANIZATION_TOKEN": "sunken-admin",
}


def new_state() -> State:
    """What there is before anybody comes: records of other people, which no law may touch."""
    state: State = {"postmortems": {}, "postmortem_messages": {}}
    for number in range(3):
        for group in list(GROUPS)[:3]:
            one = f"P{number}{group[1:-1]}".replace("0", "Z")
            state["postmortems"][one] = record(one, group, f"Of somebody else, {number}", now())
    state["postmortems"][FULL_SECOND] = record(
        FULL_SECOND, "I1SLANDNEW111", "At noon", "2024-02-29T12:00:00Z"
    )
    spoken = record("MHARBRSAYS111", "IHARBRM1D1111", "The crane stopped", now())
    state["postmortem_messages"][spoken["id"]] = spoken | {"author": "UHARBREDT1111", "source": "web"}
    return state


def record(id: str, group: str, text: str, created_at: str) -> Json:
    return {"text": text, "created_at": created_at, "alert_group_id": group, "id": id}


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
