"""Grafana OnCall's postmortem API."""

from typing import TYPE_CHECKING

from mockserver.core.later import later
from mockserver.core.provider import Provider
from mockserver.providers.grafana_oncall import checks, faults, operations, records, views, wire
from mockserver.providers.grafana_oncall.model import World

if TYPE_CHECKING:
    from mockserver.providers.grafana_oncall.explaining import explainer
else:
    explainer = later("mockserver.providers.grafana_oncall.explaining", "explainer")

PROVIDER = Provider(
    name="grafana-oncall",
    title="Grafana OnCall",
    prefix="/api/",
    barred_in_ids="./",
    optional_slash=True,
    credential="meowmeowmeow",
    example=("/api/v1/postmortems/",),
    functions=operations.FUNCTIONS,
    records={
        "organizations": records.Organization,
        "teams": records.Team,
        "users": records.User,
        "service_accounts": records.ServiceAccount,
        "integrations": records.Integration,
        "routes": records.Route,
        "alert_groups": records.AlertGroup,
        "alerts": records.Alert,
        "postmortems": records.Postmortem,
        "postmortem_messages": records.Note,
    },
    derived={"tokens": records.Token, "silences": records.Silence},
    build=views.build,
    visit=checks.OnCallVisit,
    resource=operations.resource,
    explainer=explainer,
    refuse=wire.refuse,
    canned=wire.canned,
    unrouted=wire.unrouted,
    crashed=wire.crashed,
    fault=faults.fault,
    callers=World.callers,
    kept=views.SCHEMAS,
)
