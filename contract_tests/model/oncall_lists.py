"""Judges lists of Grafana OnCall's records: whom they show, in which order, on which page."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.exchange import Asked
from contract_tests.model.oncall_forms import Page, record_wrong
from contract_tests.model.oncall_request import MESSAGES, NOTES, POSTMORTEMS, UNSURE, Json, last
from contract_tests.model.oncall_world import KIND, NOTE, Person, Record, World
from contract_tests.model.shadow import brief

MEMBERS = {POSTMORTEMS: "delete.removes", MESSAGES: "message.list", NOTES: "note.list.filter"}
ORDER = {POSTMORTEMS: "list.order", MESSAGES: "message.list", NOTES: "note.list.order"}
FILTER = {
    POSTMORTEMS: "list.filter.by-alert-group",
    MESSAGES: "message.list",
    NOTES: "note.list.filter",
}
TENANT = {
    POSTMORTEMS: "tenant.others-are-invisible",
    MESSAGES: "message.rights",
    NOTES: "note.tenant",
}
KEPT = {POSTMORTEMS: "update.shape", MESSAGES: "message.update", NOTES: "note.update"}


class Lists:
    def __init__(self, world: World, *, strict: bool) -> None:
        self._world, self._strict = world, strict

    def row_wrong(self, person: Person, resource: str, shown: Json, *, full: bool = True) -> Iterator[str]:
        """What is wrong with a record that somebody is shown; learns it if it is new."""
        wrong = list(record_wrong(shown, resource, full=full, strict=self._strict))
        if wrong:
            yield from wrong
            return
        world, kind = self._world, KIND[resource]
        known = world.records.get(shown["id"])
        if shown["id"] in world.gone:
            yield f"{MEMBERS[resource]}: shows {shown['id']}, which was deleted"
            return
        if known is None:
            if world.is_complete(person.organization, kind):
                yield f"{MEMBERS[resource]}: shows {shown['id']}, which nobody made"
                return
            world.learn(person.organization, resource, shown)
        elif known.organization != person.organization:
            yield f"{TENANT[resource]}: shows {shown['id']} of another organization"
            return
        elif known.own or not world.shared:
            for name, value in known.seen_as(resource).items():
                if shown[name] != value:
                    yield (
                        f"{KEPT[resource]}, field.text-kept: {name} of {known.id} is {brief(shown[name])}, "
                        f"not {brief(value)}"
                    )
            if known.text is UNSURE:
                world.learn(person.organization, resource, shown)
            elif resource in (MESSAGES, NOTES):
                known.author = shown["author"]
                known.sources.setdefault(resource, shown["source"])
        if full and resource == POSTMORTEMS:
            yield from self._messages_wrong(person, shown)

    def _messages_wrong(self, person: Person, shown: Json) -> Iterator[str]:
        messages, group = shown["postmortem_messages"], shown["alert_group_id"]
        for message in messages:
            for wrong in self.row_wrong(person, MESSAGES, message):
                yield f"message.in-postmortem, {wrong}"
        expected = [record.id for record in self._world.listed(person.organization, NOTE, group)]
        seen = [message["id"] for message in messages]
        if self._world.is_complete(person.organization, NOTE):
            if seen != expected:
                yield f"message.in-postmortem: {shown['id']} shows the messages {seen}, not {expected}"
            return
        own = [id_ for id_ in expected if self._world.records[id_].own]
        if [id_ for id_ in seen if id_ in own] != own:
            yield f"message.in-postmortem: {shown['id']} shows {seen}, without {own} in this order"

    def page_wrong(self, person: Person, asked: Asked, resource: str, page: Page) -> Iterator[str]:
        world, kind = self._world, KIND[resource]
        group = last(asked.query, "alert_group_id") or None
        for row in page.rows:
            if group is not None and row.get("alert_group_id") != group:
                yield f"{FILTER[resource]}: asked for {group!r}, shows {brief(row)}"
        wrong = [said for row in page.rows for said in self.row_wrong(person, resource, row)]
        if wrong:
            yield from wrong
            return
        expected = world.listed(person.organization, kind, group)
        if world.is_complete(person.organization, kind):
            yield from self._whole_wrong(resource, page, expected)
            return
        yield from self._part_wrong(resource, page, expected)
        if group is None and world.walk(person.organization, resource, page.start, page.rows, page.count):
            met = world.met(person.organization, resource)
            for record in expected:
                if record.id not in met:
                    yield f"{MEMBERS[resource]}: no page lists {record.id}"

    def _whole_wrong(self, resource: str, page: Page, expected: list[Record]) -> Iterator[str]:
        """Everybody is known."""
        if page.count != len(expected):
            yield f"list.page.size, {MEMBERS[resource]}: count is {page.count}, not {len(expected)}"
            return
        seen = [row["id"] for row in page.rows]
        wanted = [record.id for record in expected][page.start : page.start + page.size]
        ordered = self._world.is_ordered(expected)
        if seen != wanted and (ordered or len(seen) != len(wanted)):
            yield f"{ORDER[resource]}: page {page.number} of {page.size} each shows {seen}, not {wanted}"

    def _part_wrong(self, resource: str, page: Page, known: list[Record]) -> Iterator[str]:
        """Others may be there as well. A page is one piece of the list: those known, too, are one piece of theirs."""
        if page.count < len(known):
            yield f"list.page.size, {MEMBERS[resource]}: count is {page.count}, though {len(known)} are known"
        if not self._world.is_ordered(known):
            known = []
        order = [record.id for record in known]
        seen = [row["id"] for row in page.rows if row["id"] in order]
        first = order.index(seen[0]) if seen else 0
        if seen != order[first : first + len(seen)]:
            yield f"{ORDER[resource]}: page {page.number} shows {seen}, but the order is {order}"
        elif order and page.number == 1 and seen and first:
            yield f"{MEMBERS[resource]}: page 1 does not show {order[:first]}, which come before {seen[0]}"
        elif order and page.last == 1 and len(seen) < len(order):
            yield f"{MEMBERS[resource]}: the only page does not show {[id_ for id_ in order if id_ not in seen]}"
        elif order and page.number == page.last and seen and first + len(seen) < len(order):
            yield f"{MEMBERS[resource]}: the last page does not show {order[first + len(seen) :]}"
