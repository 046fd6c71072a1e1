"""Which records are told over and over, and what else each of them tells of.

No operation changes what an organisation has configured, its people, its keys or its name; so nothing of these is
listed here. A world that is given other ones as a whole is told so by its tables, all at once.
"""

from __future__ import annotations

from functools import partial

import orjson

from mockserver.core.fixtures import Fixtures
from mockserver.core.sandbox import Services
from mockserver.core.views import View
from mockserver.providers.incident_io import wire
from mockserver.providers.incident_io.catalog import wire as catalog
from mockserver.providers.incident_io.follow_ups import wire as follow_ups
from mockserver.providers.incident_io.incidents import wire as incidents
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.people import wire as people

PROVIDER = "incident-io"
CONFIGURED = {
    "severities": "SeverityV1",
    "incident_statuses": "IncidentStatusV1",
    "incident_types": "IncidentTypeV1",
    "incident_roles": "IncidentRoleV2",
    "incident_timestamps": "IncidentTimestampV2",
    "custom_fields": "CustomFieldV2",
}
SCHEMAS = frozenset(
    {
        "PostmortemDocumentV1",
        "IncidentV2",
        "IncidentUpdateV2",
        "FollowUpV3",
        "UserWithRolesV2",
        *CONFIGURED.values(),
    }
)


class Views:
    """`configured` by the name of the collection."""

    def __init__(self, world: World) -> None:
        services = world.services
        hold = partial(services.hold, PROVIDER)
        view = partial(View, hold=hold, encode=orjson.dumps, room=services.room)

        tables = world.catalog.tables()
        self.documents = view(
            world.documents, "PostmortemDocumentV1", partial(wire.postmortem_document, world)
        )
        self.incidents = view(
            world.incidents,
            "IncidentV2",
            partial(incidents.incident, world),
            also={world.documents: lambda document: (document.incident_id,)},
        )
        self.updates = view(world.updates, "IncidentUpdateV2", partial(incidents.update, world))
        self.follow_ups = view(
            world.follow_ups.follow_ups, "FollowUpV3", partial(follow_ups.follow_up, world)
        )
        self.users = view(
            world.people.users, "UserWithRolesV2", partial(people.user_with_roles, world.people)
        )
        self.configured = {
            name: view(tables[name], schema, catalog.item) for name, schema in CONFIGURED.items()
        }


def build(fixtures: Fixtures, services: Services) -> World:
    """A world that can tell of itself."""
    world = World(fixtures, services)
    world.views = Views(world)
    return world
