"""Who the caller is, and who else there is."""

from __future__ import annotations

from mockserver.core.exchange import Answer
from mockserver.core.provider import Handler
from mockserver.providers.incident_io.catalog.tables import find
from mockserver.providers.incident_io.checks import IncidentVisit
from mockserver.providers.incident_io.wire import answer, many, one, page


def identity(visit: IncidentVisit) -> Answer:
    """Any key may ask; it is never scoped to teams."""
    key = visit.api_key
    shown = {
        "name": key.name,
        "dashboard_url": visit.world.dashboard_url(key.organisation),
        "roles": list(key.roles),
        "team_roles": [],
        "teams": [],
    }
    return answer(visit, 200, {"identity": shown})


def list_users(visit: IncidentVisit) -> Answer:
    query, people = visit.query, visit.world.people
    found = people.list_users(
        visit.api_key.organisation,
        email=query["email"],
        slack_user_id=query["slack_user_id"],
        include_inactive=bool(query["include_inactive"]),
        after=query["after"],
        limit=query["page_size"] + 1,
    )
    records, meta = page(found, query["page_size"])
    return many(visit, "users", visit.world.views.users, records, meta)


def show_user(visit: IncidentVisit) -> Answer:
    people = visit.world.people
    user = find(people.users, visit.api_key.organisation, visit.path["id"])
    return one(visit, 200, "user", visit.world.views.users, user)


FUNCTIONS: dict[str, Handler] = {
    "Utilities V1_Identity": identity,
    "Users V2_List": list_users,
    "Users V2_Show": show_user,
}
