"""Operations on postmortems."""

from __future__ import annotations

from mockserver.core.exchange import Answer
from mockserver.providers.grafana_oncall import shapes, wire
from mockserver.providers.grafana_oncall.checks import OnCallVisit
from mockserver.providers.grafana_oncall.paging import page_and_size


def list_postmortems(visit: OnCallVisit) -> Answer:
    group = visit.request.argument("alert_group_id")
    found = visit.world.list_postmortems(visit.caller, group, *page_and_size(visit.request))
    results = [
        shapes.postmortem_with_messages(postmortem, visit.world.messages_of(postmortem))
        for postmortem in found.records
    ]
    return wire.answer(visit, 200, wire.page(visit, found, results))


def create_postmortem(visit: OnCallVisit) -> Answer:
    created = visit.world.create_postmortem(
        visit.caller, visit.payload["alert_group_id"], visit.payload["text"]
    )
    return wire.answer(visit, 201, shapes.postmortem(created))


def get_postmortem(visit: OnCallVisit) -> Answer:
    messages = visit.world.messages_of(visit.postmortem)
    return wire.answer(visit, 200, shapes.postmortem_with_messages(visit.postmortem, messages))


def update_postmortem(visit: OnCallVisit) -> Answer:
    updated = visit.world.update_postmortem(visit.postmortem, visit.payload["text"])
    return wire.answer(visit, 200, shapes.postmortem(updated))


def partial_update_postmortem(visit: OnCallVisit) -> Answer:
    if "text" not in visit.payload:
        return wire.answer(visit, 200, shapes.postmortem(visit.postmortem))
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
