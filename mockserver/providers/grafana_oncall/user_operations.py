"""Operations on users."""

from __future__ import annotations

from mockserver.core.exchange import Answer
from mockserver.providers.grafana_oncall import wire
from mockserver.providers.grafana_oncall.checks import OnCallVisit
from mockserver.providers.grafana_oncall.paging import page_and_size

PAGE_SIZE = 100


def list_users(visit: OnCallVisit) -> Answer:
    request = visit.request
    found = visit.world.people.page(
        visit.caller,
        request.argument("username"),
        request.argument("email"),
        *page_and_size(request, PAGE_SIZE),
    )
    views = visit.world.views
    short = request.argument("short") == "true"
    return wire.live_many(visit, found, views.short_users if short else views.users)


def get_user(visit: OnCallVisit) -> Answer:
    return wire.one(visit, 200, visit.world.views.users, visit.person)


FUNCTIONS = {"list_users": list_users, "get_user": get_user, "get_current_user": get_user}
