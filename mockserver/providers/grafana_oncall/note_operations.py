"""Operations on notes, twice: as the page's messages, and as the engine's resolution notes.

The records are the same. What differs is how the engine of today writes a source, and what it says of a page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.core.exchange import Answer
from mockserver.core.provider import Handler
from mockserver.providers.grafana_oncall import shapes, wire
from mockserver.providers.grafana_oncall.checks import OnCallVisit
from mockserver.providers.grafana_oncall.paging import page_and_size
from mockserver.providers.grafana_oncall.records import Note
from mockserver.providers.grafana_oncall.tables import Page

Shape = Callable[[Note], dict[str, Any]]
Wrap = Callable[[OnCallVisit, Page[Note], list[dict[str, Any]]], dict[str, Any]]


def _functions(one: str, many: str, shape: Shape, wrap: Wrap) -> dict[str, Handler]:
    def list_notes(visit: OnCallVisit) -> Answer:
        group = visit.request.argument("alert_group_id")
        found = visit.world.notes.page(visit.caller, group, *page_and_size(visit.request))
        return wire.answer(visit, 200, wrap(visit, found, [shape(note) for note in found.records]))

    def create(visit: OnCallVisit) -> Answer:
        payload = visit.payload
        created = visit.world.notes.create(visit.caller, payload["alert_group_id"], payload["text"])
        return wire.answer(visit, 201, shape(created))

    def get(visit: OnCallVisit) -> Answer:
        return wire.answer(visit, 200, shape(visit.note))

    def update(visit: OnCallVisit) -> Answer:
        updated = visit.world.notes.update(visit.note, visit.payload.get("text"))
        return wire.answer(visit, 200, shape(updated))

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
    **_functions("postmortem_message", "postmortem_messages", shapes.message, wire.page),
    **_functions("resolution_note", "resolution_notes", shapes.resolution_note, wire.live_page),
}
