"""Grafana OnCall's postmortems a second time: from the vendor's page and the rules, with nothing of the mock's.

It is here to be judged by the contract suite, so that the suite is not fitted to the mock. It serves postmortems and
their messages, to the users of two organizations, and has no rate limit. Ids, names and the base URL of its links are
its own; what the page leaves open (more headers, the order of headers and keys) it does in a way of its own.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import uuid4

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.independent.harbour import (
    ALPHABET,
    DESCRIPTION,
    GROUPS,
    USERS,
    Json,
    State,
    User,
    new_state,
    now,
    record,
)

__all__ = ["DESCRIPTION", "new_app"]

BASE = "https://oncall.harbour.example"
LIMIT = 16 * 1024 * 1024
LIST_METHODS, DETAIL_METHODS = "GET, POST, HEAD, OPTIONS", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
EVERY_ANSWER = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Origin",
    "X-Frame-Options": "DENY",
    "Server": "nginx",
}
PATHS = re.compile(r"/api/v1/(postmortems|postmortem_messages)(?:/([^/.]+))?/?")


class Refused(Exception):
    def __init__(self, status: int, body: Any) -> None:
        self.status = status
        self.body = body if isinstance(body, dict) else {"detail": body}


class Neighbours:
    """Other people of both organizations: at every seventh request one of them writes something or takes it away."""

    def __init__(self, state: State) -> None:
        self.postmortems, self.asked, self.written = state["postmortems"], 0, list[str]()

    def live(self) -> None:
        self.asked += 1
        turn, rest = divmod(self.asked, 7)
        if rest:
            return
        if len(self.written) > 3:
            del self.postmortems[self.written.pop(0)]
        group = list(GROUPS)[turn % len(GROUPS)]
        self.written.append(new_id("P"))
        self.postmortems[self.written[-1]] = record(self.written[-1], group, "after", now())


class Api(HTTPEndpoint):
    async def dispatch(self) -> None:
        request = Request(self.scope, self.receive)
        body = await request.body()
        if request.app.state.neighbours:
            request.app.state.neighbours.live()
        response = await answer(request, body, request.app.state.records)
        await response(self.scope, self.receive, self.send)


def new_app(*, neighbours: bool = False) -> Starlette:
    app = Starlette(routes=[Route("/{path:path}", Api)])
    app.state.records = new_state()
    app.state.neighbours = Neighbours(app.state.records) if neighbours else None
    return app


def new_id(prefix: str) -> str:
    return prefix + "".join(random.choices(ALPHABET, k=12))


async def answer(request: Request, body: bytes, state: State) -> Response:
    headers = {**EVERY_ANSWER, "X-Request-Id": uuid4().hex}
    if request.headers.get("X-Forwarded-Proto") == "https":
        headers["Strict-Transport-Security"] = "max-age=360000"
    place = PATHS.fullmatch(request.url.path)
    if place is None:
        page = "<!doctype html>\n<html lang='en'><title>Not Found</title><h1>Not Found</h1></html>\n"
        return Response(page, 404, headers, "text/html; charset=utf-8")
    allow = DETAIL_METHODS if place[2] else LIST_METHODS
    try:
        negotiate(request)
        user = who(request)
        if user.organization == "":
            allow = ""
            raise Refused(404, "Not found.")
        status, content = await Call(request, body, state, user, *place.groups()).run(allow)
    except Refused as refused:
        status, content = refused.status, refused.body
    if allow:
        headers["Allow"] = allow
    if content is None:
        return Response(None, status, headers)
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(written, status, headers | {"Content-Type": "application/json"})


def negotiate(request: Request) -> None:
    if request.query_params.get("format", "json") != "json":
        raise Refused(404, "Not found.")
    kinds = [
        kind.partition(";")[0].strip().lower() for kind in request.headers.get("Accept", "*/*").split(",")
    ]
    if not {"*/*", "application/*", "application/json"} & set(kinds):
        raise Refused(406, "Could not satisfy the request Accept header.")


def who(request: Request) -> User:
    user = USERS.get(request.headers.get("Authorization", ""))
    if user is None:
        raise Refused(403, "Invalid token.")
    if not user.active:
        raise Refused(403, "Only active users are allowed to perform this action.")
    return user


class Call:
    """One request of a known user to one of the two resources."""

    def __init__(
        self,
        request: Request,
        body: bytes,
        state: State,
        user: User,
        resource: str,
        id: str | None,
    ) -> None:
        self.request, self.body, self.state, self.user = request, body, state, user
        self.resource, self.id, self.table = resource, id, state[resource]
        self.group = ["", *request.query_params.getlist("alert_group_id")][-1]

    async def run(self, allow: str) -> tuple[int, Any]:
        method = self.request.method
        reads = method in ("GET", "HEAD", "OPTIONS")
        if not self.user.role or (self.user.role == "viewer" and not reads and method in allow.split(", ")):
            raise Refused(403, "You do not have permission to perform this action.")
        if method not in allow.split(", "):
            raise Refused(405, f'Method "{method}" not allowed.')
        if method == "OPTIONS":
            return 200, {"description": "", "name": self.resource.replace("_", " ").title()}
        if self.id is None:
            return await self.create() if method == "POST" else (200, self.page())
        found = self.table.get(self.id)
        if found is None or not self.sees(found) or self.group not in ("", found["alert_group_id"]):
            raise Refused(404, "Not found.")
        if method == "DELETE":
            del self.table[self.id]
            return 204, None
        if method in ("PUT", "PATCH"):
            errors: Json = {}
            text = check_text(await self.read(), errors, required=method == "PUT")
            if errors:
                raise Refused(400, errors)
            self.table[self.id] = found = found | ({} if text is None else {"text": text})
            return 200, found
        return 200, self.shown(found)

    def sees(self, record: Json) -> bool:
        return GROUPS[record["alert_group_id"]][0] == self.user.organization

    def shown(self, record: Json) -> Json:
        if self.resource == "postmortem_messages":
            return record
        messages = self.state["postmortem_messages"].values()
        group = record["alert_group_id"]
        return {"postmortem_messages": [it for it in messages if it["alert_group_id"] == group], **record}

    async def create(self) -> tuple[int, Any]:
        data, errors = await self.read(), {}
        group = data.get("alert_group_id", ...)
        if group is ...:
            errors["alert_group_id"] = ["This field is required."]
        elif group is None or group == "":
            errors["alert_group_id"] = ["This field may not be null."]
        elif not isinstance(group, str) or GROUPS.get(group, ("",))[0] != self.user.organization:
            errors["alert_group_id"] = ["Object does not exist"]
        text = check_text(data, errors, required=True)
        if errors:
            raise Refused(400, errors)
        made = record(new_id("P" if self.resource == "postmortems" else "M"), str(group), str(text), now())
        self.table[made["id"]] = made
        if self.resource == "postmortem_messages":
            made |= {"author": self.user.id, "source": "web"}
        return 201, made

    def page(self) -> Json:
        found = [
            it for it in self.table.values() if self.sees(it) and self.group in ("", it["alert_group_id"])
        ]
        found.sort(key=lambda it: -GROUPS[it["alert_group_id"]][1])
        size = positive(self.request.query_params.get("perpage"), 50)
        last = max(1, -(-len(found) // size))
        number = min(positive(self.request.query_params.get("page"), 1), last)
        return {
            "results": [self.shown(it) for it in found[(number - 1) * size : number * size]],
            "previous": self.link(number - 1) if number > 1 else None,
            "next": self.link(number + 1) if number < last else None,
            "count": len(found),
        }

    def link(self, number: int) -> str:
        query = parse_qs(self.request.url.query, keep_blank_values=True)
        query.pop("page", None)
        if number > 1:
            query["page"] = [str(number)]
        asked = urlencode(sorted(query.items()), doseq=True)
        return f"{BASE}{self.request.url.path}" + (f"?{asked}" if asked else "")

    async def read(self) -> Json:
        """The body as an object, whatever its type."""
        if len(self.body) > LIMIT:
            raise Refused(413, f"Request body is larger than {LIMIT} bytes.")
        if not self.body:
            return {}
        announced = self.request.headers.get("Content-Type", "")
        kind = announced.partition(";")[0].strip().lower()
        if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            try:
                form = await self.request.form()
            except (HTTPException, ValueError, LookupError) as error:
                raise Refused(400, f"Form parse error - {error}") from error
            return {name: value for name, value in form.multi_items() if isinstance(value, str)}
        if kind != "application/json":
            raise Refused(415, f'Unsupported media type "{announced}" in request.')
        charset = re.search(r';\s*charset="?([^";\s]+)', announced, re.IGNORECASE)
        try:
            data = json.loads(self.body.decode(charset[1] if charset else "utf-8"), parse_constant=no_json)
        except (ValueError, LookupError, RecursionError) as error:
            raise Refused(400, f"JSON parse error - {error}") from error
        if data is None:
            raise Refused(400, {"non_field_errors": ["No data provided"]})
        if not isinstance(data, dict):
            words = f"Invalid data. Expected a dictionary, but got {type(data).__name__}."
            raise Refused(400, {"non_field_errors": [words]})
        return data


def no_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def positive(said: str | None, otherwise: int) -> int:
    try:
        number = int(said or "")
    except ValueError:
        return otherwise
    return number if number > 0 else otherwise


def check_text(data: Json, errors: Json, *, required: bool) -> str | None:
    text = data.get("text", ...)
    if text is ...:
        if required:
            errors["text"] = ["This field is required."]
        return None
    if text is None:
        errors["text"] = ["This field may not be null."]
    elif isinstance(text, bool) or not isinstance(text, str | int | float):
        errors["text"] = ["Not a valid string."]
    elif not (text := str(text).strip()):
        errors["text"] = ["This field may not be blank."]
    elif "\0" in text:
        errors["text"] = ["Null characters are not allowed."]
    elif lone := re.search("[\ud800-\udfff]", text):
        errors["text"] = [f"Surrogate characters are not allowed: U+{ord(lone[0]):X}."]
    return None if "text" in errors else text
