"""What a Grafana OnCall organization holds. The fixtures are written in these words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Role = Literal["admin", "editor", "viewer", "none"]


@dataclass(frozen=True, slots=True)
class Organization:
    """`grafana_url` is what the links to its pages begin with; one that is `deleted` is gone to its own users too."""

    id: str
    name: str
    grafana_url: str = "http://grafana.invalid"
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    organization: str
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
    email: str | None = None
    slack_user_id: str | None = None
    slack_team_id: str | None = None
    phone_verified: bool = False
    timezone: str | None = None
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A caller that is no person. Its tokens begin with `glsa_`."""

    id: str
    organization: str
    name: str
    role: Role
    tokens: tuple[str, ...] = ()
    active: bool = True


Caller = User | ServiceAccount


@dataclass(frozen=True, slots=True)
class Token:
    """Whose it is; `id` is the token itself."""

    id: str
    caller: Caller


@dataclass(frozen=True, slots=True)
class Integration:
    id: str
    organization: str
    name: str
    team_id: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    id: str
    integration_id: str


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """Its state follows from which of its times are set. `silenced_until: null` on a silenced group is for ever.

    `attached_to` names another group, whose actions it follows; `labels` are written `key:value`.
    """

    id: str
    organization: str
    title: str | None
    started_at: datetime
    integration_id: str | None = None
    route_id: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    silenced_at: datetime | None = None
    silenced_until: datetime | None = None
    labels: tuple[str, ...] = ()
    attached_to: str | None = None
    maintenance: bool = False

    @property
    def state(self) -> str:
        """As filters name it; what lists show as `firing` is `new` to them."""
        if self.resolved_at is not None:
            return "resolved"
        if self.acknowledged_at is not None:
            return "acknowledged"
        return "new" if self.silenced_at is None else "silenced"


@dataclass(frozen=True, slots=True)
class Alert:
    id: str
    alert_group_id: str
    created_at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Silence:
    """Which group a silence with an end belongs to, and when it ends."""

    id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Postmortem:
    id: str
    alert_group_id: str
    created_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A message to the postmortem page, a resolution note to the engine. `source` is one of SOURCES or null."""

    id: str
    alert_group_id: str
    author: str | None
    source: str | None
    created_at: datetime
    text: str


# As the page writes a source, and as the engine does now.
SOURCES = {"web": "Web", "slack": "Slack", "mobile app": "Mobile App"}
