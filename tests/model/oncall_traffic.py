"""Traffic with a Grafana OnCall that does all as it should, made by hand."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model.oncall_forms import EVERY

Json = dict[str, Any]

ADMIN, EDITOR, VIEWER, STRANGER = "meowmeowmeow", "editor-token", "viewer-token", "other-organization-token"
NEW, OLD, THEIRS = "INEW111111111", "IOLD111111111", "ITHEIRS111111"
LIST, DETAIL = "GET, POST, HEAD, OPTIONS", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
GROUP_LIST, GROUP_DETAIL, ACTION = "GET, HEAD, OPTIONS", "GET, DELETE, HEAD, OPTIONS", "POST, OPTIONS"
NOT_FOUND, INVALID = {"detail": "Not found."}, {"detail": "Invalid token."}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}


def told(
    method: str,
    path: str,
    status: int,
    body: Any = None,
    *,
    by: str | None = ADMIN,
    sent: Any = None,
    allow: str = "",
) -> Exchange:
    headers = {**EVERY, "Allow": allow or (LIST if path.partition("?")[0].count("/") == 4 else DETAIL)}
    if body is None:
        del headers["Content-Type"]
    content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    asked = [("Authorization", by)] if by is not None else []
    if sent is not None:
        asked.append(("Content-Type", "application/json"))
    return Exchange(
        Asked(method, path, tuple(asked), b"" if sent is None else json.dumps(sent).encode()),
        Answered(status, (*headers.items(), ("Content-Length", str(len(content)))), content),
    )


def changed(exchange: Exchange, change: Callable[[Any], Any]) -> Exchange:
    """With another body in its answer: what `change` returns, or has made of it."""
    assert exchange.answered is not None
    body = copy.deepcopy(exchange.answered.json()) if exchange.answered.body else None
    result = change(body)
    content = json.dumps(body if result is None else result, ensure_ascii=False).encode()
    headers = [(k, v) for k, v in exchange.answered.headers if k not in ("Content-Length", "Content-Type")]
    headers += [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    return replace(exchange, answered=replace(exchange.answered, headers=tuple(headers), body=content))


def with_status(exchange: Exchange, status: int) -> Exchange:
    assert exchange.answered is not None
    return replace(exchange, answered=replace(exchange.answered, status=status))


def with_header(exchange: Exchange, name: str, value: str | None) -> Exchange:
    assert exchange.answered is not None
    headers = tuple((k, v) for k, v in exchange.answered.headers if k != name)
    headers += ((name, value),) if value is not None else ()
    return replace(exchange, answered=replace(exchange.answered, headers=headers))


def group(id_: str, started: str, **more: Any) -> Json:
    nothing = dict.fromkeys(
        ("resolved_at", "resolved_by", "acknowledged_at", "acknowledged_by", "silenced_at")
    )
    return {
        "id": id_,
        "integration_id": "CFRPV98RPR1U8",
        "team_id": None,
        "route_id": "RIYGUJXCPFHXY",
        "alerts_count": 0,
        "state": "firing",
        "created_at": started,
        **nothing,
        "labels": [],
        "title": id_,
        "permalinks": {},
        "last_alert": None,
        **more,
    }


def page(path: str, rows: list[Json], *, seven: bool = False, by: str = ADMIN, **more: Any) -> Exchange:
    body = {"count": len(rows), "next": None, "previous": None, "results": rows, **more}
    if seven:
        body |= {"page_size": 50, "current_page_number": 1, "total_pages": 1, **more}
    allow = GROUP_LIST if "alert_groups" in path else LIST
    return told("GET", path, 200, body, by=by, allow=allow)


def note(id_: str, text: str, source: str | None = "Web", at: str = NEW) -> Json:
    made = f"2026-01-01T00:00:12.00000{id_[-1]}Z"
    return {
        "id": id_,
        "alert_group_id": at,
        "author": "UADMIN",
        "source": source,
        "created_at": made,
        "text": text,
    }


def postmortem(id_: str, text: str, at: str) -> Json:
    return {"id": id_, "alert_group_id": at, "created_at": f"2026-01-01T00:00:1{id_[-1]}Z", "text": text}


def full(record: Json, *messages: Json) -> Json:
    return {**record, "postmortem_messages": [{**it, "source": it["source"].lower()} for it in messages]}


P, M, N, G = (
    "/api/v1/postmortems/",
    "/api/v1/postmortem_messages/",
    "/api/v1/resolution_notes/",
    "/api/v1/alert_groups/",
)
P1, P2, P3 = (f"P{letter * 11}{number}" for number, letter in enumerate("ABC", 1))
M1, M2, M4 = "MAAAAAAAAAAA1", "MBBBBBBBBBBB2", "MDDDDDDDDDDD4"
SLACK = {**note(M4, "from Slack", "Slack", OLD)}
ONE, TWO = postmortem(P1, "one", OLD), postmortem(P2, "two\U0001f525", NEW)
TWO_AGAIN = {**TWO, "text": "two again"}
NOTE = note(M1, "noted")
WHEN = "2026-01-02T00:00:00.000001Z"
ACKNOWLEDGED = group(
    NEW, "2026-01-01T00:00:00Z", state="acknowledged", acknowledged_at=WHEN, acknowledged_by="UADMIN"
)
LINKED = f"http://oncall.invalid{P}?alert_group_id=&page=2&perpage=1&zzz=a+b"

# In this order.
RIGHT: dict[str, Exchange] = {
    "groups": page(
        G,
        [group(NEW, "2026-01-01T00:00:00Z"), group(OLD, "2025-01-01T00:00:00.5Z".replace(".5Z", ".500000Z"))],
        seven=True,
    ),
    "their groups": page(G, [group(THEIRS, "2025-06-01T00:00:00Z")], seven=True, by=STRANGER),
    "notes": page(N, [SLACK], seven=True),
    "their notes": page(N, [], seven=True, by=STRANGER),
    "postmortems": page(P, []),
    "their postmortems": page(P, [], by=STRANGER),
    "create one": told("POST", P, 201, ONE, sent={"alert_group_id": OLD, "text": " one\n"}),
    "create two": told("POST", P, 201, TWO, sent={"alert_group_id": NEW, "text": TWO["text"]}, by=EDITOR),
    "get one": told("GET", f"{P}{P1}/", 200, full(ONE, SLACK)),
    "list both": page(P, [full(TWO), full(ONE, SLACK)], by=VIEWER),
    "list their own": page(P, [], by=STRANGER),
    "filter": page(f"{P}?alert_group_id={OLD}", [full(ONE, SLACK)]),
    "filter in lower case": page(f"{P}?alert_group_id={OLD.lower()}", []),
    "filter by theirs": page(f"{P}?alert_group_id={THEIRS}", []),
    "first page": page(f"{P}?perpage=1&alert_group_id=&zzz=a%20b", [full(TWO)], count=2, next=LINKED),
    "last page": page(
        f"{P}?perpage=1&page=9", [full(ONE, SLACK)], count=2, previous=f"http://oncall.invalid{P}?perpage=1"
    ),
    "update two": told("PUT", f"{P}{P2}/", 200, TWO_AGAIN, sent={"text": "two again", "alert_group_id": OLD}),
    "patch nothing": told("PATCH", f"{P}{P2}/", 200, TWO_AGAIN, sent={}),
    "get two as the viewer": told("GET", f"{P}{P2}/", 200, full(TWO_AGAIN), by=VIEWER),
    "get two as a stranger": told("GET", f"{P}{P2}/", 404, NOT_FOUND, by=STRANGER),
    "get two in lower case": told("GET", f"{P}{P2.lower()}/", 404, NOT_FOUND),
    "get two with another group": told("GET", f"{P}{P2}/?alert_group_id={OLD}", 404, NOT_FOUND),
    "delete as the viewer": told("DELETE", f"{P}{P2}/", 403, FORBIDDEN, by=VIEWER),
    "list without a token": told("GET", P, 403, INVALID, by=None),
    "list with a token in capitals": told("GET", P, 403, INVALID, by=ADMIN.upper()),
    "list with a token in the query": told("GET", f"{P}?token={ADMIN}", 403, INVALID, by=None),
    "create without a text": told(
        "POST", P, 400, {"text": ["This field is required."]}, sent={"alert_group_id": NEW}
    ),
    "create in their group": told(
        "POST",
        P,
        400,
        {"alert_group_id": ["Object does not exist"]},
        sent={"alert_group_id": THEIRS, "text": "x"},
    ),
    "update with a blank": told(
        "PUT", f"{P}{P1}/", 400, {"text": ["This field may not be blank."]}, sent={"text": " \u3000"}
    ),
    "note": told("POST", N, 201, NOTE, sent={"alert_group_id": NEW, "text": "noted"}),
    "the note as a message": told("GET", f"{M}{M1}/", 200, {**NOTE, "source": "web"}),
    "the note in its postmortem": told("GET", f"{P}{P2}/", 200, full(TWO_AGAIN, NOTE)),
    "update what Slack wrote": told(
        "PUT", f"{N}{M4}/", 400, {"detail": "Cannot update message with this source type"}, sent={"text": "x"}
    ),
    "put the list": told("PUT", P, 405, {"detail": 'Method "PUT" not allowed.'}, sent={}),
    "delete one": told("DELETE", f"{P}{P1}/", 204),
    "get one again": told("GET", f"{P}{P1}/", 404, NOT_FOUND),
    "list the rest": page(P, [full(TWO_AGAIN, NOTE)]),
    "create three": told(
        "POST", P, 201, postmortem(P3, "three", NEW), sent={"alert_group_id": NEW, "text": "three"}
    ),
    "acknowledge": told("POST", f"{G}{NEW}/acknowledge/", 200, allow=ACTION),
    "get the group": told("GET", f"{G}{NEW}/", 200, ACKNOWLEDGED, allow=GROUP_DETAIL),
    "acknowledge again": told(
        "POST",
        f"{G}{NEW}/acknowledge/",
        400,
        {"detail": "Can't acknowledge an acknowledged alert group"},
        allow=ACTION,
    ),
    "groups by state": page(f"{G}?state=new", [group(OLD, "2025-01-01T00:00:00.500000Z")], seven=True),
}
