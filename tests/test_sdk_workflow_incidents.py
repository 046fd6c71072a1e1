"""The vendor's own client walks the workflow around incidents: it lists, opens, edits and tells, and reads refusals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from incident_io import AuthenticatedClient
from incident_io.api.custom_fields_v2 import custom_fields_v2_list
from incident_io.api.incident_roles_v2 import incident_roles_v2_list
from incident_io.api.incident_statuses_v1 import incident_statuses_v1_list, incident_statuses_v1_show
from incident_io.api.incident_timestamps_v2 import incident_timestamps_v2_list
from incident_io.api.incident_types_v1 import incident_types_v1_list
from incident_io.api.incident_updates_v2 import incident_updates_v2_create, incident_updates_v2_list
from incident_io.api.incidents_v2 import (
    incidents_v2_create,
    incidents_v2_edit,
    incidents_v2_import_postmortem_document,
    incidents_v2_list,
    incidents_v2_show,
)
from incident_io.api.severities_v1 import severities_v1_list, severities_v1_show
from incident_io.api.users_v2 import users_v2_list, users_v2_show
from incident_io.api.utilities_v1 import utilities_v1_identity
from incident_io.models.error_response import ErrorResponse
from incident_io.models.error_response_type import ErrorResponseType
from incident_io.models.error_source import ErrorSource
from incident_io.models.incident_edit_payload_v2 import IncidentEditPayloadV2
from incident_io.models.incident_updates_create_payload_v2 import IncidentUpdatesCreatePayloadV2
from incident_io.models.incidents_create_payload_v2 import IncidentsCreatePayloadV2
from incident_io.models.incidents_create_payload_v2_visibility import IncidentsCreatePayloadV2Visibility
from incident_io.models.incidents_edit_payload_v2 import IncidentsEditPayloadV2
from incident_io.models.incidents_import_postmortem_document_payload_v2 import (
    IncidentsImportPostmortemDocumentPayloadV2,
)
from incident_io.models.incidents_v2_list_created_at import IncidentsV2ListCreatedAt
from incident_io.models.incidents_v2_list_custom_field import IncidentsV2ListCustomField
from incident_io.models.incidents_v2_list_severity import IncidentsV2ListSeverity
from incident_io.models.incidents_v2_list_status_category import IncidentsV2ListStatusCategory
from incident_io.types import UNSET, Response

from tests.live import LiveServer

PAGE_INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
OFFLINE = {"trust_env": False}  # no proxy between the test and its server
PUBLIC = IncidentsCreatePayloadV2Visibility.PUBLIC

Call = Callable[..., Response[Any]]


def client_of(live_server: LiveServer, token: str) -> AuthenticatedClient:
    """Plain HTTP has no certificates to check, and loading them takes longer than asking."""
    return AuthenticatedClient(
        base_url=live_server.base_url, token=token, httpx_args=OFFLINE, verify_ssl=False
    )


def sync(client: AuthenticatedClient, endpoint: ModuleType, *path: str, **asked: Any) -> Response[Any]:
    with client:
        answer: Response[Any] = endpoint.sync_detailed(*path, client=client, **asked)
        return answer


def asynchronous(
    client: AuthenticatedClient, endpoint: ModuleType, *path: str, **asked: Any
) -> Response[Any]:
    async def run() -> Response[Any]:
        async with client:
            answer: Response[Any] = await endpoint.asyncio_detailed(*path, client=client, **asked)
            return answer

    return asyncio.run(run())


@pytest.fixture(params=[sync, asynchronous])
def ask(request: pytest.FixtureRequest, live_server: LiveServer) -> Call:
    """Asks the mock one way or the other; `token` is whose key it is."""

    def call(endpoint: ModuleType, *path: str, token: str = "inc-test-key", **asked: Any) -> Response[Any]:
        answer: Response[Any] = request.param(client_of(live_server, token), endpoint, *path, **asked)
        return answer

    return call


def body(answer: Response[Any], status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    assert not isinstance(answer.parsed, ErrorResponse)
    return answer.parsed


def everything(ask: Call, endpoint: ModuleType, name: str, size: int, **asked: Any) -> list[Any]:
    """The records of all pages."""
    found: list[Any] = []
    after = UNSET
    while True:
        page = body(ask(endpoint, page_size=size, after=after, **asked))
        found += getattr(page, name)
        after = page.pagination_meta.after
        if after is UNSET:
            return found


def severity(ask: Call, name: str) -> str:
    found: str = next(one.id for one in body(ask(severities_v1_list)).severities if one.name == name)
    return found


def status(ask: Call, name: str) -> str:
    listed = body(ask(incident_statuses_v1_list)).incident_statuses
    found: str = next(one.id for one in listed if one.name == name)
    return found


def opened(ask: Call, key: str = "key", **more: Any) -> Any:
    payload = IncidentsCreatePayloadV2(
        idempotency_key=key, visibility=PUBLIC, severity_id=severity(ask, "Minor"), **more
    )
    return body(ask(incidents_v2_create, body=payload)).incident


def edit(ask: Call, incident: str, token: str = "inc-test-key", **changes: Any) -> Response[Any]:
    payload = IncidentsEditPayloadV2(incident=IncidentEditPayloadV2(**changes), notify_incident_channel=False)
    return ask(incidents_v2_edit, incident, token=token, body=payload)


def test_the_sdk_pages_through_all_incidents_and_users(ask: Call) -> None:
    incidents = everything(ask, incidents_v2_list, "incidents", 9)
    assert len({incident.id for incident in incidents}) == len(incidents) > 25
    assert body(ask(incidents_v2_list)).pagination_meta.total_record_count == len(incidents)
    users = everything(ask, users_v2_list, "users", 2)
    assert [user.id for user in users] == sorted({user.id for user in users})
    assert body(ask(users_v2_show, users[0].id)).user == users[0]


def test_the_sdk_asks_with_filters(ask: Call) -> None:
    merged = IncidentsV2ListStatusCategory.from_dict({"one_of": ["merged", "declined"]})
    found = body(ask(incidents_v2_list, status_category=merged)).incidents
    assert {incident.incident_status.category.value for incident in found} == {"merged", "declined"}
    worst = IncidentsV2ListSeverity.from_dict({"gte": [severity(ask, "Critical")]})
    since = IncidentsV2ListCreatedAt.from_dict({"date_range": ["2022-01-01~2022-06-30"]})
    found = body(ask(incidents_v2_list, severity=worst, created_at=since)).incidents
    assert found
    for incident in found:
        assert incident.severity.name == "Critical"
        assert "2022-01-01" <= incident.created_at.isoformat()[:10] <= "2022-06-30"
    field = next(one.id for one in body(ask(custom_fields_v2_list)).custom_fields if one.name == "Trigger")
    deploys = IncidentsV2ListCustomField.from_dict({field: {"one_of": ["A deploy"]}})
    assert 0 < len(body(ask(incidents_v2_list, custom_field=deploys)).incidents) < 25


def test_the_sdk_reads_what_is_configured_and_who_it_is(ask: Call) -> None:
    names = [one.name for one in body(ask(severities_v1_list)).severities]
    assert names == ["Minor", "Major", "Critical"]
    assert body(ask(severities_v1_show, severity(ask, "Major"))).severity.rank == 1
    shown = body(ask(incident_statuses_v1_show, status(ask, "Fixing"))).incident_status
    assert shown.category.value == "live"
    assert any(one.is_default for one in body(ask(incident_types_v1_list)).incident_types)
    roles = body(ask(incident_roles_v2_list)).incident_roles
    assert [one.name for one in roles] == ["Incident Lead", "Reporter"]
    assert len(body(ask(incident_timestamps_v2_list)).incident_timestamps) == 12
    assert body(ask(utilities_v1_identity)).identity.name == "api_key_name"


def test_the_sdk_opens_an_incident_once_and_shows_it_by_id_and_number(ask: Call) -> None:
    incident = opened(ask, name="Queues are full", summary="All of them.")
    assert opened(ask, name="again") == incident
    assert (incident.name, incident.reference) == ("Queues are full", "INC-133")
    assert incident.creator.api_key.name == "api_key_name"
    assert incident.creator.user is UNSET
    assert incident.incident_status.name == "Investigating"
    assert body(ask(incidents_v2_show, incident.id)).incident == incident
    assert body(ask(incidents_v2_show, "133")).incident == incident


def test_the_sdk_edits_an_incident_up_to_its_end(ask: Call) -> None:
    incident = opened(ask)
    edited = body(edit(ask, incident.id, name="renamed", severity_id=severity(ask, "Critical"))).incident
    assert (edited.name, edited.severity.name) == ("renamed", "Critical")
    for name in ("Monitoring", "Reviewing", "Closed"):
        edited = body(edit(ask, incident.id, incident_status_id=status(ask, name))).incident
        assert edited.incident_status.name == name
    stamped = {
        value.incident_timestamp.name
        for value in edited.incident_timestamp_values
        if value.value is not UNSET
    }
    assert stamped == {"Reported at", "Accepted at", "Resolved at", "Closed at"}


def test_the_sdk_shares_an_update_and_reads_all_of_them(ask: Call) -> None:
    incident = opened(ask)
    payload = IncidentUpdatesCreatePayloadV2(
        idempotency_key="update",
        incident_id=incident.id,
        message="Found it",
        to_incident_status_id=status(ask, "Fixing"),
    )
    update = body(ask(incident_updates_v2_create, body=payload), 201).incident_update
    assert body(ask(incident_updates_v2_create, body=payload), 201).incident_update == update
    listed = everything(ask, incident_updates_v2_list, "incident_updates", 1, incident_id=incident.id)
    assert [one.message for one in listed] == [UNSET, "Found it"]
    assert listed[-1].new_incident_status.name == "Fixing"
    assert body(ask(incidents_v2_show, incident.id)).incident.incident_status.name == "Fixing"


def test_the_sdk_finds_an_imported_document_at_its_incident(ask: Call) -> None:
    incident = opened(ask)
    assert incident.postmortem_document_url is UNSET
    payload = IncidentsImportPostmortemDocumentPayloadV2(title="T", content="text")
    imported = body(
        ask(incidents_v2_import_postmortem_document, incident.id, body=payload), 201
    ).postmortem_document
    after = body(ask(incidents_v2_show, incident.id)).incident
    assert after.postmortem_document_ids == [imported.id]
    assert after.postmortem_document_url == imported.document_url


def test_the_sdk_reads_refusals_as_typed_errors(ask: Call) -> None:
    bare = IncidentsCreatePayloadV2(idempotency_key="bare", visibility=PUBLIC)
    bounds = IncidentsV2ListCreatedAt.from_dict({"gte": ["2022-01-01"], "lte": ["2022-02-01"]})
    refusals = [
        (ask(incidents_v2_create, body=bare), 422, ErrorResponseType.VALIDATION_ERROR, "is_required"),
        (ask(incidents_v2_list, created_at=bounds), 422, ErrorResponseType.VALIDATION_ERROR, "invalid_value"),
        (
            edit(ask, PAGE_INCIDENT, incident_status_id=status(ask, "Triage")),
            422,
            ErrorResponseType.VALIDATION_ERROR,
            "invalid_value",
        ),
        (ask(incidents_v2_show, "99999"), 404, ErrorResponseType.NOT_FOUND, "resource_not_found"),
        (
            edit(ask, PAGE_INCIDENT, token="inc-view-key", name="x"),
            403,
            ErrorResponseType.RESOURCE_FORBIDDEN,
            "missing_required_scope",
        ),
    ]
    for answer, code, kind, word in refusals:
        assert answer.status_code == code
        refusal = answer.parsed
        assert isinstance(refusal, ErrorResponse)
        assert (refusal.type_, [error.code for error in refusal.errors]) == (kind, [word])
    refusal = refusals[0][0].parsed
    assert isinstance(refusal, ErrorResponse)
    required = refusal.errors[0]
    assert required.source == ErrorSource(field="severity_id", pointer="/severity_id")
    assert required.message == "A severity is required to open an incident"
