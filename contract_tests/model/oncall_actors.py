"""The users of a Grafana OnCall who ask it, and what there is to ask it with."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered
from contract_tests.guard.header import GUARD, as_a_skip
from contract_tests.model.grafana_oncall import OnCallShadow
from contract_tests.model.oncall_request import API, GROUPS, MESSAGES, NOTES, POSTMORTEMS, USERS
from contract_tests.model.oncall_world import NOTE, POSTMORTEM, Person, Record, people_of
from contract_tests.model.shadow import Search, Story, of_the_guard

T = TypeVar("T")
Query = list[tuple[str, str]]

RESOURCES = (POSTMORTEMS, NOTES, MESSAGES)
EVERYTHING = frozenset((*RESOURCES, GROUPS, USERS))
NOT_SENT = Answered(0)
VIEWS = {POSTMORTEM: (POSTMORTEMS,), NOTE: (MESSAGES, NOTES)}
# A right token, offered wrongly.
DISGUISES = (
    *(
        "",
        "{}x",
        "x{}",
        '"{}"',
        "'{}'",
        "Bearer {}",
        "bearer {}",
        "Token {}",
        "Basic {}",
        "Api-Key {}",
        "{}, {}",
    ),
    *("{}\u00a0", "{}:", ":{}", "{};", "{}=", "%20{}", "{} {}", "null", "undefined", "*"),
)
PLACES = (
    "token",
    "Authorization",
    "authorization",
    "api_key",
    "apikey",
    "key",
    "access_token",
    "auth",
    "api_token",
)
HEADERS = (
    "X-Api-Key",
    "X-Authorization",
    "X-Auth-Token",
    "Proxy-Authorization",
    "X-Grafana-Token",
    "X-Access-Token",
)
# What no filter is, and may stand in any query.
IDLE = (
    *(("ordering", "created_at"), ("limit", "1"), ("offset", "1"), ("page_size", "1"), ("search", "plain")),
    *(("text", "plain"), ("sort", "-id"), ("per_page", "1"), ("q", "a b&c=é"), ("zzz", ""), ("all", "true")),
    *(
        ("group", "NOPE"),
        ("Alert_Group_Id", "NOPE"),
        ("author", "NOPE"),
        ("source", "Slack"),
        ("deleted", "true"),
    ),
)
SIZES = (
    "1",
    "2",
    "3",
    "4",
    "5",
    "7",
    "49",
    "50",
    "51",
    "99",
    "100",
    "101",
    "200",
    "1000",
    "100000",
    "0",
    "-1",
    "x",
)
PAGES = ("1", "2", "3", "4", "9", "1000", "0", "-1", "x", "last")


WRONG_TEXTS: tuple[Any, ...] = (
    None,
    "",
    " \t\n",
    "\u00a0\u3000",
    True,
    ["x"],
    {"text": "x"},
    "a\0b",
    "\ud800",
    5,
    1.5,
)
WRONG_BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"5",
    b"{'text': 1}",
    b'{"text": NaN}',
    b'{"text": "\xff"}',
)
WRONG_KINDS = ("application/json", "text/plain", "application/xml", "application/octet-stream")
NEAR: tuple[Any, ...] = (
    *(
        str.lower,
        str.swapcase,
        lambda it: it[:-1],
        lambda it: f"{it}A",
        lambda it: it[::-1],
        lambda it: it[1:],
    ),
    *(
        lambda it: f"M{it[1:]}",
        lambda it: f"P{it[1:]}",
        lambda it: f"{it}.json",
        lambda it: f"{it[:6]}1{it[7:]}",
    ),
)


def disguises(token: str) -> list[tuple[tuple[tuple[str, str], ...], Query]]:
    """Headers and queries that hold a right token, and let nobody in."""
    forms = [form.replace("{}", token) for form in DISGUISES]
    forms += [
        token.upper(),
        token.swapcase(),
        token.title(),
        token[:-1],
        token[1:],
        token[::-1],
        f"{token[:-1]}*",
    ]
    forms += ["Basic " + base64.b64encode(f"{name}{token}".encode()).decode() for name in ("", ":", "x:")]
    forms = [form for form in forms if form != token]
    return [
        *(((("Authorization", form),), []) for form in forms),
        *((((name, token),), []) for name in HEADERS),
        *(((("Cookie", f"{name}={token}"),), []) for name in PLACES),
        *(((), [(name, token)]) for name in PLACES),
    ]


@dataclass
class Setting:
    """What all examples of a run share."""

    http: httpx.Client
    deployment: Deployment
    strict: bool
    shared: bool
    base_url: str
    search: Search
    ever: set[str] = field(default_factory=set)
    shadow: OnCallShadow | None = None
    story: Story | None = None
    served: frozenset[str] | None = None

    def what_is_served(self) -> frozenset[str]:
        """Another server than our mock may have a part of it all, or is to be judged in part."""
        if self.served is None:
            headers = {"Authorization": self.deployment.need("oncall_token")}
            found = {
                resource
                for resource in EVERYTHING
                if self.strict or _is_there(self.http.get(f"{API}{resource}/?perpage=1", headers=headers))
            }
            self.served = frozenset(found)
        return self.served

    def a_shadow(self) -> OnCallShadow:
        """One that has complained is not to be asked again."""
        if self.shadow is None or (self.story is not None and self.story.complaints):
            self.shadow = OnCallShadow(
                self.deployment,
                strict=self.strict,
                shared=self.shared,
                limited=not self.strict,
                clock=120 if self.strict else None,
                base=self.base_url,
                ever=self.ever,
            )
        return self.shadow


def _is_there(answer: httpx.Response) -> bool:
    return GUARD not in answer.headers and answer.status_code != 404


class Actors:
    """Users who ask, and a shadow that judges what they are answered."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.shadow = setting.a_shadow()
        self.world = self.shadow.world
        self.story = Story(setting.http, self.shadow, strict=setting.strict, undaunted=True)
        setting.story = self.story
        self.served = setting.what_is_served()
        self.people = list(people_of(setting.deployment))
        own, foreign = (
            setting.deployment.alert_groups(),
            setting.deployment.oncall_other_organization_alert_group,
        )
        self.groups = {"first": own, "other": [foreign] if foreign else []}
        self.writers = [
            p for p in self.people if p.role in ("admin", "editor") and self.groups[p.organization]
        ]
        self.readers = [p for p in self.people if p.role in ("admin", "editor", "viewer")]

    @property
    def admin(self) -> Person:
        return self.people[0]

    @property
    def own(self) -> list[Record]:
        return [record for record in self.world.records.values() if record.own]

    def ask(
        self,
        person: Person | None,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        raw: bytes | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        who: str = "",
    ) -> Answered:
        """Sends nothing to what is not served."""
        if path.partition("/")[0] in EVERYTHING - self.served:
            return NOT_SENT
        sent = list(headers)
        if person is not None:
            sent.append(("Authorization", person.token))
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None and not any(name == "Content-Type" for name, _ in sent):
            sent.append(("Content-Type", "application/json"))
        named = who or (person.name if person else "nobody")
        return self.story.ask(method, API + path, who=named, headers=sent, query=query or [], body=raw or b"")

    def know(self) -> None:
        """Reads what is there, unless it is known already."""
        for person in [p for p in self.people if p.role == "admin"]:
            for resource, kind in ((GROUPS, GROUPS), (NOTES, NOTE), (POSTMORTEMS, POSTMORTEM)):
                if not self.world.is_complete(person.organization, kind):
                    self.walk(person, resource, [("perpage", "1000")])

    def make(self, person: Person, resource: str, text: str, turn: int = 0) -> Record:
        """A new record."""
        groups, before = self.groups[person.organization], set(self.world.records)
        body = {"alert_group_id": groups[turn % len(groups)], "text": text}
        answered = self.ask(person, "POST", f"{resource}/", body=body)
        if answered is NOT_SENT:
            pytest.skip(f"not judged: there are no {resource}")
        if of_the_guard(answered):
            pytest.skip(as_a_skip(of_the_guard(answered)))
        return self.world.records[next(iter(set(self.world.records) - before))]

    def look(self, record: Record) -> None:
        """At one, alone and in the list of its alert group, in every form, each time as somebody else."""
        able = [person for person in self.readers if person.organization == record.organization]
        for resource in VIEWS[record.kind]:
            person = able[len(self.story) % len(able)]
            self.ask(person, "GET", f"{resource}/{record.id}/")
            self.ask(person, "GET", f"{resource}/", query=[("alert_group_id", record.group)])

    def some(self, values: Sequence[T]) -> Sequence[T]:
        """All, or a few on a deployment, whose time is not ours."""
        return values if self.setting.strict else values[::4]

    def walk(self, person: Person, resource: str, query: Query) -> None:
        """Follows next from the first page to the last."""
        for _ in range(200):
            answered = self.ask(person, "GET", f"{resource}/", query=query)
            following = answered.json()["next"] if answered.status == 200 else None
            if following is None:
                return
            query = parse_qsl(urlsplit(following).query, keep_blank_values=True)
        raise AssertionError(f"list.page.links: the list of {resource} has no end")

    def clear(self) -> None:
        """Deletes what was made, whatever has happened, and without judging."""
        by = {person.organization: person for person in reversed(self.writers)}
        for record in self.own:
            view = next(view for view in VIEWS[record.kind] if view in self.served)
            path = f"{API}{view}/{record.id}/"
            self.setting.http.delete(path, headers={"Authorization": by[record.organization].token})
            self.world.remove(record)
