"""What several users of a Grafana OnCall do in any order, right or wrong, with the model as judge of every answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from contract_tests.deployment import Deployment
from contract_tests.model.oncall_actors import (
    NEAR,
    RESOURCES,
    VIEWS,
    WRONG_BODIES,
    WRONG_KINDS,
    WRONG_TEXTS,
    Setting,
    disguises,
)
from contract_tests.model.oncall_machine import RESOURCE, TURN, OnCallMachine
from contract_tests.model.oncall_request import GROUPS, VERBS
from contract_tests.model.shadow import Search, effort

EXAMPLES, STEPS = 30, 24


class Trouble(OnCallMachine):
    """The same, and those who may not, who mistake an id, or who write what is refused."""

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
    machine = type("OnCall", (Trouble,), {"setting": setting})
    setting.search.run(machine, effort(request.config, target, examples=EXAMPLES, steps=STEPS))
