"""Which rules of incident.io have a hand in which answers."""

from __future__ import annotations

from mockserver.core.clues import (
    answer_header,
    answered,
    anything,
    below,
    both,
    has_body,
    has_odd_body,
    no,
    operation,
    status,
)
from mockserver.core.explaining import Case, Explainer, when
from mockserver.providers.incident_io.explaining.catalog import DONE as OF_CATALOG
from mockserver.providers.incident_io.explaining.documents import DONE as OF_DOCUMENTS
from mockserver.providers.incident_io.explaining.follow_ups import DONE as OF_FOLLOW_UPS
from mockserver.providers.incident_io.explaining.incidents import DONE as OF_INCIDENTS
from mockserver.providers.incident_io.explaining.incidents import EVERY_INCIDENT, LIST
from mockserver.providers.incident_io.explaining.refusals import REFUSED, has_source

EVERY = (
    when(status(429), "rate.answer", "rate.retry-after-header"),
    when(answered("errors"), "error.envelope"),
    when(has_source, "error.source"),
    when(answered("request_id"), "error.request-id"),
    when(both(answer_header("x-ratelimit-limit"), operation(LIST)), "rate.list", "rate.least-left"),
    when(both(answer_header("x-ratelimit-limit"), no(operation(LIST))), "rate.headers"),
    when(anything(both(answered("errors"), has_body), has_odd_body), "error.never-500"),
    when(both(below("/v2/incidents"), status(200)), *EVERY_INCIDENT),
)

EXPLAINER = Explainer(
    refused=REFUSED,
    done={**OF_DOCUMENTS, **OF_INCIDENTS, **OF_FOLLOW_UPS, **OF_CATALOG},
    unrouted=(Case("not found: no operation has this path and method", ("path.unrouted",)),),
    crashed=(Case("the mock failed: a defect of its own", ("error.never-500",)),),
    every=EVERY,
)


def explainer() -> Explainer:
    return EXPLAINER
