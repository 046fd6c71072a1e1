"""incident.io's postmortem API."""

from mockserver.core.provider import Provider
from mockserver.core.webhook import WebhookTarget
from mockserver.providers.incident_io import checks, operations, records, wire
from mockserver.providers.incident_io.model import World

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
        "users": records.User,
        "incidents": records.Incident,
        "postmortem_documents": records.PostmortemDocument,
        "webhooks": WebhookTarget,
    },
    build=World,
    visit=checks.visit,
    resource=operations.resource,
    refuse=wire.refuse,
    unrouted=wire.unrouted,
    crashed=wire.crashed,
)
