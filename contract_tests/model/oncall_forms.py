"""The forms of Grafana OnCall's answers, whatever they are about: headers, shapes, pages and their links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model.oncall_request import (
    API,
    GROUPS,
    MESSAGES,
    NOTES,
    POSTMORTEMS,
    UNSURE,
    USERS,
    Json,
    Refused,
    Route,
    Sure,
    is_plain_query,
    raw_query,
    whole_number,
)
from contract_tests.model.shadow import brief

EVERY = {
    "Content-Type": "application/json",
    "X-Frame-Options": "DENY",
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NEVER = ("WWW-Authenticate", "Location", "ETag")
THROTTLED = ("Retry-After", "RateLimit-Reset")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
PREFIX = {POSTMORTEMS: "P", MESSAGES: "M", NOTES: "M", GROUPS: "I", USERS: "U"}
ID = "[A-NP-Z1-9]{12}"
WRITTEN = ("id", "alert_group_id", "created_at", "text")
NOTE = ("id", "alert_group_id", "author", "source", "created_at", "text")
GROUP = (
    *("id", "integration_id", "team_id", "route_id", "alerts_count", "state", "created_at", "resolved_at"),
    *("resolved_by", "acknowledged_at", "acknowledged_by", "labels", "title", "permalinks", "silenced_at"),
    "last_alert",
)
FOUR = ("count", "next", "previous", "results")
SEVEN = (*FOUR, "page_size", "current_page_number", "total_pages")
LIST_SHAPE = {
    POSTMORTEMS: "list.shape",
    MESSAGES: "message.list",
    NOTES: "note.list.shape",
    GROUPS: "group.list",
    USERS: "user.list",
}


@dataclass(frozen=True)
class Page:
    """The part of a list that an answer shows: rows from `start`, of `count`."""

    count: int
    size: int
    number: int
    last: int
    rows: list[Json]

    @property
    def start(self) -> int:
        return (self.number - 1) * self.size


def json_of(answered: Answered) -> Any:
    """The body's value, UNSURE if it is no JSON."""
    try:
        return answered.json()
    except ValueError:
        return UNSURE


def headers_wrong(exchange: Exchange, route: Route | Sure, *, strict: bool, html: bool) -> Iterator[str]:
    """`html` is for answers that do not come from a view."""
    answered = exchange.answered
    assert answered is not None
    for name in NEVER if answered.status == 429 else (*NEVER, *THROTTLED):
        if answered.header(name) is not None:
            yield f"header.never: {name}: {answered.header(name)}"
    length = None if answered.header("Content-Encoding") else answered.header("Content-Length")
    body = answered.body
    as_is = exchange.asked.method != "HEAD" and not answered.header("Content-Encoding")
    if as_is and length is not None and length != str(len(body)):
        yield f"header.every-answer: Content-Length {length} of a body of {len(body)} bytes"
    if html or route is UNSURE:
        return
    empty = answered.status == 204 or (route.verb != "" and answered.status == 200)
    for name, value in EVERY.items():
        seen = answered.header(name)
        if name == "Content-Type" and empty:
            if seen is not None and exchange.asked.method != "OPTIONS":
                yield f"delete.status, group.action.effects: an empty answer with Content-Type {seen}"
        elif seen != value and (strict or name not in ("Vary",) or value not in (seen or "")):
            yield f"header.every-answer: {name} is {seen!r}, not {value!r}"
    allow = ", ".join(route.methods)
    if answered.header("Allow") != allow:
        yield f"header.allow, group.allow: Allow is {answered.header('Allow')!r}, not {allow!r}"


def refusal_wrong(exchange: Exchange, refused: Refused) -> Iterator[str]:
    """Whether an answer is the refusal that it is to be."""
    answered = exchange.answered
    assert answered is not None
    if answered.status != refused.status:
        body = f" {brief(answered.body)}" if answered.status >= 300 else ""
        yield f"{refused.rule}: answers {answered.status}{body}, not {refused.status} {brief(refused.body)}"
    elif refused.body is not UNSURE and exchange.asked.method != "HEAD":
        seen = json_of(answered)
        wanted = refused.body
        begun = isinstance(wanted, dict) and str(wanted.get("detail", "")).endswith("…")
        if begun and isinstance(seen, dict) and list(seen) == ["detail"]:
            begins = str(seen["detail"]).startswith(wanted["detail"][:-1])
            wanted = seen if begins else wanted
        if seen != wanted:
            yield f"{refused.rule}: answers {brief(answered.body)}, not {brief(refused.body)}"


def keys_wrong(
    value: Any, keys: Iterable[str], rule: str, *, strict: bool, ordered: bool = False
) -> Iterator[str]:
    wanted = list(keys)
    if not isinstance(value, dict):
        yield f"{rule}: {brief(value)} is no object"
    elif missing := [key for key in wanted if key not in value]:
        yield f"{rule}: without {', '.join(missing)}: {brief(value)}"
    elif strict and (more := [key for key in value if key not in wanted]):
        yield f"{rule}: has {', '.join(more)} too: {brief(value)}"
    elif ordered and strict and list(value) != wanted:
        yield f"{rule}: its members are in another order: {', '.join(value)}"


