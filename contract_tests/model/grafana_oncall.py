"""A small model of Grafana OnCall that judges any stream of exchanges, written from rules.yaml and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model.oncall_forms import (
    ID,
    PREFIX,
    headers_wrong,
    json_of,
    links_wrong,
    page_of,
    record_wrong,
    refusal_wrong,
)
from contract_tests.model.oncall_groups import AlertGroups
from contract_tests.model.oncall_lists import KEPT, TENANT, Lists
from contract_tests.model.oncall_request import (
    API,
    GROUPS,
    MESSAGES,
    NO_OBJECT,
    NOT_NULL,
    NOTES,
    POSTMORTEMS,
    RECORDS,
    REQUIRED,
    UNSURE,
    USERS,
    Json,
    Refused,
    Route,
    Sure,
    accepts_json,
    fields_of,
    last,
    route_of,
    text_of,
)
from contract_tests.model.oncall_world import KIND, SAID, Person, Record, World, people_of
from contract_tests.model.shadow import brief, of_the_guard

READING = ("GET", "HEAD", "OPTIONS")
BIG = 16 * 1024 * 1024
NOT_FOUND = {"detail": "Not found."}
INVALID_TOKEN = {"detail": "Invalid token."}
INACTIVE = {"detail": "Only active users are allowed to perform this action."}
NO_PERMISSION = {"detail": "You do not have permission to perform this action."}
ELSEWHERE = {"detail": "Cannot update message with this source type"}
SHAPE = {POSTMORTEMS: "create.shape", MESSAGES: "message.shape", NOTES: "note.shape"}
UNKNOWN = {
    POSTMORTEMS: "get.unknown-id, delete.removes",
    MESSAGES: "message.delete",
    NOTES: "note.delete",
    GROUPS: "group.unknown",
    USERS: "user.unknown",
}


class OnCallShadow:
    """`shared`: others write too. `limited`: rate limits are on. `clock`: how many seconds the server's may differ from
    ours, None if it is not to be compared. `ever`: the ids that creates have answered, to be carried from one shadow
    to the next.
    """

    def __init__(
        self,
        deployment: Deployment,
        *,
        strict: bool,
        shared: bool = False,
        limited: bool = True,
        clock: float | None = None,
        base: str = "",
        ever: set[str] | None = None,
    ) -> None:
        self._people = {person.token: person for person in people_of(deployment)}
        self._strict, self._limited, self._clock = strict, limited, clock
        self._prefix = urlsplit(base).path.rstrip("/")
        self.world = World(shared=shared, ever=ever)
        self._lists = Lists(self.world, strict=strict)
        self._groups = AlertGroups(self.world, strict=strict)
        self._latest: datetime | None = None

    def judge(self, exchange: Exchange) -> list[str]:
        asked, answered = exchange.asked, exchange.answered
        if asked.path == "/_mock/reset":
            self.world.forget()
        if of_the_guard(answered) or asked.header("X-Mock-Sandbox"):
            return []
        if not asked.path.startswith(self._prefix + API):
            return []
        if answered is None:
            if asked.method not in READING:
                self.world.doubt()
            return []
        route = route_of(asked.path[len(self._prefix + API) :])
        complaints = [*self._secrets_told(asked, answered), *self._crashed(answered)]
        complaints = complaints or list(self._judge(exchange, asked, answered, route))
        if complaints and asked.method not in READING:
            self.world.doubt()
        return complaints

    def _secrets_told(self, asked: Asked, answered: Answered) -> Iterator[str]:
        sent = (asked.header("Authorization") or "").strip()
        secrets = {*self._people, sent, sent.rpartition(" ")[2].strip("\"'")}
        own_words = asked.body.decode("utf-8", "replace") + unquote(asked.target)
        told = answered.body.decode("utf-8", "replace") + str(answered.headers)
        for secret in secrets:
            repeated = secret in own_words and answered.status < 400
            if len(secret) >= 8 and secret in told and not repeated and secret not in str(NO_PERMISSION):
                yield "auth.bad-token: the answer tells a token"

    def _crashed(self, answered: Answered) -> Iterator[str]:
        if answered.status >= 500 or answered.status < 200:
            yield f"body.never-500: answers {answered.status} {brief(answered.body)}"
        elif answered.status == 429 and not self._limited:
            yield "rate.limit: answers 429 where no limits are"

    def _judge(
        self, exchange: Exchange, asked: Asked, answered: Answered, route: Route | Sure
    ) -> Iterator[str]:
        if answered.status in (413, 429) or len(asked.body) > BIG:
            return
        if route is not UNSURE and not route.resource:
            yield from headers_wrong(exchange, route, strict=self._strict, html=True)
            kind = answered.header("Content-Type")
            if answered.status != 404 or kind != "text/html; charset=utf-8":
                yield f"path.unknown-is-html: answers {answered.status} {kind}"
            return
        person = self._person(asked)
        gone = isinstance(person, Person) and person.role == "gone"
        yield from headers_wrong(exchange, route, strict=self._strict, html=gone)
        if route is UNSURE or person is UNSURE:
            if answered.status < 300 and asked.method not in READING:
                self.world.doubt()
            elif route is UNSURE and answered.status < 300 and asked.method != "OPTIONS":
                yield f"get.unknown-id: {asked.target} answers {answered.status}"
            return
        refused = self._refused(asked, route, person)
        if isinstance(refused, Refused):
            yield from refusal_wrong(exchange, refused)
        elif refused is UNSURE or person is None:
            if answered.status < 300 and asked.method not in READING:
                self.world.doubt()
        else:
            yield from self._granted(exchange, asked, answered, route, person)

    def _person(self, asked: Asked) -> Person | Sure | None:
        """Whose token it is; None for nobody's."""
        values = [value for name, value in asked.headers if name.lower() == "authorization"]
        if len(values) > 1:
            return UNSURE
        return self._people.get(values[0].strip(" \t")) if values else None

    def _refused(self, asked: Asked, route: Route, person: Person | None) -> Refused | Sure | None:
        """What stands against a request before anybody looks at objects and bodies."""
        accepted, format_ = accepts_json(asked), last(asked.query, "format")
        if accepted is UNSURE or format_ == "":
            return UNSURE
        if not accepted or format_ not in (None, "json"):
            both = not accepted and format_ not in (None, "json")
            words = {"detail": "Could not satisfy the request Accept header."}
            if both:
                return UNSURE
            return Refused(406, words, "accept.excludes-json") if not accepted else self._no_format()
        if person is None:
            return Refused(403, INVALID_TOKEN, "auth.bad-token")
        if person.role == "inactive":
            return Refused(403, INACTIVE, "auth.inactive-user")
        if person.role == "gone":
            return Refused(404, NOT_FOUND, "auth.deleted-organization")
        supported = asked.method in route.methods
        if not supported or asked.method == "OPTIONS":
            if person.role not in ("admin", "editor"):
                return UNSURE
            if asked.method not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"):
                return UNSURE
            words = {"detail": f'Method "{asked.method}" not allowed.'}
            return None if supported else Refused(405, words, "method.unsupported")
        if person.service and route.verb:
            words = {"detail": f"Service accounts are not allowed to {route.verb} alert groups"}
            return Refused(403, words if person.role == "editor" else UNSURE, "account.actions")
        if person.role == "none" or (person.role == "viewer" and asked.method not in READING):
            return Refused(403, NO_PERMISSION, "role.viewer-only-reads, note.rights, group.rights")
        return None

    def _no_format(self) -> Refused:
        return Refused(404, UNSURE, "accept.format-parameter")

    def _granted(
        self, exchange: Exchange, asked: Asked, answered: Answered, route: Route, person: Person
    ) -> Iterator[str]:
        if asked.method == "OPTIONS":
            told = json_of(answered)
            words = [told.get(it) for it in ("name", "description")] if isinstance(told, dict) else [None]
            if answered.status != 200 or not all(isinstance(word, str) for word in words):
                yield f"method.options: answers {answered.status} {brief(answered.body)}"
        elif route.resource in RECORDS:
            if route.id:
                yield from self._one(exchange, asked, answered, route, person)
            elif asked.method == "POST":
                yield from self._create(exchange, asked, answered, route.resource, person)
            else:
                yield from self._list(asked, answered, route.resource, person)
        elif not route.id:
            yield from self._list(asked, answered, route.resource, person)
        else:
            yield from self._group_or_user(exchange, asked, answered, route, person)

    def _list(self, asked: Asked, answered: Answered, resource: str, person: Person) -> Iterator[str]:
        if asked.method == "HEAD" or answered.status != 200:
            odd = resource in (GROUPS, NOTES) and answered.status == 400
            filtered = any(name not in ("page", "perpage", "alert_group_id") for name, _ in asked.query)
            if answered.status != 200 and not (odd and filtered):
                yield f"list.page.odd-values: the list answers {answered.status} {brief(answered.body)}"
            elif answered.body and asked.method == "HEAD":
                yield "method.head: a body"
            return
        body = json_of(answered)
        page, wrong = page_of(asked, resource, body, strict=self._strict)
        yield from wrong
        if page is None or wrong:
            return
        yield from links_wrong(asked, body, page, strict=self._strict)
        if resource == GROUPS:
            yield from self._groups.page_wrong(person, asked, page)
        elif resource in RECORDS and _is_clear(asked, resource):
            yield from self._lists.page_wrong(person, asked, resource, page)

    def _found(self, asked: Asked, route: Route, person: Person) -> bool | Sure:
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

    def _one(
        self, exchange: Exchange, asked: Asked, answered: Answered, route: Route, person: Person
    ) -> Iterator[str]:
        found, resource = self._found(asked, route, person), route.resource
        if not _is_clear(asked, resource):
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

    def _create(
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

    def _group_or_user(
        self, exchange: Exchange, asked: Asked, answered: Answered, route: Route, person: Person
    ) -> Iterator[str]:
        if route.resource == USERS:
            shown = json_of(answered)
            if (
                answered.status == 200
                and route.id == "current"
                and isinstance(shown, dict)
                and not person.service
            ):
                known = self.world.ids.setdefault(person.token, shown.get("id"))
                if known != shown.get("id"):
                    yield f"user.current: {person.name} is {shown.get('id')!r}, but wrote as {known!r}"
            return
        found = self._found(asked, route, person)
        if found is False:
            yield from refusal_wrong(exchange, Refused(404, NOT_FOUND, UNKNOWN[GROUPS]))
        elif found is UNSURE and answered.status == 404:
            return
        elif asked.method == "POST":
            yield from self._groups.act(person, route, exchange)
        elif asked.method == "DELETE":
            yield from self._groups.delete(route, exchange)
        elif answered.status != 200:
            yield f"group.shape: GET of {route.id} answers {answered.status} {brief(answered.body)}"
        elif asked.method == "GET":
            yield from self._groups.row_wrong(person, json_of(answered))


def _is_clear(asked: Asked, resource: str) -> bool:
    """Whether the rules say what the filters of a request find."""
    group = last(asked.query, "alert_group_id") or ""
    return group.isprintable() and not (resource == NOTES and last(asked.query, "alert_group"))
