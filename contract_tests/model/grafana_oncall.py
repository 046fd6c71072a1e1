"""A small model of Grafana OnCall that judges any stream of exchanges, written from rules.yaml and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model.credentials import Credentials
from contract_tests.model.oncall_access import NOT_FOUND, READING, Access
from contract_tests.model.oncall_forms import headers_wrong, json_of, links_wrong, page_of, refusal_wrong
from contract_tests.model.oncall_groups import AlertGroups
from contract_tests.model.oncall_lists import Lists
from contract_tests.model.oncall_records import UNKNOWN, Records, is_clear
from contract_tests.model.oncall_request import (
    API,
    GROUPS,
    NOTES,
    RECORDS,
    UNSURE,
    USERS,
    Refused,
    Route,
    Sure,
    route_of,
)
from contract_tests.model.oncall_world import Person, World, people_of
from contract_tests.model.shadow import brief, of_the_guard

BIG = 16 * 1024 * 1024


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
        people = {person.token: person for person in people_of(deployment)}
        self._strict = strict
        self._prefix = urlsplit(base).path.rstrip("/")
        self.world = World(shared=shared, ever=ever, given=deployment.oncall_alert_groups.split(","))
        self._lists = Lists(self.world, strict=strict)
        self._groups = AlertGroups(self.world, strict=strict)
        self._records = Records(self.world, self._lists, strict=strict, clock=clock)
        self._access = Access(people, limited=limited)
        self._credentials = Credentials(people, others=shared)

    def judge(self, exchange: Exchange) -> list[str]:
        asked, answered = exchange.asked, exchange.answered
        if asked.path == "/_mock/reset":
            self.world.forget()
        if asked.header("X-Mock-Sandbox") or not asked.path.startswith(self._prefix + API):
            return []
        self._credentials.sent(asked)
        if of_the_guard(answered):
            return []
        if answered is None:
            if asked.method not in READING:
                self.world.doubt()
            return []
        route = route_of(asked.path[len(self._prefix + API) :])
        complaints = list(self._access.crashed(asked, answered))
        if self._credentials.are_told(asked, answered):
            complaints.insert(0, "auth.bad-token: the answer tells a token")
        complaints = complaints or list(self._judge(exchange, asked, answered, route))
        if complaints and asked.method not in READING:
            self.world.doubt()
        return complaints

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
        person = self._access.person(asked)
        gone = isinstance(person, Person) and person.role == "gone"
        yield from headers_wrong(exchange, route, strict=self._strict, html=gone)
        if route is UNSURE or person is UNSURE:
            if (
                route is UNSURE
                and answered.status < 300
                and asked.method != "OPTIONS"
                and "//" not in asked.path
            ):
                yield f"get.unknown-id: {asked.target} answers {answered.status}"
            elif answered.status < 300 and asked.method not in READING:
                self.world.doubt()
            return
        refused = self._access.refused(asked, route, person)
        if isinstance(refused, Refused):
            yield from refusal_wrong(exchange, refused)
        elif refused is UNSURE or person is None:
            yield from self._access.slipped_in(asked, answered, route, person)
            if answered.status < 300 and asked.method not in READING:
                self.world.doubt()
        else:
            yield from self._granted(exchange, asked, answered, route, person)

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
                yield from self._records.one(exchange, asked, answered, route, person)
            elif asked.method == "POST":
                yield from self._records.create(exchange, asked, answered, route.resource, person)
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
        elif resource in RECORDS and is_clear(asked, resource):
            yield from self._lists.page_wrong(person, asked, resource, page)

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
        found = self._records.found(asked, route, person)
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
