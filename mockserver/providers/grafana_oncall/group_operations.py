"""Operations on alert groups."""

from __future__ import annotations

from mockserver.core.exchange import Answer
from mockserver.providers.grafana_oncall import wire
from mockserver.providers.grafana_oncall.actions import FOR_EVER, REFUSED
from mockserver.providers.grafana_oncall.checks import OnCallVisit, verb_of
from mockserver.providers.grafana_oncall.paging import page_and_size


def list_alert_groups(visit: OnCallVisit) -> Answer:
    groups = visit.world.groups
    found = groups.page(visit.caller, visit.wanted, *page_and_size(visit.request))
    return wire.live_many(visit, found, visit.world.views.alert_groups)


def get_alert_group(visit: OnCallVisit) -> Answer:
    return wire.one(visit, 200, visit.world.views.alert_groups, visit.group)


def delete_alert_group(visit: OnCallVisit) -> Answer:
    if visit.mode == "delete":
        visit.world.groups.delete(visit.group)
    else:
        visit.world.groups.wipe(visit.group)
    return wire.nothing(visit, 204)


def take_action(visit: OnCallVisit) -> Answer:
    verb = verb_of(visit.operation)
    delay = visit.delay if verb == "silence" else FOR_EVER
    visit.world.groups.actions.take(verb, visit.group, visit.caller.id, delay)
    return wire.nothing(visit, 200)


FUNCTIONS = {
    "list_alert_groups": list_alert_groups,
    "get_alert_group": get_alert_group,
    "delete_alert_group": delete_alert_group,
    **{f"{verb}_alert_group": take_action for verb in REFUSED},
}
