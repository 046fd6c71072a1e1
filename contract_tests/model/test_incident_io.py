"""Sequences of requests to incident.io that nobody thought of, judged by the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered
from contract_tests.model.incident_io import IncidentIoShadow
from contract_tests.model.incident_io_draws import (
    FULL,
    LISTS,
    OTHER,
    UNKNOWN,
    WRONG_BODIES,
    Query,
    Sender,
    any_size,
    contents,
    intruders,
    names,
    reads,
    senders,
    sizes,
    titles,
    valid_body,
    which,
    writes,
)
from contract_tests.model.shadow import Search, Story, effort

Json = dict[str, Any]
DOCUMENTS, FOLLOW_UPS, INCIDENTS, UPDATES = LISTS
MEMBER = {
    DOCUMENTS: "postmortem_documents",
    FOLLOW_UPS: "follow_ups",
    INCIDENTS: "incidents",
    UPDATES: "incident_updates",
}
PERMANENT = "what no API can remove"


class Given:
    """What a run has: whom it can be, and what the guard does not let it do."""

    def __init__(
        self, http: httpx.Client, deployment: Deployment, search: Search, *, strict: bool, shared: bool
    ) -> None:
        self.http, self.deployment, self.search = http, deployment, search
        self.strict, self.shared = strict, shared
        self.senders = senders(deployment)
        self.refused: dict[str, str] = {}
        self.made = 0

    def begin(self) -> Story:
        shadow = IncidentIoShadow(self.deployment, strict=self.strict, shared=self.shared)
        return self.search.begin(Story(self.http, shadow, strict=self.strict))


def machine(given: Given) -> type[RuleBasedStateMachine]:
    anybody = intruders(given.senders)

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.story = given.begin()
            self.incidents: list[str] = []
            self.foreign: list[str] = []
            self.documents: list[str] = []
            self.follow_ups: list[str] = []
            self.severities: list[str] = []
            self.statuses: list[str] = []
            self.keys: list[str] = []
            self.tag = uuid4().hex[:12]
            self.count = 0

        # Sending

        def send(
            self,
            method: str,
            path: str,
            body: Any = None,
            *,
            who: str = FULL,
            query: Query | None = None,
            permanent: bool = False,
        ) -> Answered | None:
            """None if the guard does not let it through; then nothing of the kind is tried again."""
            kind = PERMANENT if permanent else f"{method} {path.rstrip('0123456789ABCDEFGHJKMNPQRSTVWXYZ')}"
            if kind in given.refused:
                return None
            sender: Sender = given.senders[who]
            headers = list(sender.headers)
            raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            if body is not None:
                headers.append(("Content-Type", "application/json"))
            try:
                answered = self.story.ask(
                    method, path, who=who, headers=headers, query=[*(query or []), *sender.query], body=raw
                )
            except pytest.skip.Exception as skipped:
                if str(skipped).startswith("inconclusive") or method == "GET":
                    raise
                given.refused[kind] = str(skipped)
                return None
            if method != "GET" and answered.status < 300:
                given.made += 1
            return answered

        def make(
            self, path: str, body: Json, wrap: str, into: list[str], who: str = FULL, **how: Any
        ) -> str | None:
            answered = self.send("POST", path, body, who=who, **how)
            if answered is None or answered.status >= 300:
                return None
            id_: str = answered.json()[wrap]["id"]
            if id_ not in into:
                into.append(id_)
            return id_

        def next(self) -> str:
            self.count += 1
            return f"{self.tag}-{self.count}"

        def pick(self, ids: list[str], index: int) -> str:
            return ids[index % len(ids)] if ids else UNKNOWN

        def catalog(self, who: str, path: str, name: str) -> list[Json]:
            answered = self.send("GET", path, who=who)
            return answered.json().get(name, []) if answered and answered.status == 200 else []

        # What every run begins with

        @initialize()
        def begin(self) -> None:
            severities = self.catalog(FULL, "/v1/severities", "severities")
            self.severities = [item["id"] for item in severities]
            statuses = self.catalog(FULL, "/v1/incident_statuses", "incident_statuses")
            useful = ("live", "learning", "triage", "closed", "declined")
            self.statuses = [item["id"] for item in statuses if item["category"] in useful]
            for mode in ("test", "standard") if given.strict else ("test",):
                self.open(FULL, {"mode": mode, "name": f"Contract test {self.tag}"}, self.incidents)
            if not self.incidents and given.deployment.incident_id:
                self.incidents.append(given.deployment.incident_id)
            for number, incident in enumerate([*self.incidents, *self.incidents[:1]]):
                body = {
                    "title": f"Review number {number}",
                    "content": f"## Summary\n\nText number {number} of it.\n",
                }
                self.make(_import(incident), body, "postmortem_document", self.documents, permanent=True)
                self.make(
                    FOLLOW_UPS,
                    {"incident_id": incident, "title": f"Do {number}"},
                    "follow_up",
                    self.follow_ups,
                )
            if OTHER in given.senders:
                theirs = given.deployment.incident_other_organisation_id
                body = {"title": "Somebody else's", "content": "Text"}
                self.make(_import(theirs), body, "postmortem_document", self.foreign, OTHER, permanent=True)
                body = {"incident_id": theirs, "title": "Somebody else's"}
                self.make(FOLLOW_UPS, body, "follow_up", self.foreign, OTHER)

        def open(self, who: str, more: Json, into: list[str]) -> str | None:
            body = {"idempotency_key": self.next(), "visibility": "public", **more}
            if self.severities:
                body.setdefault("severity_id", self.severities[0])
            self.keys.append(body["idempotency_key"])
            return self.make(INCIDENTS, body, "incident", into, who, permanent=True)

        # Documents

        @rule(index=which, title=titles, content=contents)
        def import_a_document(self, index: int, title: str, content: str) -> None:
            body = {"title": title, "content": content}
            path = _import(self.pick(self.incidents, index))
            made = self.make(path, body, "postmortem_document", self.documents, permanent=True)
            if made:
                self.send("GET", f"{DOCUMENTS}/{made}/content")
                self.send("GET", f"{DOCUMENTS}/{made}")

        @rule(index=which, status=st.sampled_from(["in_progress", "in_review", "completed"]))
        def move_a_document(self, index: int, status: str) -> None:
            document = self.pick(self.documents, index)
            if document == UNKNOWN or self.send("PUT", f"{DOCUMENTS}/{document}", {"status": status}):
                self.send("GET", f"{DOCUMENTS}/{document}")

        @rule(index=which)
        def read_a_document(self, index: int) -> None:
            document = self.pick(self.documents, index)
            self.send("GET", f"{DOCUMENTS}/{document}")
            self.send("GET", f"{DOCUMENTS}/{document}/content")

        @rule(index=which, number=which, new=st.booleans())
        def attach_a_document(self, index: int, number: int, new: bool) -> None:
            incident = self.pick(self.incidents, index)
            if new:
                incident = self.open(FULL, {"mode": "test"}, self.incidents) or incident
            body = {"incident_id": incident, "permalink": f"https://example.com/{self.tag}/{number}"}
            if self.make(
                f"{DOCUMENTS}/actions/attach", body, "postmortem_document", self.documents, permanent=True
            ):
                self.send("GET", DOCUMENTS, query=[("incident_id", incident)])
                self.send("GET", f"{INCIDENTS}/{incident}")

        # Follow-ups

        @rule(index=which, title=titles, more=st.integers(0, 31))
        def create_a_follow_up(self, index: int, title: str, more: int) -> None:
            body = {
                "incident_id": self.pick(self.incidents, index),
                "title": title or "x",
                **self.extras(more),
            }
            made = self.make(FOLLOW_UPS, body, "follow_up", self.follow_ups)
            if made:
                self.send("GET", f"{FOLLOW_UPS}/{made}")

        def extras(self, more: int) -> Json:
            it = given.deployment
            every = {
                "description": "Call the *fire* brigade 🔥\n\n& more",
                "assignee_id": it.incident_user_id,
                "assignee_team_id": it.incident_team_id,
                "follow_up_priority_option_id": it.incident_priority_id,
                "labels": ["Größe", "b", "a", "a"],
            }
            chosen = [name for bit, name in enumerate(every) if more >> bit & 1]
            return {name: every[name] for name in chosen if every[name]}

        @rule(
            index=which,
            title=titles,
            status=st.sampled_from(["outstanding", "completed", "completed", "not_doing", "deleted"]),
            more=st.integers(0, 31),
            nothing=st.sampled_from([None, None, "assignee_id", "assignee_team_id", "description", "labels"]),
        )
        def change_a_follow_up(
            self, index: int, title: str, status: str, more: int, nothing: str | None
        ) -> None:
            follow_up = self.pick(self.follow_ups, index)
            body = {"title": title or "x", "status": status, **self.extras(more)}
            if nothing:
                body[nothing] = None
            self.send("PUT", f"{FOLLOW_UPS}/{follow_up}", body)
            self.send("GET", f"{FOLLOW_UPS}/{follow_up}")

        @rule(index=which, again=st.booleans())
        def delete_a_follow_up(self, index: int, again: bool) -> None:
            follow_up = self.pick(self.follow_ups, index)
            for _ in range(2 if again else 1):
                self.send("DELETE", f"{FOLLOW_UPS}/{follow_up}")
            self.send("GET", f"{FOLLOW_UPS}/{follow_up}")

        # Incidents

        @precondition(lambda self: PERMANENT not in given.refused)
        @rule(
            name=names,
            again=st.booleans(),
            mode=st.sampled_from(["test", "retrospective"] if given.strict else ["test"]),
            status=which,
            index=which,
        )
        def open_an_incident(self, name: str, again: bool, mode: str, status: int, index: int) -> None:
            more: Json = {"name": name, "mode": mode, "summary": f"About {name}"[:200]}
            if status < 4 and self.statuses:
                more["incident_status_id"] = self.pick(self.statuses, status)
            if index == 7 and not again:
                more["severity_id"] = None
            if again and self.keys:
                more["idempotency_key"] = self.pick(self.keys, index)
            made = self.open(FULL, more, self.incidents)
            if made:
                self.send("GET", f"{INCIDENTS}/{made}")

        @rule(index=which, name=names, what=st.integers(0, 15), number=which)
        def edit_an_incident(self, index: int, name: str, what: int, number: int) -> None:
            every: Json = {
                "name": name,
                "summary": f"Because of {name}"[:150],
                "severity_id": self.pick(self.severities, number),
                "incident_status_id": self.pick(self.statuses, number),
            }
            changes = {member: value for bit, (member, value) in enumerate(every.items()) if what >> bit & 1}
            self.edit(self.pick(self.incidents, index), changes)

        def edit(self, incident: str, changes: Json) -> None:
            body = {"incident": changes, "notify_incident_channel": False}
            if self.send("POST", f"{INCIDENTS}/{incident}/actions/edit", body, permanent=True):
                self.send("GET", f"{INCIDENTS}/{incident}")
                if changes.get("incident_status_id") or changes.get("severity_id"):
                    self.walk(UPDATES, 2, [("incident_id", incident)])

        @rule(index=which, message=titles, status=which, severity=which, again=st.booleans())
        def share_an_update(self, index: int, message: str, status: int, severity: int, again: bool) -> None:
            incident = self.pick(self.incidents, index)
            body: Json = {"idempotency_key": self.next(), "incident_id": incident, "message": message}
            if status < 4:
                body["to_incident_status_id"] = self.pick(self.statuses, status)
            if severity < 3:
                body["to_severity_id"] = self.pick(self.severities, severity)
            for _ in range(2 if again else 1):
                self.send("POST", UPDATES, body, permanent=True)
            self.walk(UPDATES, 2, [("incident_id", incident)])
            self.send("GET", f"{INCIDENTS}/{incident}")

        @rule(index=which)
        def read_an_incident(self, index: int) -> None:
            answered = self.send("GET", f"{INCIDENTS}/{self.pick(self.incidents, index)}")
            if answered and answered.status == 200:
                number = answered.json()["incident"]["reference"].removeprefix("INC-")
                self.send("GET", f"{INCIDENTS}/{number}")

        # Lists

        def walk(self, path: str, size: int, query: Query, who: str = FULL, pages: int = 6) -> None:
            after: Query = []
            for _ in range(pages):
                answered = self.send("GET", path, who=who, query=[*query, ("page_size", str(size)), *after])
                if answered is None or answered.status != 200:
                    return
                meta = answered.json()["pagination_meta"]
                if "after" not in meta:
                    return
                after = [("after", meta["after"])]

        @rule(
            path=st.sampled_from(LISTS),
            size=sizes,
            index=which,
            oldest=st.booleans(),
            one=st.booleans(),
            team=st.booleans(),
            who=st.sampled_from([FULL, FULL, FULL, OTHER, "a key that only reads"]),
        )
        def page_through(
            self, path: str, size: int, index: int, oldest: bool, one: bool, team: bool, who: str
        ) -> None:
            query: Query = []
            if one and path != INCIDENTS:
                query.append(("incident_id", self.pick([*self.incidents, *self.foreign], index)))
            if oldest and path in (DOCUMENTS, INCIDENTS):
                query.append(("sort_by", "created_at_oldest_first"))
            if path == FOLLOW_UPS:
                query.append(("incident_mode", ("test", "standard")[index % 2]))
                if team and given.deployment.incident_team_id:
                    query.append(("assignee_team_id", given.deployment.incident_team_id))
            if path == INCIDENTS:
                query += self.filters(index, one, team)
            if who in given.senders:
                self.walk(path, size, query, who, pages=4)

        def filters(self, index: int, one: bool, other: bool) -> Query:
            mode = [("mode[one_of]", value) for value in (("test",), ("test", "retrospective"))[index % 2]]
            status = [("status[one_of]", self.pick(self.statuses, index))]
            severity = [("severity[gte]", self.pick(self.severities, index))]
            hidden = [("status_category[not_in]", "live")]
            lesser = [("severity[not_in]", self.pick(self.severities, index))]
            chosen = [status, severity, hidden, lesser][index % 4]
            return [*mode, *(chosen if one else []), *([("created_at[gte]", "2022-01-01")] if other else [])]

        @rule(
            path=st.sampled_from(LISTS),
            size=any_size,
            after=st.sampled_from(["", UNKNOWN, "theirs"]),
            index=which,
        )
        def ask_for_an_odd_page(self, path: str, size: str, after: str, index: int) -> None:
            query = [("page_size", size)] if size else []
            if after:
                query.append(("after", self.pick(self.foreign, index) if after == "theirs" else after))
            query += [("sort_by", "sideways")] if index == 7 else []
            query += [("created_at[gte]", ("2022-01-01", "yesterday")[index % 2])] if index in (5, 6) else []
            self.send("GET", path, query=query)

        # What is to be refused

        @rule(who=anybody, number=st.integers(0, 20), index=which, theirs=st.booleans(), mine=st.booleans())
        def somebody_else_tries(self, who: str, number: int, index: int, theirs: bool, mine: bool) -> None:
            incident, document, follow_up = (
                self.pick(ids, index) for ids in (self.incidents, self.documents, self.follow_ups)
            )
            if theirs and self.foreign:
                who, document, follow_up = FULL, self.foreign[0], self.foreign[-1]
                incident = given.deployment.incident_other_organisation_id or UNKNOWN
            if not given.strict and who == OTHER:
                return
            everything = [("GET", path) for path in reads(incident, document, follow_up)]
            everything += writes(incident, document, follow_up)
            method, path = everything[number % len(everything)]
            may = who in ("a key that only renames", "a key that only shares messages", OTHER)
            if method != "GET" and may and path in (INCIDENTS, UPDATES):
                return
            body = None if method == "GET" else valid_body(method, path, incident, self.next())
            path, _, rest = path.partition("?")
            query = [("incident_id", rest.partition("=")[2])] if rest else []
            self.send(method, path, body, who=who, query=query, permanent=method == "POST")
            if method != "GET":
                self.look_at(incident, document, follow_up, theirs and bool(self.foreign))

        def look_at(self, incident: str, document: str, follow_up: str, theirs: bool) -> None:
            """A request that was refused has changed nothing."""
            who = OTHER if theirs else FULL
            for path in (f"{INCIDENTS}/{incident}", f"{DOCUMENTS}/{document}", f"{FOLLOW_UPS}/{follow_up}"):
                self.send("GET", path, who=who)

        @rule(number=st.integers(0, 8), body=st.sampled_from(WRONG_BODIES), index=which)
        def send_a_wrong_body(self, number: int, body: Any, index: int) -> None:
            incident, document, follow_up = (
                self.pick(ids, index) for ids in (self.incidents, self.documents, self.follow_ups)
            )
            method, path = writes(incident, document, follow_up)[number]
            if method != "DELETE":
                self.send(method, path, body, permanent=method == "POST")

        def teardown(self) -> None:
            """Every record is as it was left, on pages of two; then the follow-ups go."""
            if self.story.complaints:
                return
            for incident in self.incidents[:3]:
                for path in (DOCUMENTS, UPDATES):
                    self.walk(path, 2, [("incident_id", incident)])
                self.send("GET", f"{INCIDENTS}/{incident}")
            for mode in ("test", "standard") if given.strict else ("test",):
                self.walk(FOLLOW_UPS, 3, [("incident_mode", mode)], pages=4)
            self.walk(DOCUMENTS, 3, [], pages=3)
            for follow_up in self.follow_ups:
                self.send("DELETE", f"{FOLLOW_UPS}/{follow_up}")

    return Machine


def _import(incident: str) -> str:
    return f"/v2/incidents/{incident}/actions/import_postmortem_document"


Run = Callable[[Given], None]


def test_incident_io_behaves_as_the_model_does(
    http: httpx.Client,
    deployment: Deployment,
    strict: bool,
    target: str | None,
    request: pytest.FixtureRequest,
) -> None:
    deployment.need("incident_key")
    search = Search()
    given = Given(http, deployment, search, strict=strict, shared=target is not None)
    search.run(machine(given), effort(request.config, target, examples=40, steps=12))
    if not given.made:
        pytest.skip(next(iter(given.refused.values()), "not judged: nothing could be made on the target"))
