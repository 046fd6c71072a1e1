"""Judges what is done to one postmortem, message or note of Grafana OnCall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model.oncall_access import NOT_FOUND
from contract_tests.model.oncall_forms import ID, PREFIX, json_of, record_wrong, refusal_wrong
from contract_tests.model.oncall_lists import KEPT, TENANT, Lists
from contract_tests.model.oncall_request import (
    GROUPS,
    MESSAGES,
    NO_OBJECT,
    NOT_NULL,
    NOTES,
    POSTMORTEMS,
    REQUIRED,
    UNSURE,
    USERS,
    Json,
    Refused,
    Route,
    Sure,
    fields_of,
    last,
    text_of,
)
from contract_tests.model.oncall_world import KIND, SAID, Person, Record, World
from contract_tests.model.shadow import brief

ELSEWHERE = {"detail": "Cannot update message with this source type"}
SHAPE = {POSTMORTEMS: "create.shape", MESSAGES: "message.shape", NOTES: "note.shape"}
UNKNOWN = {
    POSTMORTEMS: "get.unknown-id, delete.removes",
    MESSAGES: "message.delete",
    NOTES: "note.delete",
    GROUPS: "group.unknown",
    USERS: "user.unknown",
}


class Records:
    def __init__(self, world: World, lists: Lists, *, strict: bool, clock: float | None) -> None:
        self.world, self._lists, self._strict, self._clock = world, lists, strict, clock
        self._latest: datetime | None = None

    def found(self, asked: Asked, route: Route, person: Person) -> bool | Sure:
        """Whether somebody finds what the path names."""
        world, resource = self.world, route.resource
        known = world.groups.get(route.id) if resource == GROUPS else world.records.get(route.id)
        if isinstance(known, Record) and known.kind != KIND[resource]:
            return False
        if known is not None and known.organization == person.organization:
            wanted = last(asked.query, "alert_group_id") if isinstance(known, Record) else None
            if wanted and isinstance(known, Record) and wanted != known.group:
                return False
            return UNSURE if world.shared and not (isinstance(known, Record) and known.own) else True
        if known is not None or route.id in world.gone:
            return False
        if world.is_complete(person.organization, KIND.get(resource, resource)):
            return False
        if self._strict and not re.fullmatch(PREFIX[resource] + ID, route.id):
            return False
        resembles = route.id.lower() in {id_.lower() for id_ in (*world.records, *world.groups)}
        return False if resembles else UNSURE

    def one(
        self, exchange: Exchange, asked: Asked, answered: Answered, route: Route, person: Person
    ) -> Iterator[str]:
        found, resource = self.found(asked, route, person), route.resource
        if not is_clear(asked, resource):
            found = UNSURE
        if found is UNSURE and answered.status == 404:
            return
        if found is False:
            other = self.world.sees_other(person.organization, route.id)
            rule = TENANT[resource] if other else UNKNOWN[resource]
            if last(asked.query, "alert_group_id"):
                rule += ", get.filter-mismatch, note.list.filter"
            yield from refusal_wrong(exchange, Refused(404, NOT_FOUND, rule))
            return
        record = self.world.records.get(route.id)
        if asked.method in ("GET", "HEAD"):
            yield from self._shown(asked, answered, resource, person, route.id)
        elif asked.method == "DELETE":
            if answered.status != 204 or answered.body:
                yield f"delete.status: answers {answered.status} {brief(answered.body)}, not 204 and nothing"
            elif record:
                self.world.remove(record)
        else:
            yield from self._update(exchange, asked, answered, resource, person, record)

    def _shown(
        self, asked: Asked, answered: Answered, resource: str, person: Person, id_: str
    ) -> Iterator[str]:
        if answered.status != 200:
            yield f"get.shape, get.after-create: GET of {id_} answers {answered.status} {brief(answered.body)}"
        elif asked.method == "HEAD":
            if answered.body:
                yield "method.head: a body"
        else:
            shown = json_of(answered)
            wrong = list(self._lists.row_wrong(person, resource, shown))
            yield from wrong
            if not wrong and shown["id"] != id_:
                yield f"get.shape: GET of {id_} shows {shown['id']}"

    def create(
        self, exchange: Exchange, asked: Asked, answered: Answered, resource: str, person: Person
    ) -> Iterator[str]:
        fields = fields_of(asked)
        text: Any = UNSURE
        if isinstance(fields, dict):
            group, text = fields.get("alert_group_id", UNSURE), text_of(fields, partial=False)
            refusals = self._group_refused(fields, person)
            if isinstance(text, list):
                refusals["text"] = text
            if UNSURE in refusals.values() or text is UNSURE:
                if answered.status == 400:
                    return
            elif refusals:
                fields = Refused(400, refusals, "field.required, field.text-type, field.alert-group")
        if isinstance(fields, Refused):
            yield from refusal_wrong(exchange, fields)
            return
        if answered.status != 201:
            if fields is not UNSURE or answered.status not in (400, 415):
                yield f"create.status: answers {answered.status} {brief(answered.body)}, not 201"
            return
        shown = json_of(answered)
        wrong = list(record_wrong(shown, resource, full=False, strict=self._strict))
        yield from wrong
        if wrong:
            return
        if isinstance(fields, dict) and shown["alert_group_id"] != group:
            yield f"{SHAPE[resource]}: alert_group_id is {shown['alert_group_id']!r}, not {group!r}"
        if isinstance(text, str) and shown["text"] != text:
            yield f"{SHAPE[resource]}, field.text-kept: text is {brief(shown['text'])}, not {brief(text)}"
        if resource != POSTMORTEMS:
            yield from self._author_wrong(person, shown, resource)
        yield from self._new_wrong(exchange, shown, resource)
        self.world.learn(person.organization, resource, shown, own=True)
        self.world.stir(person.organization, KIND[resource])

    def _group_refused(self, fields: Json, person: Person) -> Json:
        """What is wrong with the alert group of a body; UNSURE under its name if that is not known."""
        if "alert_group_id" not in fields:
            return {"alert_group_id": REQUIRED}
        group = fields["alert_group_id"]
        if group is None or group == "":
            return {"alert_group_id": NOT_NULL}
        known = self.world.groups.get(group) if isinstance(group, str) else None
        if known is not None and known.organization == person.organization:
            return {"alert_group_id": UNSURE} if self.world.shared and known.moved else {}
        sure = known is not None or self.world.is_complete(person.organization, GROUPS)
        if isinstance(group, str) and (not sure or not group.isprintable()):
            return {"alert_group_id": UNSURE}
        return {"alert_group_id": NO_OBJECT}

    def _author_wrong(self, person: Person, shown: Json, resource: str) -> Iterator[str]:
        rule = "account.author" if person.service else SHAPE[resource]
        known = self.world.ids.setdefault(person.token, shown["author"])
        others = {id_ for token, id_ in self.world.ids.items() if token != person.token}
        if (shown["author"] is None) != person.service or known != shown["author"]:
            yield f"{rule}: {person.name} wrote it, the author is {shown['author']!r}"
        elif not person.service and known in others:
            yield f"{rule}: two who write have the one id {known!r}"
        if shown["source"] != SAID[resource]:
            yield f"{SHAPE[resource]}: source is {shown['source']!r}, not {SAID[resource]!r}"

    def _new_wrong(self, exchange: Exchange, shown: Json, resource: str) -> Iterator[str]:
        world, id_ = self.world, shown["id"]
        if id_ in world.ever or id_ in world.records or id_ in world.groups or id_ in world.gone:
            yield f"create.several-per-group, form.id: the id {id_} is not new"
        world.ever.add(id_)
        made = datetime.fromisoformat(shown["created_at"])
        if self._strict and self._latest and made < self._latest:
            yield f"form.created-at: made at {made}, after one that was made at {self._latest}"
        self._latest = made
        if self._clock is not None:
            now = datetime.fromtimestamp(exchange.started, UTC)
            if abs((made - now).total_seconds()) > self._clock:
                yield f"form.created-at: made at {shown['created_at']}, asked for at {now}"

    def _update(
        self,
        exchange: Exchange,
        asked: Asked,
        answered: Answered,
        resource: str,
        person: Person,
        record: Record | None,
    ) -> Iterator[str]:
        fields = fields_of(asked)
        text: Any = UNSURE
        if isinstance(fields, dict):
            text = text_of(fields, partial=asked.method == "PATCH")
            if isinstance(text, list):
                fields = Refused(
                    400, {"text": text}, "field.required, field.text-type, field.text-null-or-blank"
                )
        sources = set(record.sources.values()) if record else set()
        if isinstance(fields, dict) and text is not UNSURE and sources and not sources & {"web", "Web"}:
            fields = Refused(400, ELSEWHERE, "note.source")
        if isinstance(fields, Refused):
            yield from refusal_wrong(exchange, fields)
            return
        if answered.status != 200:
            known = record is not None and (record.kind != "note" or sources)
            if not (text is UNSURE or not known) or answered.status not in (400, 415):
                yield f"{KEPT[resource]}: answers {answered.status} {brief(answered.body)}, not 200"
            return
        shown = json_of(answered)
        if record is not None:
            before = record.text
            record.text = before if text is None else text
        wrong = list(self._lists.row_wrong(person, resource, shown, full=False))
        yield from wrong
        if not wrong and record is not None and shown["id"] != record.id:
            yield f"update.changes-only-the-text: the answer is about {shown['id']}"


def is_clear(asked: Asked, resource: str) -> bool:
    """Whether the rules say what the filters of a request find."""
    group = last(asked.query, "alert_group_id") or ""
    return group.isprintable() and not (resource == NOTES and last(asked.query, "alert_group"))
