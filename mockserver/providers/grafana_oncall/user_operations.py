"""Operations on users."""

from __future__ import annotations

from mockserver.core.exchange import Answer
from mockserver.providers.grafana_oncall import shapes, wire
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
    shape = shapes.short_user if request.argument("short") == "true" else shapes.user
    return wire.answer(visit, 200, wire.live_page(visit, found, [shape(user) for user in found.records]))


def get_user(visit: OnCallVisit) -> Answer:
    return wire.answer(visit, 200, shapes.user(visit.person))


FUNCTIONS = {"list_users": list_users, "get_user": get_user, "get_current_user": get_user}
