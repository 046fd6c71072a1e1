"""What is known of an organisation's records, and what a page of a list must show of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from contract_tests.model.shadow import brief

Json = dict[str, Any]

# The members that the vendor's documents name. Others are additions, which the vendor may make at any time.
_NAMES = """
    id incident_id title status created_at updated_at document_url exported_urls editors type name role email
    slack_user_id reference mode visibility permalink creator incident_status severity incident_type summary call_url
    incident_role_assignments incident_timestamp_values custom_field_entries has_debrief postmortem_document_ids
    postmortem_document_url slack_channel_id slack_channel_name slack_team_id team_ids last_activity_at api_key user
    category rank description assignee assignee_team priority labels completed_at external_issue_reference provider
    issue_name issue_permalink message new_incident_status new_severity updater value values incident_timestamp
    custom_field options field_type sort_key custom_field_id value_option value_numeric value_text value_link
    shortform instructions role_type required is_default private_incidents_only create_in_triage base_role
    custom_roles seats is_active slug on_call response
"""
NAMES = frozenset(_NAMES.split())


def known(value: Any) -> Any:
    """The value without members that the documents do not name."""
    if isinstance(value, dict):
        return {name: known(member) for name, member in value.items() if name in NAMES}
    return [known(item) for item in value] if isinstance(value, list) else value


def moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@dataclass
class Held:
    """A record as it was last answered. `loose` members may have changed since."""

    body: Json
    made: int = 0  # which create it came of, in order; 0 for a record that was there
    loose: set[str] = field(default_factory=set)


LATER = ("updated_at", "last_activity_at")


def differences(before: Held, after: Json) -> Iterator[str]:
    """How a record differs from what was known; times that may have moved must not have moved back."""
    for name in sorted(before.body.keys() | after.keys()):
        old, new = before.body.get(name), after.get(name)
        if old == new:
            continue
        if name not in before.loose:
            yield f"{name} is {brief(new, 90)}, not {brief(old, 90)}"
        elif name in LATER and old is not None:
            was, is_ = moment(old), moment(new)
            if was and is_ and is_ < was:
                yield f"{name} has gone back from {old} to {new}"


Test = Callable[[Json], bool | None]


@dataclass(frozen=True)
class Page:
    """`tests`: the conditions, by what they say; None of a test is: cannot tell."""

    tests: dict[str, Test]
    size: int
    after: str | None
    newest_first: bool
    rule: str


@dataclass
class Collection:
    """The records of one kind in one organisation. `whole`: the conditions under which nothing is unknown."""

    kind: str
    held: dict[str, Held] = field(default_factory=dict)
    whole: list[frozenset[str]] = field(default_factory=list)
    walks: dict[tuple[frozenset[str], bool], str] = field(default_factory=dict)

    def is_whole(self, conditions: frozenset[str]) -> bool:
        return any(under <= conditions for under in self.whole)

    def passing(self, page: Page, shared: bool) -> tuple[list[str], bool]:
        """The ids of the records that pass every test, and whether that could be told of all. Others may have changed
        or removed theirs, if the server is shared.
        """
        found, sure = [], True
        for id_, held in self.held.items():
            if shared and not held.made:
                sure = False
                continue
            results = [
                None if words.partition("[")[0] in held.loose else test(held.body)
                for words, test in page.tests.items()
            ]
            if False in results:
                continue
            if None in results:
                sure = False
            else:
                found.append(id_)
        return found, sure

    def precedes(self, one: Json, other: Json, newest_first: bool) -> bool | None:
        """Whether one record comes before the other in a list; None if that cannot be told."""
        first, second = (other, one) if newest_first else (one, other)
        a, b = self.held.get(first["id"]), self.held.get(second["id"])
        if a and b and a.made and b.made:
            return a.made < b.made
        t, u = moment(first["created_at"]), moment(second["created_at"])
        return None if t is None or u is None or t == u else t < u


def judge_page(
    records: Collection, page: Page, shown: list[Json], meta: Any, *, shared: bool
) -> Iterator[str]:
    """What is wrong with a page, by what is known before it."""
    rule, ids = page.rule, [record["id"] for record in shown]
    if not isinstance(meta, dict):
        yield f"{rule}-shape: pagination_meta is {brief(meta)}"
        return
    more = meta.get("after")
    yield from _form(rule, page, ids, meta)
    for record in shown:
        for words, test in page.tests.items():
            if test(record) is False:
                yield f"{_of(rule, words)}: shows {record['id']}, which is not {words}"
    for one, other in pairwise(shown):
        if records.precedes(one, other, page.newest_first) is False:
            ids_ = f"{one['id']} of {one['created_at']} before {other['id']} of {other['created_at']}"
            yield f"{_order(rule)}: shows {ids_}"
    start = records.held.get(page.after) if page.after is not None else None
    if start is not None:
        for record in shown:
            if record["id"] == page.after or records.precedes(start.body, record, page.newest_first) is False:
                yield f"{_walk(rule)}: shows {record['id']} after {page.after}, which it does not come after"
    if page.after is not None and start is None:
        return
    passing, sure = records.passing(page, shared)
    whole = not shared and records.is_whole(frozenset(page.tests))
    yield from _membership(records, page, shown, passing, more, whole and sure, start)
    total = meta.get("total_record_count")
    if (
        total is not None and rule == "incidents"
    ):  # of other lists, the document does not say what it would mean
        if isinstance(total, bool) or not isinstance(total, int):
            yield f"incidents.pages: total_record_count is {brief(total)}"
        elif total < len(passing) or (whole and sure and total != len(passing)):
            yield f"incidents.pages: total_record_count is {total}, and there are {len(passing)}"


def _form(rule: str, page: Page, ids: list[str], meta: Json) -> Iterator[str]:
    more = meta.get("after")
    if len(set(ids)) < len(ids):
        yield f"{_walk(rule)}: shows a record twice: {ids}"
    if len(ids) > page.size:
        yield f"{_size(rule)}: shows {len(ids)} records on a page of {page.size}"
    if meta.get("page_size") != page.size or isinstance(meta.get("page_size"), bool):
        yield f"{_size(rule)}: says page_size {brief(meta.get('page_size'))} for a page of {page.size}"
    if "after" in meta:
        if more != (ids[-1] if ids else None):
            yield f"{_walk(rule)}: says after {brief(more)}, and its last record is {ids[-1:]}"
        elif len(ids) < page.size:
            yield f"{_walk(rule)}: says that more follow a page of {len(ids)}, which holds {page.size}"


def _membership(
    records: Collection,
    page: Page,
    shown: list[Json],
    passing: list[str],
    more: Any,
    exact: bool,
    start: Held | None,
) -> Iterator[str]:
    """What is known to be between the beginning of the page and its end is on it."""
    ids, last = {record["id"] for record in shown}, shown[-1] if shown and more is not None else None
    beyond = 0
    for id_ in passing:
        body = records.held[id_].body
        if id_ in ids or id_ == page.after:
            continue
        behind = True if start is None else records.precedes(start.body, body, page.newest_first)
        if behind is None:  # of the same moment: it may be on either side
            beyond += 1
        elif not behind:
            continue
        elif last is None:
            yield f"{_walk(page.rule)}: does not show {id_}, and says that nothing more follows"
        elif records.precedes(body, last, page.newest_first):
            yield f"{_walk(page.rule)}: leaves out {id_}, which comes before its last record"
        else:
            beyond += 1
    if exact and last is not None and not beyond:
        yield f"{_walk(page.rule)}: says that more follow {last['id']}, and nothing does"
    if exact:
        for id_ in ids - records.held.keys():
            yield f"{_walk(page.rule)}: shows {id_}, which nobody made"


def learn_page(records: Collection, page: Page, shown: list[Json], meta: Json) -> None:
    """After the bodies were taken in: under which conditions everything is known now."""
    key = (frozenset(page.tests), page.newest_first)
    if page.after is not None and records.walks.get(key) != page.after:
        return
    if "after" in meta:
        records.walks[key] = meta["after"]
    else:
        records.walks.pop(key, None)
        if key[0] not in records.whole:
            records.whole.append(key[0])


_RULES = {
    "documents": ("documents.walk", "documents.list-order", "documents.page-size"),
    "incidents": ("incidents.pages", "incidents.order", "incidents.page-size"),
    "follow-up": ("follow-up.list-order", "follow-up.list-order", "follow-up.list-order"),
    "updates": ("updates.list", "updates.order", "updates.list"),
}
_FILTERS = {
    "incident_id": {
        "documents": "documents.incident-filter",
        "follow-up": "follow-up.filter-incident",
        "updates": "updates.list",
    },
    "assignee_team_id": {"follow-up": "follow-up.filter-team"},
    "incident_mode": {"follow-up": "follow-up.filter-mode"},
    "created_at": {"follow-up": "follow-up.filter-time", "incidents": "incidents.filter-dates"},
    "updated_at": {"follow-up": "follow-up.filter-time", "incidents": "incidents.filter-dates"},
    "default": {"follow-up": "follow-up.filter-mode", "incidents": "incidents.default-modes"},
    "hidden": {"incidents": "incidents.hidden-categories"},
}


def _of(rule: str, words: str) -> str:
    """The rule about a condition."""
    return _FILTERS.get(words.partition("[")[0].split()[0], {}).get(rule, "incidents.filter-one-of")


def _walk(rule: str) -> str:
    return _RULES[rule][0]


def _order(rule: str) -> str:
    return _RULES[rule][1]


def _size(rule: str) -> str:
    return _RULES[rule][2]
