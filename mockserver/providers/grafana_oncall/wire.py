"""Grafana OnCall's JSON, headers and error bodies, to the word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import ceil
from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson

from mockserver.core.errors import (
    Breach,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotAcceptable,
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
from mockserver.providers.grafana_oncall.actions import BadDelay, Obstacle
from mockserver.providers.grafana_oncall.body_checks import BadMode
from mockserver.providers.grafana_oncall.checks import OnCallVisit, ServiceAccountRefused
from mockserver.providers.grafana_oncall.filters import BadFilter
from mockserver.providers.grafana_oncall.model import OrganizationGone
from mockserver.providers.grafana_oncall.notes import ForeignSource
from mockserver.providers.grafana_oncall.quirks import Defect
from mockserver.providers.grafana_oncall.tables import Page

FIELDS = ("alert_group_id", "text")
SECURITY_HEADERS = (
    ("X-Frame-Options", "DENY"),
    ("Vary", "Origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
JSON = ("Content-Type", "application/json")
HTML = ("Content-Type", "text/html; charset=utf-8")
INACTIVE = "Only active users are allowed to perform this action."
FORBIDDEN = "You do not have permission to perform this action."
MOST_SAID = 100
SERVER_ERROR = ("Server Error (500)", "")
STRICT = ("Strict-Transport-Security", "max-age=360000")
PARSES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


def many(visit: OnCallVisit, page: Page[Any], view: View[Any]) -> Answer:
    """A page of a list, as the page describes it."""
    return _list(visit, page, view, {})


def live_many(visit: OnCallVisit, page: Page[Any], view: View[Any]) -> Answer:
    """As the engine answers today. It says 100 of a page that holds more."""
    more = {
        "page_size": min(page.size, MOST_SAID),
        "current_page_number": page.number,
        "total_pages": page.total,
    }
    return _list(visit, page, view, more)


def _list(visit: OnCallVisit, page: Page[Any], view: View[Any], more: dict[str, int]) -> Answer:
    before = {
        "count": page.count,
        "next": _page_link(visit, page.number + 1) if page.number < page.total else None,
        "previous": _page_link(visit, page.number - 1) if page.number > 1 else None,
    }
    body = b'%b,"results":[%b]%b' % (
        orjson.dumps(before)[:-1],
        view.many(page.records),
        b"," + orjson.dumps(more)[1:] if more else b"}",
    )
    told = {**before, "results": [view.mark] if page.records else [], **more}
    return Answer(200, (JSON, *_headers(visit)), body, told)


def one(visit: OnCallVisit, status: int, view: View[Any], record: Any) -> Answer:
    """A single record."""
    return Answer(status, (JSON, *_headers(visit)), view.of(record), view.mark)


def _page_link(visit: OnCallVisit, number: int) -> str:
    """The configured base URL, the path as sent, the query re-encoded and sorted; page 1 is left unsaid."""
    query = parse_qs(visit.request.query, keep_blank_values=True, errors="replace")
    query.pop("page", None)
    if number > 1:
        query["page"] = [str(number)]
    tail = urlencode(sorted(query.items()), doseq=True)
    address = f"{visit.world.services.base_url}{visit.request.mount}{visit.request.path}"
    return f"{address}?{tail}" if tail else address


def view_description(name: str) -> dict[str, Any]:
    return {"name": name, "description": "", "renders": ["application/json"], "parses": list(PARSES)}


def answer(visit: OnCallVisit, status: int, body: Any, *extra: tuple[str, str]) -> Answer:
    return Answer(status, (JSON, *extra, *_headers(visit)), exact(orjson.dumps(body)))


def canned(visit: OnCallVisit, status: int, media_type: str | None, body: bytes) -> Answer:
    kind = () if media_type is None else (("Content-Type", media_type),)
    return Answer(status, (*kind, *_headers(visit)), body)


def nothing(visit: OnCallVisit, status: int) -> Answer:
    """An answer without a body."""
    return Answer(status, _headers(visit))


def _headers(visit: OnCallVisit) -> tuple[tuple[str, str], ...]:
    """Behind a gateway that speaks HTTPS, browsers are told to stay with it."""
    secure = visit.request.headers.joined("x-forwarded-proto") == "https"
    return _constant_headers(visit.operation.allow, secure)


@cache
def _constant_headers(allow: str, secure: bool) -> tuple[tuple[str, str], ...]:
    return (*((("Allow", allow),) if allow else ()), *SECURITY_HEADERS, *((STRICT,) if secure else ()))


def refuse(visit: OnCallVisit, refusal: Refusal) -> Answer:
    match refusal:
        case OrganizationGone():
            return Answer(404, (JSON, *SECURITY_HEADERS), b'{"detail": "Not found."}')
        case NotAuthenticated():
            return _detail(visit, 403, INACTIVE if refusal.reason == "inactive" else "Invalid token.")
        case ServiceAccountRefused():
            return _detail(visit, 403, f"Service accounts are not allowed to {refusal.scope} alert groups")
        case NotPermitted():
            return _detail(visit, 403, FORBIDDEN)
        case Throttled():
            wait = str(ceil(refusal.wait))
            seconds = "second" if wait == "1" else "seconds"
            text = f"Request was throttled. Expected available in {wait} {seconds}."
            return answer(visit, 429, {"detail": text}, ("Retry-After", wait), ("RateLimit-Reset", wait))
        case NotFound():
            return _detail(visit, 404, "Not found.")
        case MethodNotAllowed():
            return _detail(visit, 405, f'Method "{refusal.method}" not allowed.')
        case NotAcceptable():
            return _detail(visit, 406, "Could not satisfy the request Accept header.")
        case UnsupportedMedia():
            return _detail(visit, 415, f'Unsupported media type "{refusal.media_type}" in request.')
        case TooLarge():
            return _detail(visit, 413, f"Request body is larger than {refusal.limit} bytes.")
        case Malformed():
            return _detail(visit, 400, f"{refusal.form} parse error - {refusal.detail}")
        case Invalid():
            return answer(visit, 400, _field_errors(refusal.breaches))
    return _refuse_by_resource(visit, refusal)


def _refuse_by_resource(visit: OnCallVisit, refusal: Refusal) -> Answer:
    """What only notes or alert groups are refused for."""
    match refusal:
        case ForeignSource():
            return _detail(visit, 400, "Cannot update message with this source type")
        case Obstacle():
            article = "an" if refusal.obstacle[0] in "aeiou" else "a"
            return _detail(visit, 400, f"Can't {refusal.verb} {article} {refusal.obstacle} alert group")
        case BadDelay():
            return _detail(visit, 400, "delay is required" if refusal.missing else "invalid delay value")
        case BadMode():
            return answer(visit, 400, refusal.words)
        case BadFilter():
            return answer(visit, 400, refusal.answer)
        case Defect():
            return html_page(500, *SERVER_ERROR)
    raise refusal


def _detail(visit: OnCallVisit, status: int, text: str) -> Answer:
    return answer(visit, status, {"detail": text})


def _field_errors(breaches: Sequence[Breach]) -> dict[str, list[str]]:
    """One entry a field, in the order of the fields; a body that is no object has no fields to name."""
    for breach in breaches:
        if not breach.pointer:
            return {"non_field_errors": [_no_object(breach.value)]}
    errors: dict[str, list[str]] = {}
    for field in FIELDS:
        words = [_field_error(field, breach) for breach in breaches if breach.pointer[0] == field]
        if words:
            errors[field] = words
    return errors


def _no_object(value: object) -> str:
    if value is None:
        return "No data provided"
    return f"Invalid data. Expected a dictionary, but got {type(value).__name__}."


def _field_error(field: str, breach: Breach) -> str:
    if breach.rule == "required":
        return "This field is required."
    if breach.value is None or (field == "alert_group_id" and breach.value == ""):
        return "This field may not be null."
    if field == "alert_group_id":
        return "Object does not exist"
    if breach.rule == "surrogates":
        return f"Surrogate characters are not allowed: U+{ord(str(breach.expected)):X}."
    if not isinstance(breach.value, str):
        return "Not a valid string."
    if "\x00" in breach.value:
        return "Null characters are not allowed."
    return "This field may not be blank."


def html_page(status: int, title: str, text: str) -> Answer:
    page = (
        f'\n<!doctype html>\n<html lang="en">\n<head>\n  <title>{title}</title>\n</head>\n<body>\n'
        f"  <h1>{title}</h1><p>{text}</p>\n</body>\n</html>\n"
    )
    return Answer(status, (HTML, *SECURITY_HEADERS), page.encode())


def unrouted(request: Request) -> Answer:
    return html_page(404, "Not Found", "The requested resource was not found on this server.")


def crashed(services: Services) -> Answer:
    return html_page(500, *SERVER_ERROR)
