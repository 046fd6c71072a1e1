"""Which records are told over and over, and what else each of them tells of.

No operation changes organizations, teams, users, integrations or routes; so these are not listed here. A world that is
given other ones as a whole is told so by its tables, all at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import orjson

from mockserver.core.fixtures import Fixtures
from mockserver.core.sandbox import Services
from mockserver.core.views import View
from mockserver.providers.grafana_oncall import shapes
from mockserver.providers.grafana_oncall.model import World
from mockserver.providers.grafana_oncall.tables import BY_GROUP

PROVIDER = "grafana-oncall"
SCHEMAS = frozenset(
    {
        "Postmortem",
        "PostmortemWithMessages",
        "PostmortemMessage",
        "ResolutionNote",
        "AlertGroup",
        "User",
        "ShortUser",
    }
)


class Views:
    def __init__(self, world: World) -> None:
        services = world.services
        hold = partial(services.hold, PROVIDER)
        view = partial(View, hold=hold, encode=orjson.dumps, room=services.room)

        def postmortems_beside(message: Any) -> Iterable[str]:
            beside = tables.postmortems.where(BY_GROUP, message.alert_group_id)
            return [postmortem.id for postmortem in beside]

        tables = world.tables
        self.postmortems = view(tables.postmortems, "Postmortem", shapes.postmortem)
        self.postmortems_with_messages = view(
            tables.postmortems,
            "PostmortemWithMessages",
            lambda record: shapes.postmortem_with_messages(record, world.messages_of(record)),
            also={tables.messages: postmortems_beside},
        )
        self.messages = view(tables.messages, "PostmortemMessage", shapes.message)
        self.resolution_notes = view(tables.messages, "ResolutionNote", shapes.resolution_note)
        self.alert_groups = view(
            tables.alert_groups,
            "AlertGroup",
            partial(shapes.alert_group, groups=world.groups),
            also={tables.alerts: lambda alert: (alert.alert_group_id,)},
        )
        self.users = view(tables.users, "User", shapes.user)
        self.short_users = view(tables.users, "ShortUser", shapes.short_user)


def build(fixtures: Fixtures, services: Services) -> World:
    """A world that can tell of itself."""
    world = World(fixtures, services)
    world.views = Views(world)
    return world
