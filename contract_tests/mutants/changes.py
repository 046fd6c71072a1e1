"""The small pieces that most mutants are made of: changes to a request or to an answer, and where they apply."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from contract_tests.exchange import Answered, Asked, Headers
from contract_tests.mutants.mutant import Act, Forward, Memory
from contract_tests.mutants.operations import matches

Json = Any
Change = Callable[[Answered, Asked], Answered]

# Under these names incident.io wraps one record, or a list of them.
ONE = (
    "postmortem_document",
    "incident",
    "incident_update",
    "follow_up",
    "user",
    "severity",
    "incident_status",
)
MANY = (
    "results",
    "postmortem_documents",
    "incidents",
    "incident_updates",
    "follow_ups",
    "users",
    "severities",
)


def answer(where: str, *changes: Change, when: Callable[[int], bool] | int | None = None) -> Act:
    """An act that changes the answers of some operations: the successful ones, unless `when` names others."""

    def fits(status: int) -> bool:
        if when is None:
            return 200 <= status < 300
        return status == when if isinstance(when, int) else when(status)

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        if matches(asked, where) and fits(answered.status):
            for change in changes:
                answered = change(answered, asked)
        return answered

    return act


def ask(where: str, *changes: Callable[[Asked], Asked]) -> Act:
    """An act that changes requests for some operations before they are sent on."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if matches(asked, where):
            for change in changes:
                asked = change(asked)
        return await forward(asked)

    return act


# Of answers


def status(code: int) -> Change:
    return lambda answered, _: replace(answered, status=code)


def headed(name: str, value: str | Callable[[str], str] | None) -> Change:
    """The header set to a value, to what a function makes of its value if it is there, or taken away."""

    def change(answered: Answered, _: Asked) -> Answered:
        if value is None:
            return replace(answered, headers=without(answered.headers, name))
        if callable(value):
            headers = tuple((k, value(v) if k.lower() == name.lower() else v) for k, v in answered.headers)
            return replace(answered, headers=headers)
        return replace(answered, headers=with_header(answered.headers, name, value))

    return change


def said(change: Callable[[Json], Json], /) -> Change:
    """The JSON of the answer is what the function makes of it, or what it has become in place."""

    def changed(answered: Answered, _: Asked) -> Answered:
        body = read(answered)
        if body is None:
            return answered
        made = change(body)
        return with_json(answered, body if made is None else made)

    return changed


def each(change: Callable[[Json], Any], /) -> Change:
    """Every record in the answer is changed in place."""

    def changed(body: Json) -> None:
        for record in records(body):
            change(record)

    return said(changed)


def plain(text: str, kind: str = "text/plain") -> Change:
    def change(answered: Answered, _: Asked) -> Answered:
        headers = with_header(answered.headers, "Content-Type", kind)
        return with_body(replace(answered, headers=headers), text.encode())

    return change


def no_body(answered: Answered, _: Asked) -> Answered:
    return with_body(replace(answered, headers=without(answered.headers, "Content-Type")), b"")


def records(body: Json) -> Iterator[Json]:
    """The record or the records that an answer is about."""
    if not isinstance(body, dict):
        return
    for name in MANY:
        if isinstance(body.get(name), list):
            yield from body[name]
            return
    for name in ONE:
        if isinstance(body.get(name), dict):
            yield body[name]
            return
    if "id" in body:
        yield body


def rows(body: Json) -> list[Json]:
    """The list that an answer holds; one of its own if there is none, so that changes to it are lost."""
    found = [body[name] for name in MANY if isinstance(body, dict) and isinstance(body.get(name), list)]
    return found[0] if found else []


def read(message: Asked | Answered) -> Json:
    """None if there is no JSON."""
    try:
        return message.json()
    except (ValueError, RecursionError):  # the latter for what is nested too deep
        return None


def dumped(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def with_json(answered: Answered, body: Json) -> Answered:
    return with_body(answered, dumped(body))


def with_body(answered: Answered, body: bytes) -> Answered:
    headers = without(answered.headers, "Transfer-Encoding")
    return replace(answered, body=body, headers=with_header(headers, "Content-Length", str(len(body))))


def with_header(headers: Headers, name: str, value: str) -> Headers:
    """In its place if it is there, else at the end."""
    if any(key.lower() == name.lower() for key, _ in headers):
        return tuple((key, value if key.lower() == name.lower() else old) for key, old in headers)
    return (*headers, (name, value))


def without(headers: Headers, name: str) -> Headers:
    return tuple((key, value) for key, value in headers if key.lower() != name.lower())


# Of requests


def without_query(*names: str) -> Callable[[Asked], Asked]:
    return requery(lambda pairs: [(name, value) for name, value in pairs if name not in names])


def requery(change: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]) -> Callable[[Asked], Asked]:
    """The query is what the function makes of its pairs; as it was, byte for byte, if that is the same."""

    def changed(asked: Asked) -> Asked:
        made = change(asked.query)
        return asked if made == asked.query else retarget(asked, made)

    return changed


def retarget(asked: Asked, query: list[tuple[str, str]], path: str | None = None) -> Asked:
    where = urlsplit(asked.target).path if path is None else path
    return replace(asked, target=f"{where}?{urlencode(query)}" if query else where)


def rebody(change: Callable[[Json], Json]) -> Callable[[Asked], Asked]:
    """The JSON object of the body is what the function makes of it, or what it has become in place."""

    def changed(asked: Asked) -> Asked:
        body = read(asked)
        if not isinstance(body, dict):
            return asked
        before = json.dumps(body)
        made = change(body)
        made = body if made is None else made
        return asked if json.dumps(made) == before else sending(asked, dumped(made))

    return changed


def sending(asked: Asked, body: bytes) -> Asked:
    headers = without(asked.headers, "Transfer-Encoding")
    return replace(asked, body=body, headers=with_header(headers, "Content-Length", str(len(body))))


def other(asked: Asked, method: str, target: str, body: Json = None) -> Asked:
    """Another request of the same caller."""
    kept = ("authorization", "host", "x-mock-sandbox", "x-grafana-url")
    headers = tuple((name, value) for name, value in asked.headers if name.lower() in kept)
    if body is None:
        return Asked(method, target, headers)
    content = dumped(body)
    about = (("Content-Type", "application/json"), ("Content-Length", str(len(content))))
    return Asked(method, target, (*headers, *about), content)


def as_caller(asked: Asked, authorization: str) -> Asked:
    return replace(asked, headers=with_header(asked.headers, "Authorization", authorization))


def caller(asked: Asked) -> str:
    return asked.header("Authorization") or ""


def bare(asked: Asked) -> str:
    """The path as it was asked for, without the query."""
    return urlsplit(asked.target).path
