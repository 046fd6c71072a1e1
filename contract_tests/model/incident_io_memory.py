"""What the exchanges have told of a deployment of incident.io so far."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked
from contract_tests.model.incident_io_asked import OTHER, OWN, Caller, Operation
from contract_tests.model.incident_io_records import LATER, Collection, Held, differences, known, moment
from contract_tests.model.shadow import brief

Json = dict[str, Any]

NEVER = frozenset({"01ARZ3NDEKTSV4RRFFQ69G5FAV", "nonsense", "nothing"})  # ids that nothing has

TEXT, LIST, OBJECT = str, list, dict
_DOCUMENT = dict.fromkeys(
    ("id", "incident_id", "title", "status", "created_at", "updated_at", "document_url", "type"), TEXT
)
FORMS: dict[str, dict[str, type]] = {
    "documents": {**_DOCUMENT, "exported_urls": LIST, "editors": LIST},
    "incidents": {
        **dict.fromkeys(("id", "reference", "name", "visibility", "mode", "created_at", "updated_at"), TEXT),
        **dict.fromkeys(("last_activity_at", "slack_channel_id", "slack_team_id"), TEXT),
        **dict.fromkeys(("custom_field_entries", "incident_role_assignments", "team_ids"), LIST),
        **dict.fromkeys(("creator", "incident_status"), OBJECT),
    },
    "follow_ups": {
        **dict.fromkeys(("id", "incident_id", "title", "status", "created_at", "updated_at"), TEXT),
        "labels": LIST,
        "creator": OBJECT,
    },
    "updates": {
        **dict.fromkeys(("id", "incident_id", "created_at"), TEXT),
        **dict.fromkeys(("new_incident_status", "updater"), OBJECT),
    },
}
SHOWN_BY = {
    "documents": "documents.show",
    "incidents": "incidents.show",
    "follow_ups": "follow-up.show",
    "updates": "updates.list",
}
SHAPE = {
    "documents": "import.shape",
    "incidents": "incidents.list-shape",
    "follow_ups": "follow-up.create",
    "updates": "updates.create",
}


@dataclass
class Organisation:
    name: str
    records: dict[str, Collection] = field(default_factory=lambda: {kind: Collection(kind) for kind in FORMS})
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)  # title and content that were imported
    contents: dict[str, str] = field(default_factory=dict)  # as they read
    opened: dict[str, str] = field(default_factory=dict)  # incidents by idempotency key
    shared: dict[str, str] = field(default_factory=dict)  # updates by idempotency key
    first: dict[str, Json] = field(default_factory=dict)  # what a create with an idempotency key answered
    named: dict[str, Json] = field(default_factory=dict)  # severities, statuses and types by id
    catalog: dict[tuple[str, str], Json] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)  # ids that a follow-up can name
    actor: dict[str, Json] = field(default_factory=dict)  # by key

    def held(self, kind: str, id_: str) -> Held | None:
        return self.records[kind].held.get(id_)

    def touch(self, incident_id: str, *names: str) -> None:
        """Something happened to an incident: its times may have moved, and these members changed."""
        held = self.held("incidents", incident_id)
        if held:
            held.loose.update(LATER, names)

    def documents_of(self, incident_id: str) -> list[Held]:
        held = self.records["documents"].held.values()
        return [document for document in held if document.body["incident_id"] == incident_id]


@dataclass
class Call:
    """One exchange whose caller may do what was asked."""

    asked: Asked
    answered: Answered
    operation: Operation
    caller: Caller
    own: Organisation
    body: Json
    said: Json

    @property
    def status(self) -> int:
        return self.answered.status


class Memory:
    def __init__(self, deployment: Deployment, *, strict: bool, shared: bool) -> None:
        self.strict, self.shared = strict, shared
        self.organisations = {name: Organisation(name) for name in (OWN, OTHER)}
        self.made = 0
        self.ids: dict[str, str] = {}  # everything that was made, and what it is
        self.homes: dict[tuple[str, str], str] = {}
        self.absent: set[tuple[str, str, str]] = set()
        self.pages: dict[str, str] = {}  # the dashboard's address of an incident
        for id_, url, home in (
            (deployment.incident_id, deployment.incident_url, OWN),
            (deployment.incident_with_link_id, deployment.incident_with_link_url, OWN),
            (deployment.incident_test_id, "", OWN),
            (deployment.incident_other_organisation_id, deployment.incident_other_organisation_url, OTHER),
        ):
            if id_:
                self.homes["incidents", id_] = home
            if id_ and url:
                self.pages[id_] = url
        own = self.organisations[OWN]
        own.people = {
            deployment.incident_user_id,
            deployment.incident_team_id,
            deployment.incident_priority_id,
            deployment.incident_category_id,
        } - {""}

    def is_there(self, own: Organisation, kind: str, id_: str) -> bool | None:
        """Whether the organisation has the record; None if that is not known."""
        home = self.homes.get((kind, id_))
        if home is not None:
            return home == own.name
        gone = id_ in NEVER or (own.name, kind, id_) in self.absent
        whole = not self.shared and own.records[kind].is_whole(frozenset())
        return False if gone or (whole and not id_.isdecimal()) else None

    def make(self, call: Call, kind: str, body: Json) -> Iterator[str]:
        """A record was created: its id is new."""
        id_, rule = body["id"], SHAPE[kind]
        if kind == "documents":
            rule = "import.a-new-document-each-time"
        if id_ in self.ids or (kind, id_) in self.homes:
            yield f"{rule}: the id {id_} is that of another record, {self.ids.get(id_, 'which was there before')}"
        self.made += 1
        self.ids[id_] = f"{kind}, the answer to create number {self.made}"
        self.homes[kind, id_] = call.own.name
        records = call.own.records[kind].held
        latest = max((h for h in records.values() if h.made), key=lambda held: held.made, default=None)
        if latest is not None:
            then, now = moment(latest.body["created_at"]), moment(body["created_at"])
            if then and now and now < then:
                early, late = body["created_at"], latest.body["created_at"]
                yield f"document.created-at: created_at {early} is before {late}, of an earlier one"
        records[id_] = Held(body, self.made)

    def form(self, kind: str, record: Any) -> Iterator[str]:
        """Whether it looks like a record of its kind at all."""
        if not isinstance(record, dict):
            yield f"{SHAPE[kind]}: {brief(record)} is no object"
            return
        for name, type_ in FORMS[kind].items():
            if not isinstance(record.get(name), type_):
                yield f"{SHAPE[kind]}: {name} is {brief(record.get(name), 60)}"
                return
        for name in ("created_at", "updated_at", "completed_at", "last_activity_at"):
            if name in record and record[name] and moment(record[name]) is None:
                yield f"document.created-at: {name} {brief(record[name])} is no time of RFC 3339"

    def take(self, own: Organisation, kind: str, record: Json, rule: str = "") -> Iterator[str]:
        """A record was shown: it is this organisation's, and as it was left."""
        rule = rule or SHOWN_BY[kind]
        id_ = record["id"]
        home = self.homes.get((kind, id_), own.name)
        if home != own.name:
            yield f"incident.unknown: shows {id_}, which is another organisation's"
            return
        held = own.held(kind, id_)
        if held is None:
            if (own.name, kind, id_) in self.absent and not self.shared:
                yield f"{rule}: shows {id_}, which was not there before"
        elif held.made or not self.shared:
            for difference in differences(held, record):
                yield f"{rule}: {id_}: {difference}"
        if kind == "incidents":
            yield from self._incident(own, record)
        self.homes[kind, id_] = own.name
        own.records[kind].held[id_] = Held(record, held.made if held else 0)

    def _incident(self, own: Organisation, incident: Json) -> Iterator[str]:
        id_, number = incident["id"], incident["reference"].removeprefix("INC-")
        if not re.fullmatch(r"INC-\d+", incident["reference"]):
            yield f"incidents.links: reference is {brief(incident['reference'])}"
        if "permalink" in incident:
            if incident["permalink"].rpartition("/")[2] not in (number, id_):
                yield f"incidents.links: permalink of {incident['reference']} is {brief(incident['permalink'])}"
            if self.pages.setdefault(id_, incident["permalink"]) != incident["permalink"]:
                yield f"incidents.links: permalink is {brief(incident['permalink'])}, not {self.pages[id_]}"
        for value in ("incident_status", "severity", "incident_type"):
            if value in incident:
                own.named.setdefault(incident[value].get("id", ""), incident[value])
        listed = incident.get("postmortem_document_ids")
        if listed is not None:
            for document in own.documents_of(id_):
                if document.body["id"] not in listed and document.made and document.body["type"] == "in_app":
                    yield f"incidents.documents: {id_} does not name its document {document.body['id']}"
            for document_id in listed:
                home = self.homes.get(("documents", document_id), own.name)
                held = own.held("documents", document_id)
                if home != own.name or (held and held.body["incident_id"] != id_):
                    yield f"incidents.documents: {id_} names {document_id}, which is not its own"


def wrapped(call: Call, memory: Memory, kind: str, name: str) -> Iterator[str | Json]:
    """The record that an answer wraps, projected on what the documents name; or what is wrong with it."""
    record = call.said.get(name)
    wrong = list(memory.form(kind, record))
    yield from wrong
    if not wrong:
        yield known(record)