def record_wrong(value: Any, resource: str, *, full: bool, strict: bool) -> Iterator[str]:
    """The form of a postmortem, a message or a note. `full` is for a postmortem with its messages."""
    if resource == POSTMORTEMS:
        rule = "get.shape" if full else "create.shape"
        keys: tuple[str, ...] = (*WRITTEN, "postmortem_messages") if full else WRITTEN
    else:
        rule, keys = ("note.shape" if resource == NOTES else "message.shape"), NOTE
    if wrong := list(keys_wrong(value, keys, rule, strict=strict)):
        yield from wrong
        return
    for name in ("id", "alert_group_id", "created_at", "text"):
        if not isinstance(value[name], str):
            yield f"{rule}: {name} is {brief(value[name])}, no string"
            return
    if strict and not re.fullmatch(PREFIX[resource] + ID, value["id"]):
        yield f"form.id: {value['id']!r}"
    if not TIME.fullmatch(value["created_at"]):
        yield f"form.created-at: {value['created_at']!r}"
    if resource != POSTMORTEMS:
        for name in ("author", "source"):
            if not isinstance(value[name], str | None):
                yield f"{rule}: {name} is {brief(value[name])}"
    elif full:
        messages = value["postmortem_messages"]
        if not isinstance(messages, list):
            yield f"{rule}: postmortem_messages is {brief(messages)}"
            return
        for message in messages:
            yield from record_wrong(message, MESSAGES, full=True, strict=strict)
            if isinstance(message, dict) and message.get("alert_group_id") != value["alert_group_id"]:
                yield f"get.shape: shows a message of alert group {message.get('alert_group_id')!r}"


def group_wrong(value: Any, *, strict: bool) -> Iterator[str]:
    if wrong := list(keys_wrong(value, GROUP, "group.shape", strict=strict)):
        yield from wrong
        return
    if not isinstance(value["id"], str) or not TIME.fullmatch(str(value["created_at"])):
        yield f"group.shape: id {value['id']!r}, created_at {value['created_at']!r}"
    if value["resolved_at"]:
        state = "resolved"
    elif value["acknowledged_at"]:
        state = "acknowledged"
    else:
        state = "silenced" if value["silenced_at"] else "firing"
    if value["state"] != state:
        times = {name: value[name] for name in ("acknowledged_at", "resolved_at", "silenced_at")}
        yield f"group.shape: {value['id']} is {value['state']!r} with {times}"


def page_of(asked: Asked, resource: str, body: Any, *, strict: bool) -> tuple[Page | None, list[str]]:
    """The page that an answer shows, and what is wrong with it in itself: size, numbers, links."""
    rule = LIST_SHAPE[resource]
    four = resource in (POSTMORTEMS, MESSAGES)
    wrong = list(keys_wrong(body, FOUR if four else SEVEN, rule, strict=strict, ordered=not four))
    if wrong:
        return None, wrong
    count, rows = body["count"], body["results"]
    if type(count) is not int or count < 0 or not isinstance(rows, list):
        return None, [f"{rule}: count is {brief(count)}, results {brief(rows)}"]
    if not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        return None, [f"{rule}: a result without an id"]
    asked_size = whole_number(asked.query, "perpage", 100 if resource == USERS else 50)
    asked_number = whole_number(asked.query, "page", 1)
    if asked_size is UNSURE or asked_number is UNSURE:
        return None, []
    final = max(1, -(-count // asked_size))
    page = Page(count, asked_size, min(asked_number, final), final, rows)
    wanted = min(page.size, max(0, count - page.start))
    if len(rows) != wanted:
        wrong.append(
            f"list.page.size: page {page.number} of {page.size} each shows {len(rows)} of {count}, not {wanted}"
        )
    if len({row["id"] for row in rows}) != len(rows):
        wrong.append("list.page.links: a page shows one twice")
    if not four:
        numbers = (body["page_size"], body["current_page_number"], body["total_pages"])
        if numbers != (min(page.size, 100), page.number, final):
            wrong.append(f"note.page.numbers: {numbers} on page {page.number} of {final}, {page.size} each")
    return page, wrong


def links_wrong(asked: Asked, body: Any, page: Page, *, strict: bool) -> Iterator[str]:
    for name, number in (("next", page.number + 1), ("previous", page.number - 1)):
        link = body[name]
        there = 1 <= number <= page.last
        if not there or not isinstance(link, str):
            if there or link is not None:
                yield f"list.page.links: {name} is {brief(link)} on page {page.number} of {page.last}"
            continue
        if not is_plain_query(asked):
            continue
        others = parse_qs(raw_query(asked), keep_blank_values=True)
        query = {**others, "page": [str(number)]}
        if number == 1:
            del query["page"]
        wanted = urlencode(sorted(query.items()), doseq=True)
        path = asked.path[asked.path.index(API) :]
        if not _is_link(link, path, wanted, strict=strict):
            yield f"list.page.links: {name} is {brief(link, 300)}, not …{path}?{wanted}"


def _is_link(link: str, path: str, query: str, *, strict: bool) -> bool:
    seen = urlsplit(link)
    if seen.scheme not in ("http", "https") or not seen.netloc or not seen.path.endswith(path):
        return False
    if strict:
        return seen.query == query
    return sorted(parse_qsl(seen.query, True)) == sorted(parse_qsl(query, True))
