"""Operations on postmortems."""

from __future__ import annotations

from mockserver.core.exchange import Answer
from mockserver.providers.grafana_oncall import wire
from mockserver.providers.grafana_oncall.checks import OnCallVisit
from mockserver.providers.grafana_oncall.paging import page_and_size


def list_postmortems(visit: OnCallVisit) -> Answer:
    group = visit.request.argument("alert_group_id")
    found = visit.world.list_postmortems(visit.caller, group, *page_and_size(visit.request))
    return wire.many(visit, found, visit.world.views.postmortems_with_messages)


def create_postmortem(visit: OnCallVisit) -> Answer:
    created = visit.world.create_postmortem(
        visit.caller, visit.payload["alert_group_id"], visit.payload["text"]
    )
    return wire.one(visit, 201, visit.world.views.postmortems, created)


def get_postmortem(visit: OnCallVisit) -> Answer:
    return wire.one(visit, 200, visit.world.views.postmortems_with_messages, visit.postmortem)


def update_postmortem(visit: OnCallVisit) -> Answer:
    updated = visit.world.update_postmortem(visit.postmortem, visit.payload["text"])
    return wire.one(visit, 200, visit.world.views.postmortems, updated)


def partial_update_postmortem(visit: OnCallVisit) -> Answer:
    if "text" not in visit.payload:
        return wire.one(visit, 200, visit.world.views.postmortems, visit.postmortem)
    return update_postmortem(visit)


def delete_postmortem(visit: OnCallVisit) -> Answer:
    visit.world.delete_postmortem(visit.postmortem)
    return wire.nothing(visit, 204)


FUNCTIONS = {
    function.__name__: function
    for function in (
        list_postmortems,
        create_postmortem,
        get_postmortem,
        update_postmortem,
        partial_update_postmortem,
        delete_postmortem,
    )
}
