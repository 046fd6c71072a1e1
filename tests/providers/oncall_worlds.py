"""Small and large worlds of alert groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.core.sandbox import services
from mockserver.providers.grafana_oncall.model import World
from mockserver.providers.grafana_oncall.records import (
    Alert,
    AlertGroup,
    Integration,
    Note,
    Organization,
    Route,
    ServiceAccount,
    Team,
    User,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


def make_world(groups: Sequence[AlertGroup] = (), notes: Sequence[Note] = (), **more: Any) -> World:
    """Organizations O1 and O2, team T1 of O1 with integration C1; C2 has no team, CX is O2's. R1, R2, RX are theirs."""
    fixtures: Mapping[str, Sequence[Any]] = {
        "organizations": [Organization("O1", "One"), Organization("O2", "Two")],
        "teams": [Team("T1", "O1", "one"), Team("T2", "O1", "two"), Team("TX", "O2", "foreign")],
        "users": [
            User("U1", "O1", "one", "admin", ("one",), email="one@one.example"),
            User("U2", "O2", "two", "admin", ("two",)),
            User("U3", "O1", "gone", "admin", ("gone",), active=False),
        ],
        "service_accounts": [ServiceAccount("S1", "O1", "robot", "editor", ("glsa_robot",))],
        "integrations": [
            Integration("C1", "O1", "one", "T1"),
            Integration("C2", "O1", "two"),
            Integration("CX", "O2", "foreign", "TX"),
        ],
        "routes": [Route("R1", "C1"), Route("R2", "C2"), Route("RX", "CX")],
        "alert_groups": list(groups),
        "postmortem_messages": list(notes),
        **more,
    }
    return World(fixtures, services(seed=1, name="test", base_url="http://mock", rate_factor=None))


def make_group(at: int = 0, **fields: Any) -> AlertGroup:
    """Group I<at> of O1, started that many minutes after START."""
    return AlertGroup(
        **{
            "id": f"I{at}",
            "organization": "O1",
            "title": f"group {at}",
            "started_at": START + timedelta(minutes=at),
            **fields,
        }
    )


def make_alert(at: int, group: str) -> Alert:
    return Alert(f"A{at}", group, START + timedelta(seconds=at), {"number": at})


def make_note(at: int, group: str = "I0", **fields: Any) -> Note:
    return Note(
        **{
            "id": f"M{at}",
            "alert_group_id": group,
            "author": "U1",
            "source": "web",
            "created_at": START + timedelta(seconds=at),
            "text": f"note {at}",
            **fields,
        }
    )
