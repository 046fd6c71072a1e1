"""What several users of a Grafana OnCall do in any order, every answer judged by the model."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from contract_tests.deployment import Deployment
from contract_tests.model.oncall_actors import (
    IDLE,
    NEAR,
    PAGES,
    RESOURCES,
    SIZES,
    VIEWS,
    WRONG_BODIES,
    WRONG_KINDS,
    WRONG_TEXTS,
    Actors,
    Query,
    Setting,
    disguises,
)
from contract_tests.model.oncall_request import GROUPS, POSTMORTEMS, VERBS
from contract_tests.model.oncall_world import Person, Record
from contract_tests.model.probes import texts
from contract_tests.model.shadow import Search, effort

EXAMPLES, STEPS = 30, 24

TURN = st.integers(0, 10_000)
RESOURCE = st.sampled_from(RESOURCES)
ENDS = st.sampled_from(["", "", "", " ", "\n", "\u3000\t"])
SLASH = st.sampled_from(["/", "/", "/", ""])


class OnCallMachine(RuleBasedStateMachine):
    setting: ClassVar[Setting]

    def __init__(self) -> None:
        super().__init__()
        self.actors = Actors(self.setting)
        self.ask = self.actors.ask
        self.setting.search.begin(self.actors.story)

    def teardown(self) -> None:
        self.actors.clear()

    def writer(self, turn: int) -> Person:
        return self.actors.writers[turn % len(self.actors.writers)]

    def reader(self, turn: int) -> Person:
        return self.actors.readers[turn % len(self.actors.readers)]

    def record(self, turn: int) -> Record | None:
        own = self.actors.own
        return own[turn % len(own)] if own else None

    def group(self, person: Person, turn: int) -> str:
        groups = self.actors.groups[person.organization]
        return groups[turn % len(groups)]

    def colleague(self, record: Record, turn: int) -> Person:
        """Somebody who may change a record."""
        able = [person for person in self.actors.writers if person.organization == record.organization]
        return able[turn % len(able)]

    def look(self, record: Record, turn: int) -> None:
        """At what has just been written, as somebody else and by another way."""
        readers = [person for person in self.actors.readers if person.organization == record.organization]
        person, resource = readers[turn % len(readers)], VIEWS[record.kind][turn % len(VIEWS[record.kind])]
        if turn % 3:
            self.ask(person, "GET", f"{resource}/{record.id}/")
        if turn % 4:
            query = [("perpage", str(1 + turn % 5)), ("page", str(1 + turn % 3))]
            self.ask(
                person, "GET", f"{resource}/", query=[*query[: turn % 3], ("alert_group_id", record.group)]
            )
        if turn % 5:
            self.ask(person, "GET", f"{resource}/", query=[("perpage", str(2 + turn % 7))])

    @initialize(text=texts(), turn=TURN)
    def begin(self, text: str, turn: int) -> None:
        self.actors.know()
        for number in range(6):
            self.actors.make(self.writer(number), POSTMORTEMS, f"row {number}", number // 2)
        self.create(turn, RESOURCES[1 + turn % 2], turn, text, "", "/", 0)

    @rule(
        turn=TURN, resource=RESOURCE, where=TURN, text=texts(), end=ENDS, slash=SLASH, dress=st.integers(0, 5)
    )
    def create(
        self, turn: int, resource: str, where: int, text: str, end: str, slash: str, dress: int
    ) -> None:
        writer = self.writer(turn)
        body = {"alert_group_id": self.group(writer, where), "text": f"{end}{text}{end}"}
        before = set(self.actors.world.records)
        self.send(writer, "POST", f"{resource}{slash}", body, dress)
        for new in set(self.actors.world.records) - before:
            self.look(self.actors.world.records[new], turn)

    @rule(
        turn=TURN,
        which=TURN,
        method=st.sampled_from(["PUT", "PATCH"]),
        text=texts(),
        end=ENDS,
        slash=SLASH,
        dress=st.integers(0, 5),
    )
    def update(self, turn: int, which: int, method: str, text: str, end: str, slash: str, dress: int) -> None:
        if record := self.record(which):
            resource = VIEWS[record.kind][turn % len(VIEWS[record.kind])]
            person = self.colleague(record, turn)
            body = {"text": f"{end}{text}{end}"} | (
                {"alert_group_id": self.group(person, which)} if which % 2 else {}
            )
            self.send(person, method, f"{resource}/{record.id}{slash}", body, dress)
            self.look(record, turn)

    def send(self, person: Person, method: str, path: str, body: dict[str, Any], dress: int) -> None:
        """One and the same body, written in several ways."""
        others = {
            "id": "PCHOSEN1ID111",
            "created_at": "2020-06-19T12:37:01.430444Z",
            "author": "U4DNY931HHJS5",
        }
        raw = json.dumps(
            body if dress != 3 else {**others, **body, "source": "slack"}, ensure_ascii=dress % 2 == 0
        )
        encoded = raw.encode("utf-8", "surrogatepass")
        if dress == 4:
            encoded = b'{"text": "first", ' + encoded[1:]
        headers = (("Content-Type", "application/json; charset=utf-8"),) if dress == 5 else ()
        self.ask(person, method, path, raw=encoded, headers=headers)

    @rule(turn=TURN, which=TURN)
    def patch_nothing(self, turn: int, which: int) -> None:
        if record := self.record(which):
            self.ask(
                self.colleague(record, turn),
                "PATCH",
                f"{VIEWS[record.kind][-1]}/{record.id}/",
                body={"zzz": 1},
            )
            self.look(record, turn)

    @rule(turn=TURN, which=TURN, slash=SLASH)
    def delete(self, turn: int, which: int, slash: str) -> None:
        if (record := self.record(which)) and len(self.actors.own) > 2:
            resource = VIEWS[record.kind][turn % len(VIEWS[record.kind])]
            person = self.colleague(record, turn)
            self.ask(person, "DELETE", f"{resource}/{record.id}{slash}", raw=b"{" if turn % 7 == 0 else None)
            self.look(record, turn)
            method = ("GET", "PUT", "PATCH", "DELETE")[which % 4]
            self.ask(person, method, f"{VIEWS[record.kind][0]}/{record.id}/", body={"text": "back again"})

    @rule(
        turn=TURN,
        resource=RESOURCE,
        where=TURN,
        size=st.sampled_from(SIZES),
        number=st.sampled_from(PAGES),
        idle=st.sampled_from(IDLE),
        slash=SLASH,
    )
    def page(
        self, turn: int, resource: str, where: int, size: str, number: str, idle: tuple[str, str], slash: str
    ) -> None:
        person = self.reader(turn)
        pool = [
            *self.actors.groups["first"],
            *self.actors.groups["other"],
            "",
            "NOPE",
            self.group(self.actors.admin, 0).lower(),
            self.group(self.actors.admin, 0)[:-1],
        ]
        query: Query = [("perpage", size), ("page", number), idle][: 1 + turn % 3]
        if where % 3:
            query.insert(turn % 2, ("alert_group_id", pool[where % len(pool)]))
        if where % 11 == 0:
            query.append(("alert_group_id", pool[turn % len(pool)]))
        self.ask(person, "HEAD" if turn % 13 == 0 else "GET", f"{resource}{slash}", query=query)

    @rule(turn=TURN, resource=RESOURCE, where=TURN, size=st.integers(1, 4))
    def walk(self, turn: int, resource: str, where: int, size: int) -> None:
        person = self.reader(turn)
        query = (
            [("alert_group_id", self.group(person, where))] if self.actors.groups[person.organization] else []
        )
        query.append(("zzz", "a b&é"))
        self.actors.walk(person, resource, [*query[where % 2 :], ("perpage", str(size))])

    @rule(
        turn=TURN,
        which=TURN,
        near=st.sampled_from(NEAR),
        method=st.sampled_from(["GET", "GET", "PUT", "PATCH", "DELETE", "HEAD"]),
    )
    def resembling(self, turn: int, which: int, near: Any, method: str) -> None:
        if record := self.record(which):
            person, resource = self.writer(turn), RESOURCES[which % 3]
            odd = near(record.id) if turn % 4 else (record.group if turn % 8 else record.id)
            self.ask(
                person,
                method,
                f"{resource}/{odd}/",
                body=None if method in ("GET", "HEAD") else {"text": "y"},
            )
            self.look(record, turn)

    @rule(turn=TURN, which=TURN, method=st.sampled_from(["GET", "PUT", "PATCH", "DELETE"]), where=TURN)
    def elsewhere(self, turn: int, which: int, method: str, where: int) -> None:
        """One that is there, asked for with the alert group of another or its own."""
        if record := self.record(which):
            person = self.colleague(record, turn)
            resource = VIEWS[record.kind][turn % len(VIEWS[record.kind])]
            query = [("alert_group_id", self.group(person, where))]
            self.ask(
                person,
                method,
                f"{resource}/{record.id}/",
                query=query,
                body=None if method == "GET" else {"text": "z"},
            )
            self.look(record, where)

    @rule(
        turn=TURN,
        which=TURN,
        method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "LIST", "OPTIONS", "HEAD"]),
        how=TURN,
    )
    def not_allowed(self, turn: int, which: int, method: str, how: int) -> None:
        """Anybody whatever does anything whatever to one that is there; the shadow knows who may."""
        if record := self.record(which):
            people = self.actors.people
            person, resource = people[turn % len(people)], VIEWS[record.kind][how % len(VIEWS[record.kind])]
            path = f"{resource}/" if method in ("POST", "LIST") else f"{resource}/{record.id}/"
            body = {"text": "not allowed", "alert_group_id": record.group} if method.startswith("P") else None
            if person.role in ("admin", "editor") and person.organization == record.organization:
                method = "GET"
            self.ask(person, method.replace("LIST", "GET"), path, body=body)
            self.look(record, how)

    @rule(
        turn=TURN,
        which=TURN,
        how=TURN,
        method=st.sampled_from(["LIST", "LIST", "GET", "POST", "PUT", "PATCH", "DELETE"]),
    )
    def disguised(self, turn: int, which: int, how: int, method: str) -> None:
        """A right token in a wrong form or at a wrong place is none, also beside the token of somebody who may less."""
        if record := self.record(which):
            token = self.colleague(record, turn).token
            path = f"{VIEWS[record.kind][0]}/" + ("" if method in ("LIST", "POST") else f"{record.id}/")
            body = {"text": "disguised", "alert_group_id": record.group} if method.startswith("P") else None
            headers, query = disguises(token)[how % len(disguises(token))]
            less = [person for person in self.actors.people if person.role in ("viewer", "none")]
            beside = less[turn % len(less)] if less and turn % 3 == 0 and how % 4 else None
            self.ask(
                beside,
                method.replace("LIST", "GET"),
                path,
                headers=headers,
                query=query,
                body=body,
                who="in disguise",
            )
            self.look(record, how)

    @rule(
        turn=TURN,
        which=TURN,
        method=st.sampled_from(["POST", "PUT", "PATCH"]),
        text=st.sampled_from(WRONG_TEXTS),
        raw=st.sampled_from(WRONG_BODIES),
        kind=st.sampled_from(WRONG_KINDS),
    )
    def refused(self, turn: int, which: int, method: str, text: Any, raw: bytes, kind: str) -> None:
        if record := self.record(which):
            person = self.colleague(record, turn)
            resource = VIEWS[record.kind][turn % len(VIEWS[record.kind])]
            path = f"{resource}/" if method == "POST" else f"{resource}/{record.id}/"
            groups = [
                record.group,
                record.group.lower(),
                f"{record.group} ",
                "NOPE",
                None,
                "",
                5,
                [record.group],
                *self.actors.groups["other"],
                *self.actors.groups["first"],
            ]
            if turn % 3 == 0:
                self.ask(person, method, path, raw=raw, headers=(("Content-Type", kind),))
            else:
                body = {
                    "alert_group_id": groups[which % len(groups)] if turn % 2 else record.group,
                    "text": text if turn % 5 else "t",
                }
                self.ask(
                    person,
                    method,
                    path,
                    body={key: v for key, v in body.items() if turn % 7 or key == "text"},
                )
            self.look(record, turn)

    @rule(turn=TURN, verb=st.sampled_from(VERBS), where=TURN)
    def act(self, turn: int, verb: str, where: int) -> None:
        """On a mock only: alert groups of a deployment are other people's."""
        if not self.setting.strict:
            return
        people = self.actors.people if turn % 5 == 0 else self.actors.writers
        person = people[turn % len(people)]
        group = self.group(self.actors.admin, where)
        body = (
            {"delay": (-1, 3600, "7200", None, "soon", -2)[turn % 6 if turn % 3 else 1]}
            if verb == "silence"
            else None
        )
        self.ask(person, "POST", f"{GROUPS}/{group}/{verb}/", body=body)
        self.ask(self.actors.admin, "GET", f"{GROUPS}/{group}/")
        query = [("state", ("new", "acknowledged", "resolved", "silenced")[turn % 4]), ("perpage", "3")]
        self.ask(self.reader(turn), "GET", f"{GROUPS}/", query=query)

    @rule(
        turn=TURN,
        resource=RESOURCE,
        method=st.sampled_from(["PUT", "PATCH", "DELETE", "POST", "OPTIONS", "TRACE"]),
        path=st.sampled_from(["", "ID", "ID/extra", "../nosuch"]),
    )
    def odd_method(self, turn: int, resource: str, method: str, path: str) -> None:
        path = path.replace("ID", "PNEVER1EX1STS")
        where = "nosuch/" if ".." in path else f"{resource}/{path}/".replace("//", "/")
        if method == "POST" and not path:
            method = "PUT"
        self.ask(self.actors.admin, method, where)


def test_whatever_users_do_every_answer_is_as_the_model_says(
    http: httpx.Client,
    deployment: Deployment,
    base_url: str,
    strict: bool,
    target: str | None,
    request: pytest.FixtureRequest,
) -> None:
    deployment.need("oncall_token")
    setting = Setting(http, deployment, strict, not strict, base_url, Search())
    machine = type("OnCall", (OnCallMachine,), {"setting": setting})
    setting.search.run(machine, effort(request.config, target, examples=EXAMPLES, steps=STEPS))
