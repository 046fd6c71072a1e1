"""incident.io's JSON, headers and error envelope."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from math import ceil
from typing import Any, TypeVar

import orjson

from mockserver.core.errors import (
    Breach,
    Conflict,
    Invalid,
    Malformed,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    Refusal,
    Throttled,
    TooLarge,
    UnsupportedMedia,
)
from mockserver.core.exchange import Answer, Request
from mockserver.core.sandbox import Services
from mockserver.core.views import View, exact
from mockserver.providers.incident_io import wording
from mockserver.providers.incident_io.budgets import WINDOW
from mockserver.providers.incident_io.checks import IncidentVisit
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import PostmortemDocument

Record = TypeVar("Record", bound=Any)

JSON = ("Content-Type", "application/json")
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "resource_forbidden",
    404: "not_found",
    409: "conflict",
    413: "payload_too_large",
    422: "validation_error",
    429: "too_many_requests",
    500: "api_error",
}
TOO_MANY = "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests."
CONFLICTS = {
    "in-app-document": "An external post-mortem cannot be attached to an incident that has an in-app post-mortem.",
}
LONGEST_QUOTE = 100
CRASHED = "Something went wrong and has been reported internally."


def moment(value: datetime) -> str:
    """RFC 3339 in UTC; zeros at the end of the fraction are dropped, and a fraction of nothing but zeros with them."""
    text = value.isoformat().removesuffix("+00:00")
    return (text.rstrip("0") if "." in text else text) + "Z"


def request_id(services: Services) -> str:
    """Eight characters of URL-safe base64."""
    return urlsafe_b64encode(services.ids.octets(6)).decode()


def present(**members: Any) -> dict[str, Any]:
    """Only the members that have a value: the vendor leaves the others out, and its SDK cannot read a null."""
    return {name: value for name, value in members.items() if value is not None}


def page(found: Sequence[Record], page_size: int, **more: Any) -> tuple[Sequence[Record], dict[str, Any]]:
    """The records of a page and its `pagination_meta`, of up to one record more than fits: `after` is there if one
    is left over."""
    if len(found) <= page_size:
        return found, {"page_size": page_size, **more}
    records = found[:page_size]
    return records, {"page_size": page_size, "after": records[-1].id, **more}


def user(record: Any) -> dict[str, Any]:
    """A user beside what they did."""
    return present(
        id=record.id,
        name=record.name,
        role=record.role,
        email=record.email,
        slack_user_id=record.slack_user_id,
    )


def _users(world: World, ids: Sequence[str]) -> list[dict[str, Any]]:
    return [user(found) for found in map(world.people.users.get, ids) if found is not None]


def postmortem_document(world: World, document: PostmortemDocument) -> dict[str, Any]:
    created, updated = document.created_at, document.updated_at
    created_at = moment(created)
    return {
        "created_at": created_at,
        "document_url": world.document_url(document),
        "editors": _users(world, document.editors) if document.editors else [],
        "exported_urls": list(document.exported_urls),
        "id": document.id,
        "incident_id": document.incident_id,
        "status": document.status,
        "title": document.title,
        "type": document.type,
        "updated_at": created_at if updated is created else moment(updated),
    }


def answer(visit: IncidentVisit, status: int, body: Any, *extra: tuple[str, str]) -> Answer:
    return Answer(status, (JSON, *extra, *_allowance_headers(visit)), exact(orjson.dumps(body)))


def one(
    visit: IncidentVisit, status: int, name: str, view: View[Any], record: Any, *extra: tuple[str, str]
) -> Answer:
    """A single record under its name."""
    body = b'{"%b":%b}' % (name.encode(), view.of(record))
    headers = (JSON, *extra) if visit.allowance is None else (JSON, *extra, *_allowance_headers(visit))
    return Answer(status, headers, body, {name: view.mark})


def many(
    visit: IncidentVisit,
    name: str,
    view: View[Any],
    records: Sequence[Any],
    meta: dict[str, Any] | None = None,
) -> Answer:
    """Records under their name, and what there is to say of their page."""
    told: dict[str, Any] = {name: [view.mark] if records else []}
    end = b"}"
    if meta is not None:
        told["pagination_meta"] = meta
        end = b',"pagination_meta":%b}' % orjson.dumps(meta)
    body = b'{"%b":[%b]%b' % (name.encode(), view.many(records), end)
    headers = (JSON,) if visit.allowance is None else (JSON, *_allowance_headers(visit))
    return Answer(200, headers, body, told)


def canned(visit: IncidentVisit, status: int, media_type: str | None, body: bytes) -> Answer:
    kind = () if media_type is None else (("Content-Type", media_type),)
    return Answer(status, (*kind, *_allowance_headers(visit)), body)


def empty(visit: IncidentVisit, status: int) -> Answer:
    return Answer(status, _allowance_headers(visit))


def _allowance_headers(visit: IncidentVisit) -> tuple[tuple[str, str], ...]:
    allowance = visit.allowance
    if allowance is None:
        return ()
    return (
        ("X-RateLimit-Limit", f"{allowance.limit}, {_windows(visit.limits)}"),
        ("X-RateLimit-Remaining", str(allowance.remaining)),
        ("X-RateLimit-Used", str(allowance.limit - allowance.remaining)),
        ("X-RateLimit-Reset", str(allowance.full_at)),
    )


@cache
def _windows(limits: tuple[int, ...]) -> str:
    return ", ".join(f"{limit};window={WINDOW}" for limit in limits)


def error(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "message": message, **more}


def envelope(
    status: int, services: Services, errors: Sequence[dict[str, Any]], **more: Any
) -> dict[str, Any]:
    return {
        "type": TYPES[status],
        "status": status,
        "request_id": request_id(services),
        **more,
        "errors": list(errors),
    }


def refuse(visit: IncidentVisit, refusal: Refusal) -> Answer:
    match refusal:
        case NotAuthenticated():
            return _refused(visit, 401, _credential_error(refusal))
        case NotPermitted():
            message = f"missing a required scope: {refusal.scope}"
            return _refused(
                visit, 403, error("missing_required_scope", message, metadata={"scope": refusal.scope})
            )
        case NotFound():
            message = "The referenced resource could not be found."
            return _refused(visit, 404, error("resource_not_found", message))
        case Conflict():
            return _refused(visit, 409, error("conflict", CONFLICTS[refusal.reason]))
        case UnsupportedMedia():
            message = f"unsupported media type {refusal.media_type}"
            return _refused(visit, 400, error("unsupported_media_type", message))
        case Malformed():
            return _refused(visit, 400, error("decode_payload", f"invalid {refusal.form}: {refusal.detail}"))
        case TooLarge():
            message = f"The request payload is larger than {refusal.limit} bytes."
            return _refused(visit, 413, error("payload_too_large", message))
        case Invalid():
            return _refused(visit, 422, *(_validation_error(breach) for breach in refusal.breaches))
        case Throttled():
            return _throttled(visit, refusal)
    raise refusal


def _refused(visit: IncidentVisit, status: int, *errors: dict[str, Any]) -> Answer:
    return answer(visit, status, envelope(status, visit.world.services, errors))


def _credential_error(refusal: NotAuthenticated) -> dict[str, Any]:
    if refusal.reason == "missing":
        return error("missing_authorization_material", "No authorization material provided in request")
    return error("access_token_invalid", "Access token is not valid")


def _validation_error(breach: Breach) -> dict[str, Any]:
    """The words of the framework that the vendor runs on; one entry a field.

    A body's field comes with both parts of its source, a query's with none: so were the recorded ones.
    """
    if breach.rule == "payload":
        return error("missing_payload", "missing required payload")
    name = breach.pointer[-1] if breach.pointer else "body"
    code, message = wording.of_a_rule(breach) or _words(breach, name)
    if breach.where == "query":
        return error(code, message)
    pointer = "".join(f"/{part}" for part in breach.pointer)
    return error(code, message, source={"field": name, "pointer": pointer})


def _words(breach: Breach, name: str) -> tuple[str, str]:
    path = name if breach.where == "query" or not breach.pointer else ".".join(("body", *breach.pointer))
    value = json.dumps(breach.value, ensure_ascii=False)
    shown = value if len(value) <= LONGEST_QUOTE else value[:LONGEST_QUOTE] + "…"
    if breach.pointer and (breach.rule == "required" or (breach.value is None and breach.where == "body")):
        return (
            "missing_field",
            f'"{name}" is missing from {breach.where if breach.where == "body" else "query string"}',
        )
    match breach.rule, breach.expected:
        case "enum", [*options]:
            choices = ", ".join(f'"{option}"' for option in options if option is not None)
            return "invalid_enum_value", f"value of {path} must be one of {choices} but got value {shown}"
        case ("minimum", limit):
            return "invalid_range", f"{path} must be greater or equal than {limit} but got value {shown}"
        case ("maximum", limit):
            return "invalid_range", f"{path} must be lesser or equal than {limit} but got value {shown}"
        case ("minLength" | "maxLength" as rule, limit):
            comparison = "greater" if rule == "minLength" else "lesser"
            length = len(str(breach.value))
            words = f"length of {path} must be {comparison} or equal than {limit} but got value {shown} (len={length})"
            return "invalid_length", words
        case ("format" | "pattern" as rule, _):
            return f"invalid_{rule}", f"{path} has an invalid {rule}: {shown}"
    return "invalid_field_type", f'invalid value {shown} for "{name}", must be a {breach.expected}'


def _throttled(visit: IncidentVisit, refusal: Throttled) -> Answer:
    """The body is the page's ("Rate Limits"); the header is in whole seconds, as the API now sends it."""
    wait = max(1, ceil(refusal.wait))
    services, allowance = visit.world.services, visit.allowance
    again = datetime.fromtimestamp(services.clock.seconds() + wait, UTC)
    rate_limit = {
        "name": visit.api_key.name,
        "limit": allowance.limit if allowance else 0,
        "remaining": 0,
        "retry_after": again.strftime("%a, %d %b %Y %H:%M:%S UTC"),
    }
    errors = [error("too_many_requests", TOO_MANY)]
    body = envelope(429, services, errors, rate_limit=rate_limit)
    return answer(visit, 429, body, ("Retry-After", str(wait)))


def unrouted(request: Request) -> Answer:
    """An empty 404: no body, no envelope, with or without a key (seen on the live API, September 2026)."""
    return Answer(404)


def crashed(services: Services) -> Answer:
    body = envelope(500, services, [error("api_error", CRASHED)])
    return Answer(500, (JSON,), orjson.dumps(body))
