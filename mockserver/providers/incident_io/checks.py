"""The checks a request passes before an operation runs, in the order in which the vendor makes them.

The route comes first and the credential second (seen on the live API, September 2026); what follows them is our
reading of the published answers: allowance, scope, media type, body, and the incident last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from mockserver.core import jsontext
from mockserver.core.errors import (
    Breach,
    Invalid,
    Malformed,
    NotAuthenticated,
    Throttled,
    TooLarge,
    UnsupportedMedia,
)
from mockserver.core.exchange import LARGEST_BODY, LONGEST_REMEMBERED
from mockserver.core.provider import Check, QueryParameter, Visit
from mockserver.core.rate import Allowance
from mockserver.providers.incident_io import documents, query
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.records import ApiKey, Incident, PostmortemDocument


@dataclass(slots=True)
class IncidentVisit(Visit):
    """Each field without a default is there once its check has passed."""

    world: World
    api_key: ApiKey = field(init=False)
    allowance: Allowance | None = field(init=False, default=None)
    limits: tuple[int, ...] = field(init=False, default=())
    query: Mapping[str, Any] = field(init=False)
    incident: Incident = field(init=False)
    document: PostmortemDocument = field(init=False)
    payload: dict[str, Any] = field(init=False)


def authenticate(visit: IncidentVisit) -> None:
    scheme, _, token = (visit.request.headers.first("authorization") or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated("missing")
    visit.api_key = visit.world.authenticate(token)


def spend_allowance(visit: IncidentVisit) -> None:
    world, operation = visit.world, visit.operation
    if world.budgets is None:
        return
    now = world.services.clock.seconds()
    spent = world.budgets.spend(visit.api_key.id, operation.id, operation.rate_limit, now)
    visit.allowance, visit.limits = spent.binding, spent.limits
    if visit.allowance.wait > 0:
        raise Throttled(visit.allowance.wait)


def require_scopes(visit: IncidentVisit) -> None:
    visit.world.require_scopes(visit.api_key, visit.operation.scopes)


def query_reader(parameters: Sequence[QueryParameter]) -> Check:
    """Holds queries against the document; what is not given has its default, None without one."""
    remembered = lru_cache(maxsize=128)(partial(query.read_text, parameters))

    def read_query(visit: IncidentVisit) -> None:
        text = visit.request.query
        read = remembered if len(text) <= LONGEST_REMEMBERED else partial(query.read_text, parameters)
        visit.query = read(text)

    return read_query


def read_payload(visit: IncidentVisit) -> None:
    """Reads JSON as the vendor's language does: text that is no UTF-8 and lone surrogates become U+FFFD.

    An operation that can do without a body finds no payload where there is none.
    """
    request, judge = visit.request, visit.operation.judge
    declared = request.headers.first("content-type") or ""
    media_type = declared.partition(";")[0].strip().lower()
    if media_type and media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMedia(declared)
    if request.oversized:
        raise TooLarge(LARGEST_BODY)
    if not request.body.strip():
        if not visit.operation.body_required:
            return
        raise Invalid([Breach((), "payload")])
    try:
        payload = jsontext.parse(request.body)
    except ValueError as error:
        raise Malformed("JSON", str(error)) from None
    if b"\\u" in request.body:
        payload = jsontext.without_surrogates(payload)
    if judge is not None and not judge.holds(payload):
        raise Invalid(judge.breaches(payload))
    visit.payload = payload


def find_incident(visit: IncidentVisit) -> None:
    visit.incident = visit.world.find_incident(visit.api_key, visit.path["id"])


def find_document(visit: IncidentVisit) -> None:
    visit.document = documents.find_document(visit.world, visit.api_key, visit.path["id"])


ENTRANCE: tuple[Check, ...] = (authenticate, spend_allowance, require_scopes)
