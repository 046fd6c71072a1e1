"""The words of the fixtures for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Seat = Literal["full_access", "viewer_only", "none"]


@dataclass(frozen=True, slots=True)
class RbacRole:
    """`slug` is what programs know the role by."""

    id: str
    organisation: str
    name: str
    slug: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class User:
    """`role` is the vendor's older notion, no longer kept up; `base_role` and `custom_roles` are ids of roles."""

    id: str
    organisation: str
    name: str
    base_role: str
    role: Literal["viewer", "responder", "administrator", "owner", "unset"] = "unset"
    email: str | None = None
    slack_user_id: str | None = None
    custom_roles: tuple[str, ...] = ()
    active: bool = True
    on_call_seat: Seat = "none"
    response_seat: Seat = "full_access"
