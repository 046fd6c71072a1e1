"""What is on a deployment of incident.io before anybody writes, for a model that is to know all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contract_tests.deployment import Deployment
from contract_tests.exchange import Exchange

MODES = "&".join(f"mode[one_of]={mode}" for mode in ("standard", "retrospective", "test", "tutorial"))
EVERYTHING = (
    "/v1/severities",
    "/v1/incident_statuses",
    "/v1/incident_types",
    "/v2/incident_roles",
    "/v2/custom_fields",
    "/v2/incident_timestamps",
    "/v2/incidents?page_size=250",
    f"/v2/incidents?page_size=250&{MODES}&status_category[not_in]=nothing",
    "/v1/postmortem_documents?page_size=250",
    "/v3/follow_ups?page_size=250",
    *(f"/v3/follow_ups?page_size=250&incident_mode={mode}" for mode in ("standard", "retrospective", "test")),
    "/v2/incident_updates?page_size=250",
)


def read_incident_io(deployment: Deployment, ask: Callable[[str, Mapping[str, str]], Exchange]) -> None:
    """`ask` gets a target with these headers, and has the answer judged."""
    for key in (deployment.incident_key, deployment.incident_other_organisation_key):
        for target in EVERYTHING if key else ():
            after: str | None = ""
            while after is not None:
                answered = ask(f"{target}{after}", {"Authorization": f"Bearer {key}"}).answered
                said = answered.json() if answered and answered.status == 200 else {}
                last = said.get("pagination_meta", {}).get("after")
                after = f"&after={last}" if last else None
