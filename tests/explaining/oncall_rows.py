"""Grafana OnCall: every operation, as it is done and in each way in which it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.core.exchange import Request
from tests.explaining.asking import Row, request

ADMIN, VIEWER, NOBODY = "meowmeowmeow", "viewer-token", "no-role-token"
ROBOT, READING_ROBOT = "glsa_service-account", "glsa_read-only"
POSTMORTEMS, MESSAGES, NOTES = (
    f"/api/v1/{name}/" for name in ("postmortems", "postmortem_messages", "resolution_notes")
)
GROUPS, USERS = "/api/v1/alert_groups/", "/api/v1/users/"
POSTMORTEM, FOREIGN_NOTE, NOTE = "P658FE5K87EWZ", "MSAMPLEAB1111", "MSAMPLEAA1111"
FIRING, RESOLVED, ACKNOWLEDGED, SILENCED = "IQUIET1PAGE11", "ISAMPLEAC1111", "ISAMPLEAB1111", "ISAMPLEAD1111"
BOTH_WAYS, UNACKNOWLEDGED_ROOT = "ISAMPLEAE1111", "ISAMPLEAH1111"
TEXT = {"alert_group_id": FIRING, "text": "disk"}
JUST_TEXT = {"text": "disk"}


def ask(method: str, target: str, status: int, rule: str, body: Any = None, **more: Any) -> Row:
    return Row(method, target, status, rule, body, **{"who": ADMIN, **more})


def texts(path: str, one: str, create: str, show: str, update: str, delete: str) -> Iterator[Row]:
    """What postmortems, messages and notes have in common."""
    yield ask("POST", path, 201, create, TEXT)
    yield ask("GET", path + one + "/", 200, show)
    yield ask("PUT", path + one + "/", 200, update, JUST_TEXT)
    yield ask("DELETE", path + one + "/", 204, delete)
    for method, target in (("POST", path), ("PUT", path + one + "/"), ("PATCH", path + one + "/")):
        yield ask(method, target, 400, "body.malformed", b"{")
        yield ask(method, target, 400, "body.malformed", b'{"text": NaN}')
        yield ask(method, target, 400, "body.not-an-object", [])
        yield ask(
            method, target, 415, "content-type.unsupported", b"x", headers=(("content-type", "text/plain"),)
        )
        yield ask(method, target, 400, "field.text-null-or-blank", {**TEXT, "text": " "})
        yield ask(method, target, 400, "field.text-null-or-blank", {**TEXT, "text": None})
        yield ask(method, target, 400, "field.text-type", {**TEXT, "text": []})
        yield ask(method, target, 400, "field.text-forbidden-characters", {**TEXT, "text": "a\0"})
        yield ask(method, target, 400, "field.text-forbidden-characters", {**TEXT, "text": "a\ud800"})
    yield ask("POST", path, 400, "field.required", {})
    yield ask("PUT", path + one + "/", 400, "field.required", {})
    yield ask("POST", path, 400, "field.alert-group", {**TEXT, "alert_group_id": "NOPE"})
    yield ask("POST", path, 400, "field.alert-group", {**TEXT, "alert_group_id": None})


def postmortems() -> Iterator[Row]:
    one = f"{POSTMORTEMS}{POSTMORTEM}/"
    yield from texts(POSTMORTEMS, POSTMORTEM, "create.shape", "get.shape", "update.shape", "delete.removes")
    yield ask("PATCH", one, 200, "patch.text-is-optional", JUST_TEXT)
    yield ask("PATCH", one, 200, "patch.text-is-optional", {})
    yield ask("GET", POSTMORTEMS, 200, "list.shape")
    yield ask("GET", f"{POSTMORTEMS}?alert_group_id=I68T24C13IFW1", 200, "list.filter.by-alert-group")
    yield ask("GET", f"{POSTMORTEMS}?alert_group_id=nope", 200, "list.filter.unknown-group-is-empty")
    yield ask("GET", f"{POSTMORTEMS}?alert_group_id=", 200, "list.filter.empty-or-repeated")
    yield ask("GET", f"{POSTMORTEMS}?page=x", 200, "list.page.odd-values")
    yield ask("GET", f"{POSTMORTEMS}?page=99", 200, "list.page.odd-values")
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        yield ask(method, f"{POSTMORTEMS}NOPE/", 404, "get.unknown-id")
        yield ask(method, f"{one}?alert_group_id=IQUIET1PAGE11", 404, "get.filter-mismatch")
        yield ask(method, one, 403, "auth.bad-token", who=None)
        yield ask(method, one, 403, "auth.bad-token", who="nobody")
        yield ask(method, one, 403, "auth.inactive-user", who="inactive-token")
        yield ask(method, one, 404, "auth.deleted-organization", who="deleted-organization-token")
        yield ask(method, one, 403, "role.viewer-only-reads", who=NOBODY)
        yield ask(method, one, 406, "accept.excludes-json", headers=(("accept", "text/html"),))
        yield ask(method, f"{one}?format=xml", 404, "accept.format-parameter")
    yield ask("POST", POSTMORTEMS, 403, "role.viewer-only-reads", TEXT, who=VIEWER)
    yield ask("POST", POSTMORTEMS, 403, "role.viewer-only-reads", TEXT, who=READING_ROBOT)


def notes() -> Iterator[Row]:
    yield from texts(MESSAGES, NOTE, "message.shape", "message.shape", "message.update", "message.delete")
    yield from texts(NOTES, NOTE, "note.shape", "note.shape", "note.update", "note.delete")
    yield ask("PATCH", f"{MESSAGES}{NOTE}/", 200, "message.update", {})
    yield ask("PATCH", f"{MESSAGES}{NOTE}/", 200, "message.update", JUST_TEXT)
    yield ask("PATCH", f"{NOTES}{NOTE}/", 200, "note.patch-without-text", {})
    yield ask("PATCH", f"{NOTES}{NOTE}/", 200, "note.update", JUST_TEXT)
    yield ask("GET", MESSAGES, 200, "message.list")
    yield ask("GET", MESSAGES, 403, "message.rights", who=NOBODY)
    yield ask("GET", NOTES, 200, "note.list.shape")
    yield ask("GET", f"{NOTES}?alert_group_id={FIRING}", 200, "note.list.filter")
    yield ask("GET", f"{NOTES}?page=0", 200, "note.page.numbers")
    yield ask("GET", f"{NOTES}?alert_group=3", 400, "note.list.row-number")
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        yield ask(method, f"{MESSAGES}NOPE/", 404, "message.delete")
        yield ask(method, f"{NOTES}NOPE/", 404, "note.delete")
        yield ask(method, f"{NOTES}{NOTE}/?alert_group_id={FIRING}", 404, "note.list.filter")
        yield ask(method, f"{MESSAGES}{NOTE}/", 403, "message.rights", who=NOBODY)
        yield ask(method, f"{NOTES}{NOTE}/", 403, "note.rights", who=NOBODY)
    yield ask("PUT", f"{NOTES}{FOREIGN_NOTE}/", 400, "note.source", JUST_TEXT)
    yield ask("PATCH", f"{NOTES}{FOREIGN_NOTE}/", 400, "note.foreign-patch-without-text", {})


def groups() -> Iterator[Row]:
    yield ask("GET", GROUPS, 200, "group.list")
    for query, rule in (
        (f"id={FIRING}", "ids"),
        ("integration_id=CFRPV98RPR1U8", "ids"),
        ("route_id=x", "ids"),
        ("team_id=null", "team"),
        ("state=New", "state"),
        ("started_at=2020-01-01T00:00:00_2021-01-01T00:00:00", "started-at"),
        ("label=a:b", "label"),
        ("foo=bar", "together"),
    ):
        yield ask("GET", f"{GROUPS}?{query}", 200, f"group.filter.{rule}")
    for query, rule in (
        ("team_id=x", "team"),
        ("state=odd", "state"),
        ("started_at=today", "started-at"),
        ("started_at=2021-01-01T00:00:00_2020-01-01T00:00:00", "backwards"),
    ):
        yield ask("GET", f"{GROUPS}?{query}", 400, f"group.filter.{rule}")
    yield ask("GET", f"{GROUPS}{FIRING}/", 200, "group.shape")
    yield ask("GET", f"{GROUPS}NOPE/", 404, "group.unknown")
    yield ask("DELETE", f"{GROUPS}{FIRING}/", 204, "group.delete.wipe")
    yield ask("DELETE", f"{GROUPS}{FIRING}/", 204, "group.delete.delete", {"mode": "delete"})
    yield ask("DELETE", f"{GROUPS}{FIRING}/", 400, "group.delete.mode", {"mode": "x"})
    yield ask("DELETE", f"{GROUPS}{FIRING}/", 400, "group.delete.no-object", [])
    yield ask("DELETE", f"{GROUPS}{FIRING}/", 403, "group.rights", who=VIEWER)
    for verb, group, against in (
        ("acknowledge", FIRING, ACKNOWLEDGED),
        ("unacknowledge", ACKNOWLEDGED, FIRING),
        ("resolve", FIRING, RESOLVED),
        ("unresolve", RESOLVED, FIRING),
        ("unsilence", SILENCED, FIRING),
    ):
        yield ask("POST", f"{GROUPS}{group}/{verb}/", 200, "group.action.effects")
        yield ask("POST", f"{GROUPS}{against}/{verb}/", 400, "group.action.conflicts")
        yield ask("POST", f"{GROUPS}NOPE/{verb}/", 404, "group.unknown")
        yield ask("POST", f"{GROUPS}{FIRING}/{verb}/", 403, "account.actions", who=ROBOT)
        yield ask("POST", f"{GROUPS}{FIRING}/{verb}/", 403, "group.rights", who=VIEWER)
    silence = f"{GROUPS}{FIRING}/silence/"
    yield ask("POST", silence, 200, "group.silence.delay", {"delay": 5})
    yield ask("POST", silence, 400, "group.silence.delay", {})
    yield ask("POST", silence, 400, "group.silence.delay", {"delay": "soon"})
    yield ask("POST", silence, 400, "group.silence.odd-delay", {"delay": [1]})
    yield ask("POST", silence, 400, "body.malformed", b"{")
    yield ask("POST", f"{GROUPS}{RESOLVED}/silence/", 400, "group.action.conflicts", {"delay": 5})
    yield ask("POST", silence, 403, "account.actions", {"delay": 5}, who=ROBOT)


def others() -> Iterator[Row]:
    yield ask("GET", USERS, 200, "user.list")
    yield ask("GET", f"{USERS}?username=Alex", 200, "user.username")
    yield ask("GET", f"{USERS}?short=true", 200, "user.email-and-short")
    yield ask("GET", f"{USERS}current/", 200, "user.current")
    yield ask("GET", f"{USERS}current/", 404, "account.current", who=ROBOT)
    yield ask("GET", f"{USERS}U4DNY931HHJS5/", 200, "user.published-fields")
    yield ask("GET", f"{USERS}NOPE/", 404, "user.unknown")
    yield ask("GET", USERS, 403, "user.rights", who=NOBODY)
    yield ask("POST", USERS, 405, "user.read-only")
    yield ask("PUT", POSTMORTEMS, 405, "method.unsupported")
    yield ask("FROB", f"{POSTMORTEMS}{POSTMORTEM}/", 405, "method.unsupported")
    yield ask("OPTIONS", POSTMORTEMS, 200, "method.options")
    yield ask("OPTIONS", f"{GROUPS}{FIRING}/silence/", 200, "method.options")
    yield ask("HEAD", POSTMORTEMS, 200, "list.shape")
    yield ask("GET", "/api/v1/nowhere/", 404, "path.unknown-is-html")
    yield ask("GET", f"{POSTMORTEMS}a.b/", 404, "path.id-with-a-dot")
    yield ask("GET", "/api/v2/", 404, "path.unknown-is-html", who=None)


def quirks() -> Iterator[Row]:
    chunked: dict[str, Any] = {"headers": (("transfer-encoding", "chunked"),), "quirks": True}
    yield ask("OPTIONS", POSTMORTEMS, 500, "quirk.methods", quirks=True)
    yield ask("PUT", POSTMORTEMS, 500, "quirk.methods", quirks=True)
    yield ask("PATCH", f"{NOTES}{NOTE}/", 500, "quirk.patch-without-text", {}, quirks=True)
    yield ask("POST", POSTMORTEMS, 500, "quirk.nesting", b"[" * 100_000, quirks=True)
    yield ask("GET", POSTMORTEMS, 500, "quirk.token", who="\xe9", quirks=True)
    yield ask("POST", f"{GROUPS}{FIRING}/silence/", 500, "quirk.delay", {"delay": [1]}, quirks=True)
    yield ask("POST", POSTMORTEMS, 400, "quirk.chunked", TEXT, **chunked)


def rows() -> list[Row]:
    return [*postmortems(), *notes(), *groups(), *others(), *quirks()]


def too_many() -> list[Request]:
    return [request("GET", POSTMORTEMS, who=ADMIN)] * 301
