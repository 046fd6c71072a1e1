"""incident.io's postmortem API."""

from typing import TYPE_CHECKING

from mockserver.core.later import later
from mockserver.core.provider import Provider
from mockserver.core.webhook import WebhookTarget
from mockserver.providers.incident_io import checks, faults, operations, records, views, webhooks, wire
from mockserver.providers.incident_io.catalog import tables as catalog
from mockserver.providers.incident_io.follow_ups import tables as follow_ups
from mockserver.providers.incident_io.model import World
from mockserver.providers.incident_io.people import tables as people

if TYPE_CHECKING:
    from mockserver.providers.incident_io.explaining import explainer
else:
    explainer = later("mockserver.providers.incident_io.explaining", "explainer")

PROVIDER = Provider(
    name="incident-io",
    title="incident.io",
    prefix="/",
    barred_in_ids="",
    optional_slash=False,
    credential="Bearer inc-test-key",
    example=(
        "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document",
        "-H 'Content-Type: application/json'",
        """-d '{"title": "INC-123: Post-incident review", "content": "## Summary"}'""",
    ),
    functions=operations.FUNCTIONS,
    records={
        "organisations": records.Organisation,
        "api_keys": records.ApiKey,
        **catalog.RECORDS,
        **people.RECORDS,
        "incidents": records.Incident,
        "incident_updates": records.IncidentUpdate,
        "postmortem_documents": records.PostmortemDocument,
        "webhooks": WebhookTarget,
        **follow_ups.RECORDS,
    },
    build=views.build,
    visit=checks.IncidentVisit,
    resource=operations.resource,
    explainer=explainer,
    refuse=wire.refuse,
    canned=wire.canned,
    unrouted=wire.unrouted,
    crashed=wire.crashed,
    fault=faults.fault,
    webhook=webhooks.messages,
    callers=World.callers,
    kept=views.SCHEMAS,
)
