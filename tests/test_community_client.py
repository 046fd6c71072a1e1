"""A client that neither the vendor nor we have written, generated from an older document of the vendor's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from incident_io_client import AuthenticatedClient, types
from incident_io_client.api.incidents_v2 import (
    incidents_v2_create,
    incidents_v2_edit,
    incidents_v2_list,
    incidents_v2_show,
)
from incident_io_client.api.severities_v1 import severities_v1_list
from incident_io_client.models import (
    IncidentCreatePayloadV2,
    IncidentCreatePayloadV2Visibility,
    IncidentEditPayloadV2,
    IncidentsV2EditRequestBody,
)

from tests.live import LiveServer

pytestmark = pytest.mark.realclient


@pytest.fixture
def client(live_server: LiveServer) -> Iterator[Any]:
    with AuthenticatedClient(base_url=live_server.base_url, token="inc-test-key") as client:
        yield client


def test_it_pages_through_every_incident_that_is_listed(client: Any) -> None:
    seen: list[str] = []
    after: Any = types.UNSET
    while True:
        page = incidents_v2_list.sync(client=client, page_size=7, after=after)
        seen += [incident.id for incident in page.incidents]
        after = page.pagination_meta.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == page.pagination_meta.total_record_count > 7


def test_it_opens_shows_and_edits_an_incident(client: Any) -> None:
    severity = severities_v1_list.sync(client=client).severities[0]
    wanted = IncidentCreatePayloadV2(
        idempotency_key="community",
        visibility=IncidentCreatePayloadV2Visibility.PUBLIC,
        severity_id=severity.id,
        name="Opened by somebody's client",
    )
    opened = incidents_v2_create.sync(client=client, body=wanted).incident
    change = IncidentsV2EditRequestBody(
        incident=IncidentEditPayloadV2(summary="Edited"), notify_incident_channel=False
    )
    incidents_v2_edit.sync(id=opened.id, client=client, body=change)
    shown = incidents_v2_show.sync(id=opened.reference.removeprefix("INC-"), client=client).incident
    assert (shown.id, shown.summary, shown.severity.id) == (opened.id, "Edited", severity.id)
