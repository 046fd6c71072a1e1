"""Operations on notes, twice: as the page's messages, and as the engine's resolution notes.

The records are the same. What differs is how the engine of today writes a source, and what it says of a page.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from mockserver.core.exchange import Answer
from mockserver.core.provider import Handler
from mockserver.core.views import View
from mockserver.providers.grafana_oncall import wire
from mockserver.providers.grafana_oncall.checks import OnCallVisit
from mockserver.providers.grafana_oncall.paging import page_and_size
from mockserver.providers.grafana_oncall.records import Note
from mockserver.providers.grafana_oncall.tables import Page
from mockserver.providers.grafana_oncall.views import Views

ViewOf = Callable[[Views], View[Note]]
ManyOf = Callable[[OnCallVisit, Page[Note], View[Note]], Answer]


def _functions(one: str, many: str, view_of: ViewOf, many_of: ManyOf) -> dict[str, Handler]:
    def list_notes(visit: OnCallVisit) -> Answer:
        group = visit.request.argument("alert_group_id")
        found = visit.world.notes.page(visit.caller, group, *page_and_size(visit.request))
        return many_of(visit, found, view_of(visit.world.views))

    def create(visit: OnCallVisit) -> Answer:
        payload = visit.payload
        created = visit.world.notes.create(visit.caller, payload["alert_group_id"], payload["text"])
        return wire.one(visit, 201, view_of(visit.world.views), created)

    def get(visit: OnCallVisit) -> Answer:
        return wire.one(visit, 200, view_of(visit.world.views), visit.note)

    def update(visit: OnCallVisit) -> Answer:
        updated = visit.world.notes.update(visit.note, visit.payload.get("text"))
        return wire.one(visit, 200, view_of(visit.world.views), updated)

    def delete(visit: OnCallVisit) -> Answer:
        visit.world.notes.delete(visit.note)
        return wire.nothing(visit, 204)

    return {
        f"list_{many}": list_notes,
        f"create_{one}": create,
        f"get_{one}": get,
        f"update_{one}": update,
        f"partial_update_{one}": update,
        f"delete_{one}": delete,
    }


FUNCTIONS = {
    **_functions("postmortem_message", "postmortem_messages", attrgetter("messages"), wire.many),
    **_functions("resolution_note", "resolution_notes", attrgetter("resolution_notes"), wire.live_many),
}
