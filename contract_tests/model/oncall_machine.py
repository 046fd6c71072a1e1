"""What several users of a Grafana OnCall do to its records, drawn by Hypothesis: all that is their right."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from contract_tests.model.oncall_actors import IDLE, PAGES, RESOURCES, SIZES, VIEWS, Actors, Query, Setting
from contract_tests.model.oncall_request import POSTMORTEMS
from contract_tests.model.oncall_world import Person, Record
from contract_tests.model.probes import texts

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
