"""What a shadow knows of the records of a Grafana OnCall: no more than the answers told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from contract_tests.deployment import Deployment
from contract_tests.model.oncall_request import MESSAGES, NOTES, POSTMORTEMS, UNSURE, Json, Sure

POSTMORTEM, NOTE = "postmortem", "note"
KIND = {POSTMORTEMS: POSTMORTEM, MESSAGES: NOTE, NOTES: NOTE}
SAID = {MESSAGES: "web", NOTES: "Web"}


@dataclass(frozen=True)
class Person:
    name: str
    token: str
    organization: str
    role: str  # admin, editor, viewer, none; inactive; gone, with the organization
    service: bool = False


FIELDS = {
    "oncall_token": ("admin", "first", "admin"),
    "oncall_editor_token": ("editor", "first", "editor"),
    "oncall_viewer_token": ("viewer", "first", "viewer"),
    "oncall_no_role_token": ("no role", "first", "none"),
    "oncall_inactive_token": ("inactive", "first", "inactive"),
    "oncall_other_organization_token": ("stranger", "other", "admin"),
    "oncall_service_account_token": ("account", "first", "editor"),
    "oncall_read_only_service_account_token": ("reading account", "first", "viewer"),
    "oncall_deleted_organization_token": ("gone", "gone", "gone"),
}


def people_of(deployment: Deployment) -> tuple[Person, ...]:
    """Those whose tokens a deployment names."""
    return tuple(
        Person(name, token, organization, role, service="account" in name)
        for key, (name, organization, role) in FIELDS.items()
        if (token := getattr(deployment, key))
    )


@dataclass
class Record:
    id: str
    kind: str
    organization: str
    group: str
    text: str | Sure
    created_at: str
    number: int  # its turn in the order of creation
    author: str | Sure | None = UNSURE
    sources: dict[str, str | None] = field(default_factory=dict)  # as messages and as notes say it
    own: bool = False

    def seen_as(self, resource: str) -> Json:
        """What of it is sure, as a resource shows it."""
        shown: Json = {"id": self.id, "alert_group_id": self.group, "created_at": self.created_at}
        if self.kind == NOTE:
            shown |= {"author": self.author, "source": self.sources.get(resource, UNSURE)}
        shown |= {"text": self.text}
        return {key: value for key, value in shown.items() if value is not UNSURE}


@dataclass
class Group:
    body: Json
    organization: str
    attached: bool | None = None
    maintenance: bool | None = None
    moved: bool = False  # whether something may have changed it since it was seen
    wiped: bool = False

    @property
    def started(self) -> datetime:
        return datetime.fromisoformat(self.body["created_at"])


class World:
    """`shared`: others write too, and only what was made through this shadow stays what it is. `given`: alert groups,
    the one that started last first.
    """

    def __init__(self, *, shared: bool, ever: set[str] | None = None, given: Sequence[str] = ()) -> None:
        self.shared = shared
        self._given = given
        self.records: dict[str, Record] = {}
        self.gone: dict[str, Record] = {}
        self.groups: dict[str, Group] = {}
        self.ids: dict[str, str | None] = {}  # of the users, by their tokens
        self.ever: set[str] = set() if ever is None else ever  # ids that creates have answered
        self._complete: set[tuple[str, str]] = set()  # organization and kind
        self._walks: dict[tuple[str, str], list[Json]] = {}
        self._numbers = count()

    def is_complete(self, organization: str, kind: str) -> bool:
        """Whether every record of the organization is known."""
        return not self.shared and (organization, kind) in self._complete

    def doubt(self, organization: str | None = None) -> None:
        """Something may have happened that no answer told: what was sure is so no more."""
        for record in self.records.values():
            if organization in (None, record.organization):
                record.text = UNSURE
        for group in self.groups.values():
            group.moved = True
        self._complete = {known for known in self._complete if organization not in (None, known[0])}
        self._walks.clear()

    def forget(self) -> None:
        for known in (self.records, self.gone, self.groups, self._walks):
            known.clear()
        self.ever.clear()
        self._complete.clear()

    def stir(self, organization: str, kind: str) -> None:
        """A change: a walk through the pages that has begun does not end in knowing all."""
        self._walks.pop((organization, kind), None)

    def listed(self, organization: str, kind: str, group: str | None = None) -> list[Record]:
        """The known records in the order of the list: the group that started last first, then as they were made."""
        mine = [
            record
            for record in self.records.values()
            if (record.organization, record.kind) == (organization, kind)
            and (group is None or record.group == group)
            and (record.own or not self.shared)
        ]
        places = self._places(mine) or {}
        return sorted(mine, key=lambda record: (places.get(record.group, 0), record.number))

    def is_ordered(self, records: Iterable[Record]) -> bool:
        """Whether it is known which of their alert groups comes first."""
        return self._places(records) is not None

    def _places(self, records: Iterable[Record]) -> dict[str, float] | None:
        groups = {record.group for record in records}
        if groups <= self.groups.keys():
            return {group: -self.groups[group].started.timestamp() for group in groups}
        return {group: self._given.index(group) for group in groups} if groups <= {*self._given} else None

    def learn(self, organization: str, resource: str, shown: Json, *, own: bool = False) -> Record:
        """Takes a record from an answer, whole or anew."""
        record = self.records.get(shown["id"])
        if record is None:
            record = Record(
                shown["id"],
                KIND[resource],
                organization,
                shown["alert_group_id"],
                shown["text"],
                shown["created_at"],
                next(self._numbers),
                own=own,
            )
            self.records[record.id] = record
        record.group, record.text, record.created_at = (
            shown["alert_group_id"],
            shown["text"],
            shown["created_at"],
        )
        if resource in SAID:
            record.author, record.sources[resource] = shown["author"], shown["source"]
            if own:
                record.sources = dict(SAID)
        return record

    def remove(self, record: Record) -> None:
        self.gone[record.id] = self.records.pop(record.id)
        self.stir(record.organization, record.kind)

    def walk(self, organization: str, resource: str, start: int, rows: list[Json], total: int) -> bool:
        """Follows somebody who reads page after page. Whether this was the last one, after which all is known."""
        kind = KIND.get(resource, resource)
        key = (organization, kind)
        met = self._walks.get(key, []) if start else []
        if len(met) != start:
            self._walks.pop(key, None)
            return False
        met = [*met, *rows]
        self._walks[key] = met
        if len(met) < total or self.shared:
            return False
        self._complete.add(key)
        for row in met:
            if kind in (POSTMORTEM, NOTE):
                self.records[row["id"]].number = next(self._numbers)
        return True

    def met(self, organization: str, resource: str) -> set[str]:
        """Whom the walk has met so far."""
        return {row["id"] for row in self._walks.get((organization, KIND.get(resource, resource)), ())}

    def sees_other(self, organization: str, id_: str) -> bool:
        """Whether an id is known to be another organization's."""
        known: Any = self.records.get(id_) or self.groups.get(id_)
        return known is not None and known.organization != organization
