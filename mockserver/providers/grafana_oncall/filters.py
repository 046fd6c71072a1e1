"""The query of a list of alert groups or notes, read as the engine reads it."""

from __future__ import annotations

from datetime import UTC, datetime

from mockserver.core.errors import Refusal
from mockserver.core.exchange import Request
from mockserver.providers.grafana_oncall.groups import GroupFilter
from mockserver.providers.grafana_oncall.model import World
from mockserver.providers.grafana_oncall.records import Caller

STATES = ("new", "acknowledged", "resolved", "silenced")
MOMENT = "%Y-%m-%dT%H:%M:%S"
NO_TEAM = "null"
NO_CHOICE = ["Select a valid choice. That choice is not one of the available choices."]


class BadFilter(Refusal):
    """`answer` is what there is to say about it."""

    def __init__(self, answer: dict[str, object]) -> None:
        super().__init__(answer)
        self.answer = answer


def refuse_row_number(request: Request) -> None:
    """`alert_group` filters by the number of a row in the engine's database, of which nothing here has one."""
    if request.argument("alert_group"):
        raise BadFilter({"alert_group": NO_CHOICE})


def read_group_filter(request: Request, world: World, caller: Caller) -> GroupFilter:
    """Empty values ask for nothing; of several the last counts, but labels, which all count. Raises BadFilter."""
    state = (request.argument("state") or "").lower() or None
    if state is not None and state not in STATES:
        raise BadFilter({"state": f"Must be one of the following: {', '.join(STATES)}"})
    team = request.argument("team_id") or None
    if team not in (None, NO_TEAM) and not world.groups.knows_team(caller, str(team)):
        raise BadFilter({"team_id": NO_CHOICE})
    started = request.argument("started_at")
    return GroupFilter(
        id=request.argument("id") or None,
        integration_id=request.argument("integration_id") or None,
        route_id=request.argument("route_id") or None,
        team_id=None if team == NO_TEAM else team,
        no_team=team == NO_TEAM,
        state=state,
        started=_range(started) if started else None,
        labels=tuple(value for name, value in request.arguments if name == "label" and value.count(":") == 1),
    )


def _range(text: str) -> tuple[datetime, datetime]:
    first, _, last = text.partition("_")
    try:
        start, end = (datetime.strptime(part, MOMENT).replace(tzinfo=UTC) for part in (first, last))
    except ValueError:
        raise BadFilter({"detail": "Invalid range value"}) from None
    if start > end:
        raise BadFilter({"detail": "Invalid range value"})
    return start, end
