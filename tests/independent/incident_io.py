"""incident.io's import of postmortem documents a second time: from the vendor's page and the rules, without the mock.

It is here to be judged by the contract suite, so that the suite is not fitted to the mock. It makes use of everything
that the vendor has reserved for itself (page, Compatibility): more properties, in the answers and in their records,
properties in another order, ids and request ids of another form, more values of enums; and Location is on another host.
It serves the documents, too, and has no limit to its rates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.independent.incident_bodies import Refused, choice, error, read
from tests.independent.incident_markdown import written

Json = dict[str, Any]

BASE = "https://api.harbour.example"
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "resource_forbidden",
    404: "not_found",
    409: "conflict",
    413: "payload_too_large",
    422: "validation_error",
}
STATUSES = ("in_progress", "in_review", "completed")
COPIED = ("basecamp", "confluence", "github_wiki", "google_docs", "notion", "quip")
LINKED = ("", "confluence", "google_docs", "notion", "sharepoint", "incident_io")
ELSEWHERE = (*LINKED, *(f"copy_paste_{name}" for name in COPIED))
ORDERS = ("created_at_newest_first", "created_at_oldest_first")
EVERY_ANSWER = {"Cache-Control": "no-store", "Via": "1.1 harbour", "X-Trace": "on"}


class Key(NamedTuple):
    organisation: str
    may_write: bool = True


KEYS = {"harbour-key": Key("harbour"), "harbour-bare-key": Key("harbour", False), "island-key": Key("island")}
# Incidents with their organisation and their page.
INCIDENTS = {
    "inc_7QZ4harbour": ("harbour", "https://app.incident.io/harbour/incidents/58"),
    "inc_9ISLand": ("island", "https://app.incident.io/island/incidents/4"),
    "inc_8p1ER": ("harbour", "https://app.incident.io/harbour/incidents/77"),
}
# What the suite has to be told of this deployment.
DESCRIPTION = {
    "CONTRACT_INCIDENT_KEY": "harbour-key",
    "CONTRACT_INCIDENT_KEY_WITHOUT_SCOPE": "harbour-bare-key",
    "CONTRACT_INCIDENT_ID": "inc_7QZ4harbour",
    "CONTRACT_INCIDENT_URL": INCIDENTS["inc_7QZ4harbour"][1],
    "CONTRACT_INCIDENT_WITH_LINK_ID": "inc_8p1ER",
    "CONTRACT_INCIDENT_WITH_LINK_URL": INCIDENTS["inc_8p1ER"][1],
    "CONTRACT_INCIDENT_OTHER_ORGANISATION_KEY": "island-key",
    "CONTRACT_INCIDENT_OTHER_ORGANISATION_ID": "inc_9ISLand",
    "CONTRACT_INCIDENT_OTHER_ORGANISATION_URL": INCIDENTS["inc_9ISLand"][1],
}


def new_document(incident: str, title: str, stamp: str, **others: Any) -> Json:
    document_id = f"pmd-{uuid4()}"
    return {
        "is_main": False,  # not on the page, like the next two
        "language": "en",
        "incident_number": int(INCIDENTS[incident][1].rpartition("/")[2]),
        "updated_at": stamp,
        "created_at": stamp,
        "type": "in_app",
        "title": title,
        "status": "in_progress",
        "incident_id": incident,
        "id": document_id,
        "exported_urls": [],
        "editors": [],
        "document_url": f"{INCIDENTS[incident][1]}/post-mortems/{document_id}",
        **others,
    }


class State:
    """The documents by their ids, in the order of their creation, and the last time that was told."""

    def __init__(self) -> None:
        self.documents: dict[str, Json] = {}
        self.texts: dict[str, str] = {}
        self.last = datetime.fromtimestamp(0, UTC)
        self.asked = 0
        somebody = {"role": "guest", "name": "A user", "id": "usr_1", "pronouns": "they"}
        others: tuple[Json, ...] = (
            {"status": "abandoned", "editors": [somebody]},
            {"type": "transcript", "exported_urls": ["https://docs.example.com/1"]},
            {"status": "completed"},
        )
        for other in others:
            self.add(new_document("inc_7QZ4harbour", "Of somebody else", self.stamp(), **other))

    def add(self, document: Json) -> Json:
        document["is_main"] = not self.documents
        self.documents[document["id"]] = document
        return document

    def stamp(self) -> str:
        """Milliseconds, as in recordings of the vendor, and without zeros at their end; never the same one twice."""
        now = datetime.now(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self.last = max(now, self.last + timedelta(milliseconds=1))
        whole, _, fraction = (
            self.last.isoformat(timespec="milliseconds").removesuffix("+00:00").partition(".")
        )
        return f"{whole}.{fraction}".rstrip("0").rstrip(".") + "Z"

    def live(self) -> None:
        """Other people of both organisations: at every seventh request one of them imports something."""
        self.asked += 1
        turn, rest = divmod(self.asked, 7)
        if not rest:
            incident = list(INCIDENTS)[turn % 2]
            self.add(new_document(incident, "Of somebody else", self.stamp(), status="abandoned"))


class Call(NamedTuple):
    request: Request
    body: bytes
    state: State
    id: str

    def allow(self, scope: str) -> Key:
        """The key, if there is one that has the scope."""
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            words = "No authorization material provided in request"
            raise Refused(401, error("missing_authorization_material", words))
        key = KEYS.get(token)
        if key is None:
            raise Refused(401, error("access_token_invalid", "Access token is not valid"))
        if not key.may_write:
            words = f"missing a required scope: {scope}"
            raise Refused(
                403, error("missing_required_scope", words, metadata={"help": "roles", "scope": scope})
            )
        return key

    def find(self, key: Key) -> Json:
        found = self.state.documents.get(self.id)
        if found is None or INCIDENTS[found["incident_id"]][0] != key.organisation:
            raise not_found()
        return found


def not_found() -> Refused:
    return Refused(404, error("resource_not_found", "The referenced resource could not be found."))


Answer = tuple[int, Json, dict[str, str]]


def import_document(call: Call) -> Answer:
    key = call.allow("in_app_postmortems.import")
    body = read(call.request, call.body, ("title", "content"), {})
    if INCIDENTS.get(call.id, ("", ""))[0] != key.organisation:
        raise not_found()
    made = call.state.add(new_document(call.id, body["title"], call.state.stamp()))
    call.state.texts[made["id"]] = written(body["title"], body["content"])
    place = {"Location": f"{BASE}/v1/postmortem_documents/{made['id']}"}
    return 201, {"warnings": [], "postmortem_document": made}, place


def show(call: Call) -> Answer:
    shown = call.find(call.allow("incidents.view")) | {"last_viewed_at": call.state.stamp()}
    return 200, {"postmortem_document": shown, "viewer_count": 1}, {}


def content(call: Call) -> Answer:
    found = call.find(call.allow("in_app_postmortems.copy_as_markdown"))
    text = call.state.texts.get(found["id"])
    if text is None:
        raise not_found()
    return 200, {"format": "gfm", "markdown": text}, {}


def attach(call: Call) -> Answer:
    key = call.allow("external_postmortems.create")
    body = read(call.request, call.body, ("incident_id", "permalink"), {"document_provider": ELSEWHERE})
    incident = body["incident_id"]
    if INCIDENTS.get(incident, ("", ""))[0] != key.organisation:
        raise not_found()
    there = [it for it in call.state.documents.values() if it["incident_id"] == incident]
    linked = next((it for it in there if it["type"] == "external"), None)
    if there and linked is None:
        raise Refused(409, error("conflict", "The postmortem of this incident is in the app."))
    if linked is None:
        title = f"INC-{INCIDENTS[incident][1].rpartition('/')[2]}: The pier is closed"
        linked = call.state.add(new_document(incident, title, call.state.stamp(), type="external"))
    linked["document_url"] = body["permalink"]
    return 201, {"postmortem_document": linked}, {}


def move(call: Call) -> Answer:
    key = call.allow("in_app_postmortems.update_status")
    status = read(call.request, call.body, ("status",), {"status": STATUSES})["status"]
    found = call.find(key)
    if found["status"] != status:
        found |= {"status": status, "updated_at": call.state.stamp()}
    return 200, {"postmortem_document": found}, {}


def listing(call: Call) -> Answer:
    key = call.allow("incidents.view")
    query = call.request.query_params
    order = query.get("sort_by", ORDERS[0])
    if order not in ORDERS:
        raise Refused(422, choice("sort_by", ORDERS, order))
    size = page_size(query.get("page_size", "25"))
    found = [
        it for it in call.state.documents.values() if INCIDENTS[it["incident_id"]][0] == key.organisation
    ]
    if "incident_id" in query:
        found = [it for it in found if it["incident_id"] == query["incident_id"]]
    if order == ORDERS[0]:
        found.reverse()
    if "after" in query:
        ids = [it["id"] for it in found]
        found = found[ids.index(query["after"]) + 1 :] if query["after"] in ids else []
    more = {"after": found[size - 1]["id"]} if len(found) > size else {}
    meta = {"total_record_count": len(found), "page_size": size, **more}
    return 200, {"pagination_meta": meta, "postmortem_documents": found[:size]}, {}


def page_size(said: str) -> int:
    if not re.fullmatch("-?[0-9]{1,9}", said):
        words = f'invalid value {json.dumps(said)} for "page_size", must be a integer'
        raise Refused(422, error("invalid_field_type", words))
    if not 1 <= int(said) <= 250:
        words = "greater or equal than 1" if int(said) < 1 else "lesser or equal than 250"
        raise Refused(422, error("invalid_range", f"page_size must be {words} but got value {said}"))
    return int(said)


OPERATIONS: dict[tuple[str, str], Callable[[Call], Answer]] = {
    ("POST", r"/v2/incidents/([^/]+)/actions/import_postmortem_document"): import_document,
    ("GET", r"/v1/postmortem_documents()"): listing,
    ("GET", r"/v1/postmortem_documents/([^/]+)"): show,
    ("GET", r"/v1/postmortem_documents/([^/]+)/content"): content,
    ("POST", r"/v1/postmortem_documents/actions/attach()"): attach,
    ("PUT", r"/v1/postmortem_documents/([^/]+)"): move,
}


class Api(HTTPEndpoint):
    async def dispatch(self) -> None:
        request = Request(self.scope, self.receive)
        if request.app.state.neighbours:
            request.app.state.records.live()
        response = answer(request, await request.body(), request.app.state.records)
        await response(self.scope, self.receive, self.send)


def answer(request: Request, body: bytes, state: State) -> Response:
    found = [
        (operation, place[1])
        for (method, pattern), operation in OPERATIONS.items()
        if method == request.method and (place := re.fullmatch(pattern, request.url.path))
    ]
    if not found:
        return Response(None, 404, EVERY_ANSWER)
    operation, name = found[0]
    try:
        status, content, headers = operation(Call(request, body, state, name))
    except Refused as refused:
        status, headers = refused.status, {}
        content = {
            "errors": refused.errors,
            "request_id": str(uuid4()),
            "region": "harbour",
            "status": status,
            "type": TYPES[status],
        }
    written = json.dumps(content, indent=1).encode()
    return Response(written, status, EVERY_ANSWER | headers, "application/json; charset=utf-8")


def new_app(*, neighbours: bool = False) -> Starlette:
    app = Starlette(routes=[Route("/{path:path}", Api)])
    app.state.records = State()
    app.state.neighbours = neighbours
    return app
