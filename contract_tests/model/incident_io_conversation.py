"""A conversation with incident.io that is judged as it goes: what is sent, what came of it, and what cannot be sent."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered
from contract_tests.model.incident_io import IncidentIoShadow
from contract_tests.model.incident_io_draws import FULL, LISTS, OTHER, UNKNOWN, Query, Sender, senders
from contract_tests.model.shadow import Search, Story

Json = dict[str, Any]
DOCUMENTS, FOLLOW_UPS, INCIDENTS, UPDATES = LISTS
ID = re.compile(r"/(?=[^/]*[0-9])[^/]{8,}")  # of any form


class Given:
    """What a run has: whom it can be, and what the guard does not let it do."""

    def __init__(
        self, http: httpx.Client, deployment: Deployment, search: Search | None = None, *, strict: bool
    ) -> None:
        self.http, self.deployment, self.strict = http, deployment, strict
        self._search = search
        self.senders = senders(deployment)
        self.refused: dict[str, str] = {}
        self.made = 0

    def begin(self) -> Story:
        shadow = IncidentIoShadow(self.deployment, strict=self.strict, shared=not self.strict)
        story = Story(self.http, shadow, strict=self.strict)
        return self._search.begin(story) if self._search else story

    def skip_if_nothing_was_made(self) -> None:
        if not self.made:
            pytest.skip(next(iter(self.refused.values()), "not judged: nothing could be made on the target"))


class Conversation:
    """Begins with a few records of its own, on two incidents and in another organisation."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.story = given.begin()
        self.incidents: list[str] = []
        self.foreign: list[str] = []
        self.foreign_follow_ups: list[str] = []
        self.documents: list[str] = []
        self.follow_ups: list[str] = []
        self.severities: list[str] = []
        self.statuses: list[str] = []
        self.keys: list[str] = []
        self._tag = uuid4().hex[:12]
        self._count = 0

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
        kind = f"{method} {ID.sub('/*', path)}{' for good' * permanent}"
        if kind in self.given.refused:
            return None
        sender: Sender = self.given.senders[who]
        headers = list(sender.headers)
        # Text as it is, except now and then as escapes: the same to whoever reads JSON.
        text = "" if isinstance(body, bytes) else json.dumps(body, ensure_ascii=len(self.story) % 3 == 0)
        raw = body if isinstance(body, bytes) else b"" if body is None else text.encode()
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        try:
            answered = self.story.ask(
                method, path, who=who, headers=headers, query=[*(query or []), *sender.query], body=raw
            )
        except pytest.skip.Exception as skipped:
            if str(skipped).startswith("inconclusive"):
                raise
            self.given.refused[kind] = str(skipped)
            return None
        if method != "GET" and answered.status < 300:
            self.given.made += 1
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
        self._count += 1
        return f"{self._tag}-{self._count}"

    def catalog(self, who: str, path: str, name: str) -> list[Json]:
        answered = self.send("GET", path, who=who)
        found: list[Json] = answered.json().get(name, []) if answered and answered.status == 200 else []
        return found

    def mine(self, chance: Random) -> tuple[str, str, str]:
        """An incident, a document and a follow-up."""
        every = (self.incidents, self.documents, self.follow_ups)
        incident, document, follow_up = (chance.choice(ids or [UNKNOWN]) for ids in every)
        return incident, document, follow_up

    def first(self) -> tuple[str, str, str]:
        """The first of each."""
        every = (self.incidents, self.documents, self.follow_ups)
        incident, document, follow_up = (ids[0] if ids else UNKNOWN for ids in every)
        return incident, document, follow_up

    def theirs(self) -> tuple[str, str, str]:
        """The same of another organisation."""
        incident = self.given.deployment.incident_other_organisation_id or UNKNOWN
        document, follow_up = (ids[0] if ids else UNKNOWN for ids in (self.foreign, self.foreign_follow_ups))
        return incident, document, follow_up

    def extras(self, bits: int) -> Json:
        """What a follow-up can be given besides its title, each by a bit."""
        it = self.given.deployment
        every = {
            "description": "Call the *fire* brigade 🔥\n\n& more",
            "assignee_id": it.incident_user_id,
            "assignee_team_id": it.incident_team_id,
            "follow_up_priority_option_id": it.incident_priority_id,
            "labels": ["Größe", "b", "a", "a"],
        }
        chosen = [name for bit, name in enumerate(every) if bits >> bit & 1]
        return {name: every[name] for name in chosen if every[name]}

    def begin(self) -> None:
        severities = self.catalog(FULL, "/v1/severities", "severities")
        self.severities = [item["id"] for item in severities]
        statuses = self.catalog(FULL, "/v1/incident_statuses", "incident_statuses")
        useful = ("live", "learning", "triage", "closed", "declined")
        self.statuses = [item["id"] for item in statuses if item["category"] in useful]
        for mode in ("test", "standard") if self.given.strict else ("test",):
            self.open(FULL, {"mode": mode, "name": f"Contract test {self._tag}"}, self.incidents)
        if not self.incidents and self.given.deployment.incident_id:
            self.incidents.append(self.given.deployment.incident_id)
        for number, incident in enumerate(self.incidents * 2):
            body = {
                "title": f"Review number {number}",
                "content": f"## Summary\n\nText number {number} of it.\n",
            }
            self.make(import_path(incident), body, "postmortem_document", self.documents, permanent=True)
            self.make(
                FOLLOW_UPS,
                {"incident_id": incident, "title": f"Do {number}"},
                "follow_up",
                self.follow_ups,
            )
        if OTHER in self.given.senders:
            theirs = self.given.deployment.incident_other_organisation_id
            body = {"title": "Somebody else's", "content": "Text"}
            self.make(import_path(theirs), body, "postmortem_document", self.foreign, OTHER, permanent=True)
            body = {"incident_id": theirs, "title": "Somebody else's"}
            self.make(FOLLOW_UPS, body, "follow_up", self.foreign_follow_ups, OTHER)

    def open(self, who: str, more: Json, into: list[str]) -> str | None:
        body = {"idempotency_key": self.next(), "visibility": "public", **more}
        if self.severities:
            body.setdefault("severity_id", self.severities[0])
        self.keys.append(body["idempotency_key"])
        return self.make(INCIDENTS, body, "incident", into, who, permanent=True)

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

    def look_at(self, incident: str, document: str, follow_up: str, who: str = FULL) -> None:
        """A request that was refused has changed nothing."""
        for path in (f"{INCIDENTS}/{incident}", f"{DOCUMENTS}/{document}", f"{FOLLOW_UPS}/{follow_up}"):
            self.send("GET", path, who=who)

    def end(self) -> None:
        """Every record is as it was left, on pages of two; then the follow-ups go."""
        for incident in self.incidents[:3]:
            for path in (DOCUMENTS, UPDATES):
                self.walk(path, 2, [("incident_id", incident)])
            self.send("GET", f"{INCIDENTS}/{incident}")
        for mode in ("test", "standard") if self.given.strict else ("test",):
            self.walk(FOLLOW_UPS, 3, [("incident_mode", mode)], pages=4)
        self.walk(DOCUMENTS, 3, [], pages=3)
        for number, follow_up in enumerate(self.follow_ups):
            self.send("DELETE", f"{FOLLOW_UPS}/{follow_up}")
            if number == 1:
                for other in self.follow_ups[:4]:
                    self.send("GET", f"{FOLLOW_UPS}/{other}")
        for follow_up in self.foreign_follow_ups:
            self.send("DELETE", f"{FOLLOW_UPS}/{follow_up}", who=OTHER)


def import_path(incident: str) -> str:
    return f"/v2/incidents/{incident}/actions/import_postmortem_document"
