"""What a Grafana OnCall organization holds. The fixtures are written in these words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["admin", "editor", "viewer", "none"]


@dataclass(frozen=True, slots=True)
class Organization:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class User:
    """A token belongs to one user of one organization; `active: false` keeps it known but refused."""

    id: str
    organization: str
    username: str
    role: Role
    tokens: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class AlertGroup:
    id: str
    organization: str
    title: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Postmortem:
    id: str
    alert_group_id: str
    created_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class PostmortemMessage:
    id: str
    alert_group_id: str
    author: str | None
    source: str | None
    created_at: datetime
    text: str
