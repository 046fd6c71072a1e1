"""Sequences of requests to incident.io that nobody thought of, judged by the model."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from contract_tests.deployment import Deployment
from contract_tests.model.incident_io_asked import STATUSES
from contract_tests.model.incident_io_conversation import (
    DOCUMENTS,
    FOLLOW_UPS,
    INCIDENTS,
    UPDATES,
    Conversation,
    Given,
    import_path,
)
from contract_tests.model.incident_io_draws import (
    CONTENTS,
    FULL,
    LISTS,
    NAMES,
    OTHER,
    PAGE_SIZES,
    TITLES,
    UNKNOWN,
    WRONG_BODIES,
    Query,
    reads,
    valid_body,
    writes,
)
from contract_tests.model.shadow import Search, effort

Json = dict[str, Any]
READERS = [FULL, FULL, FULL, OTHER, "a key that only reads"]


def machine(given: Given) -> type[RuleBasedStateMachine]:
    class Machine(RuleBasedStateMachine):
        """One rule, given its chance as a whole: left to choose, Hypothesis drew some rules hardly ever."""

        def __init__(self) -> None:
            super().__init__()
            self.steps = Steps(given)

        @initialize()
        def begin(self) -> None:
            self.steps.it.begin()

        @rule(chance=st.randoms(use_true_random=True))
        def step(self, chance: Random) -> None:
            self.steps.take(chance)

        def teardown(self) -> None:
            if not self.steps.it.story.complaints:
                self.steps.it.end()

    return Machine


class Steps:
    """What can happen in a conversation."""

    def __init__(self, given: Given) -> None:
        self.given, self.it = given, Conversation(given)
        self.send = self.it.send
        self.intruders = [name for name in given.senders if name != FULL]
        self.readers = [name for name in READERS if name in given.senders]
        self.actions: list[Callable[[Random], None]] = [
            self.import_a_document,
            self.move_a_document,
            self.read_a_document,
            self.attach_a_document,
            self.create_a_follow_up,
            self.change_a_follow_up,
            self.change_a_follow_up,
            self.delete_a_follow_up,
            self.open_an_incident,
            self.edit_an_incident,
            self.share_an_update,
            self.read_an_incident,
            self.page_through_documents,
            self.page_through_follow_ups,
            self.page_through_incidents,
            self.ask_for_an_odd_page,
            self.somebody_else_tries,
            self.somebody_else_tries,
            self.what_is_somebody_elses_is_tried,
            self.send_a_wrong_body,
        ]

    def take(self, chance: Random) -> None:
        chance.choice(self.actions)(chance)

    # Documents

    def import_a_document(self, chance: Random) -> None:
        body = {"title": chance.choice(TITLES), "content": chance.choice(CONTENTS)}
        path = import_path(chance.choice(self.it.incidents))
        made = self.it.make(path, body, "postmortem_document", self.it.documents, permanent=True)
        if made:
            self.send("GET", f"{DOCUMENTS}/{made}/content")
            self.send("GET", f"{DOCUMENTS}/{made}")

    def move_a_document(self, chance: Random) -> None:
        document = self.it.mine(chance)[1]
        self.send("PUT", f"{DOCUMENTS}/{document}", {"status": chance.choice(STATUSES)})
        self.send("GET", f"{DOCUMENTS}/{document}")

    def read_a_document(self, chance: Random) -> None:
        document = self.it.mine(chance)[1]
        self.send("GET", f"{DOCUMENTS}/{document}")
        self.send("GET", f"{DOCUMENTS}/{document}/content")

    def attach_a_document(self, chance: Random) -> None:
        incident = chance.choice(self.it.incidents)
        if chance.random() < 0.5:
            incident = self.it.open(FULL, {"mode": "test"}, self.it.incidents) or incident
        body = {"incident_id": incident, "permalink": f"https://example.com/{self.it.next()}"}
        path = f"{DOCUMENTS}/actions/attach"
        if self.it.make(path, body, "postmortem_document", self.it.documents, permanent=True):
            self.send("GET", DOCUMENTS, query=[("incident_id", incident)])
            self.send("GET", f"{INCIDENTS}/{incident}")

    # Follow-ups

    def create_a_follow_up(self, chance: Random) -> None:
        body = {
            "incident_id": chance.choice(self.it.incidents),
            "title": chance.choice(TITLES) or "x",
            **self.it.extras(chance.getrandbits(5)),
        }
        made = self.it.make(FOLLOW_UPS, body, "follow_up", self.it.follow_ups)
        if made:
            self.send("GET", f"{FOLLOW_UPS}/{made}")

    def change_a_follow_up(self, chance: Random) -> None:
        follow_up = self.it.mine(chance)[2]
        status = chance.choice(["outstanding", "completed", "completed", "not_doing", "deleted"])
        body = {
            "title": chance.choice(TITLES) or "x",
            "status": status,
            **self.it.extras(chance.getrandbits(5) & chance.getrandbits(5)),
        }
        if chance.random() < 0.5:
            body[chance.choice(["assignee_id", "assignee_team_id", "description", "labels"])] = None
        self.send("PUT", f"{FOLLOW_UPS}/{follow_up}", body)
        self.send("GET", f"{FOLLOW_UPS}/{follow_up}")

    def delete_a_follow_up(self, chance: Random) -> None:
        follow_up = self.it.mine(chance)[2]
        for _ in range(chance.randint(1, 2)):
            self.send("DELETE", f"{FOLLOW_UPS}/{follow_up}")
        self.send("GET", f"{FOLLOW_UPS}/{follow_up}")

    # Incidents

    def open_an_incident(self, chance: Random) -> None:
        name = chance.choice(NAMES)
        mode = chance.choice(["test", "retrospective"] if self.given.strict else ["test"])
        more: Json = {"name": name, "mode": mode, "summary": f"About {name}"[:200]}
        if self.it.statuses and chance.random() < 0.5:
            more["incident_status_id"] = chance.choice(self.it.statuses)
        if self.it.severities:
            more["severity_id"] = chance.choice([*self.it.severities, None])
        if self.it.keys and chance.random() < 0.4:
            more["idempotency_key"] = chance.choice(self.it.keys)
        made = self.it.open(FULL, more, self.it.incidents)
        if made:
            self.send("GET", f"{INCIDENTS}/{made}")

    def edit_an_incident(self, chance: Random) -> None:
        incident, name = chance.choice(self.it.incidents), chance.choice(NAMES)
        every: Json = {"name": name, "summary": f"Because of {name}"[:150]}
        every |= {"severity_id": chance.choice(self.it.severities)} if self.it.severities else {}
        every |= {"incident_status_id": chance.choice(self.it.statuses)} if self.it.statuses else {}
        changes = {member: value for member, value in every.items() if chance.random() < 0.5}
        body = {"incident": changes, "notify_incident_channel": False}
        self.send("POST", f"{INCIDENTS}/{incident}/actions/edit", body, permanent=True)
        self.send("GET", f"{INCIDENTS}/{incident}")
        if changes.keys() & {"incident_status_id", "severity_id"}:
            self.it.walk(UPDATES, 2, [("incident_id", incident)])

    def share_an_update(self, chance: Random) -> None:
        incident = chance.choice(self.it.incidents)
        body: Json = {"idempotency_key": self.it.next(), "incident_id": incident}
        if chance.random() < 0.8:
            body["message"] = chance.choice(TITLES)
        if self.it.statuses and chance.random() < 0.5:
            body["to_incident_status_id"] = chance.choice(self.it.statuses)
        if self.it.severities and chance.random() < 0.4:
            body["to_severity_id"] = chance.choice(self.it.severities)
        for _ in range(chance.randint(1, 2)):
            self.send("POST", UPDATES, body, permanent=True)
        self.it.walk(UPDATES, 2, [("incident_id", incident)])
        self.send("GET", f"{INCIDENTS}/{incident}")

    def read_an_incident(self, chance: Random) -> None:
        answered = self.send("GET", f"{INCIDENTS}/{chance.choice(self.it.incidents)}")
        if answered and answered.status == 200:
            number = answered.json()["incident"]["reference"].removeprefix("INC-")
            self.send("GET", f"{INCIDENTS}/{number}")

    # Lists

    def page_through_documents(self, chance: Random) -> None:
        query: Query = []
        if chance.random() < 0.6:
            query.append(("incident_id", chance.choice([*self.it.incidents, self.it.theirs()[0]])))
            query += chance.choice([[], [("sort_by", "created_at_oldest_first")]])
        self.walk(DOCUMENTS, query, chance)

    def page_through_follow_ups(self, chance: Random) -> None:
        query = [("incident_mode", chance.choice(["test", "standard"]))]
        if chance.random() < 0.6:
            query.append(("incident_id", chance.choice([*self.it.incidents, self.it.theirs()[0]])))
        if self.given.deployment.incident_team_id and chance.random() < 0.4:
            query.append(("assignee_team_id", self.given.deployment.incident_team_id))
        self.walk(FOLLOW_UPS, query, chance)

    def page_through_incidents(self, chance: Random) -> None:
        severity, status = (
            chance.choice(self.it.severities or [UNKNOWN]),
            chance.choice(self.it.statuses or [UNKNOWN]),
        )
        filters = [
            ("status[one_of]", status),
            ("severity[gte]", severity),
            ("severity[lte]", severity),
            ("severity[not_in]", severity),
            ("status_category[not_in]", "live"),
            ("status_category[one_of]", "live"),
            ("created_at[gte]", "2022-01-01"),
        ]
        modes = chance.choice([["test"], ["test", "retrospective"]])
        query = [("mode[one_of]", mode) for mode in modes]
        query += [one for one in filters if chance.random() < 0.15]
        self.walk(INCIDENTS, query, chance)

    def walk(self, path: str, query: Query, chance: Random) -> None:
        self.it.walk(path, chance.choice([1, 2, 3, 5]), query, chance.choice(self.readers), pages=4)

    def ask_for_an_odd_page(self, chance: Random) -> None:
        query: Query = []
        if size := chance.choice(PAGE_SIZES):
            query.append(("page_size", size))
        if after := chance.choice(["", UNKNOWN, self.it.theirs()[1]]):
            query.append(("after", after))
        if chance.random() < 0.2:
            query.append(("sort_by", "sideways"))
        if chance.random() < 0.3:
            query.append(("created_at[gte]", chance.choice(["2022-01-01", "yesterday"])))
        self.send("GET", chance.choice(LISTS), query=query)

    # What is to be refused

    def somebody_else_tries(self, chance: Random) -> None:
        self.attempt(chance.choice(self.intruders), self.it.mine(chance), FULL, chance)

    def what_is_somebody_elses_is_tried(self, chance: Random) -> None:
        self.attempt(FULL, self.it.theirs(), OTHER, chance)

    def attempt(self, who: str, records: tuple[str, str, str], owner: str, chance: Random) -> None:
        gets = [("GET", path) for path in reads(*records)]
        method, path = chance.choice([*gets, *writes(*records), *writes(*records)])
        if path in (INCIDENTS, UPDATES) and method == "POST" and owner != OTHER:
            return  # some of them may
        path, _, incident = path.partition("?incident_id=")
        body = None if method == "GET" else valid_body(method, path, records[0], self.it.next())
        query = [("incident_id", incident)] if incident else []
        self.send(method, path, body, who=who, query=query, permanent=method == "POST")
        if method != "GET" and owner in self.given.senders:
            self.it.look_at(*records, owner)

    def send_a_wrong_body(self, chance: Random) -> None:
        method, path = chance.choice(writes(*self.it.mine(chance))[:-1])
        self.send(method, path, chance.choice(WRONG_BODIES), permanent=method == "POST")


def test_incident_io_behaves_as_the_model_does(
    http: httpx.Client,
    deployment: Deployment,
    strict: bool,
    target: str | None,
    request: pytest.FixtureRequest,
) -> None:
    deployment.need("incident_key")
    search = Search()
    given = Given(http, deployment, search, strict=strict)
    search.run(machine(given), effort(request.config, target, examples=24, steps=25))
    given.skip_if_nothing_was_made()
