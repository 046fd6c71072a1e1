"""The vendor's own client, incident-io on PyPI: it imports a document and reads every refusal as a typed error."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from incident_io import AuthenticatedClient, Client
from incident_io.api.incidents_v2.incidents_v2_import_postmortem_document import (
    asyncio_detailed,
    sync_detailed,
)
from incident_io.models.error_rate_limit import ErrorRateLimit
from incident_io.models.error_response import ErrorResponse
from incident_io.models.error_response_type import ErrorResponseType
from incident_io.models.error_single import ErrorSingle
from incident_io.models.error_single_metadata import ErrorSingleMetadata
from incident_io.models.error_source import ErrorSource
from incident_io.models.incidents_import_postmortem_document_payload_v2 import (
    IncidentsImportPostmortemDocumentPayloadV2 as Payload,
)
from incident_io.models.incidents_import_postmortem_document_result_v2 import (
    IncidentsImportPostmortemDocumentResultV2 as Result,
)
from incident_io.models.postmortem_document_v1_status import PostmortemDocumentV1Status
from incident_io.models.postmortem_document_v1_type import PostmortemDocumentV1Type
from incident_io.types import UNSET, Response

from tests.conftest import MakeLiveServer
from tests.invariants import stored, world
from tests.live import LiveServer

INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
PAYLOAD = Payload(
    title="INC-123: Post-incident review", content="## Summary\n\nA migration, and *latency*.\n"
)
OFFLINE = {"trust_env": False}  # no proxy between the test and its server

Answer = Response[ErrorResponse | Result]
Import = Callable[..., Answer]


class WithoutTitle(Payload):
    """What an older or a careless client sends."""

    def to_dict(self) -> dict[str, Any]:
        return {name: value for name, value in super().to_dict().items() if name != "title"}


def sync(
    base_url: str, token: str | None = "inc-test-key", id: str = INCIDENT, body: Payload = PAYLOAD
) -> Answer:
    with _client(base_url, token) as client:
        return sync_detailed(id, client=client, body=body)


def asynchronous(
    base_url: str, token: str | None = "inc-test-key", id: str = INCIDENT, body: Payload = PAYLOAD
) -> Answer:
    async def run() -> Answer:
        async with _client(base_url, token) as client:
            return await asyncio_detailed(id, client=client, body=body)

    return asyncio.run(run())


def _client(base_url: str, token: str | None) -> AuthenticatedClient | Client:
    if token is None:
        return Client(base_url=base_url, httpx_args=OFFLINE, raise_on_unexpected_status=True)
    return AuthenticatedClient(
        base_url=base_url, token=token, httpx_args=OFFLINE, raise_on_unexpected_status=True
    )


both_ways = pytest.mark.parametrize("import_document", [sync, asynchronous])


@both_ways
def test_the_sdk_imports_a_document(live_server: LiveServer, import_document: Import) -> None:
    answer = import_document(live_server.base_url)
    assert answer.status_code == 201
    assert isinstance(answer.parsed, Result)
    document = answer.parsed.postmortem_document
    assert (document.title, document.incident_id) == (PAYLOAD.title, INCIDENT)
    assert document.status is PostmortemDocumentV1Status.IN_PROGRESS
    assert document.type_ is PostmortemDocumentV1Type.IN_APP
    assert (document.editors, document.exported_urls) == ([], [])
    assert document.document_url.endswith(f"/my-org/incidents/123/post-mortems/{document.id}")
    assert document.created_at.utcoffset() is not None
    assert document.additional_properties == {}
    assert answer.headers["Location"] == f"{live_server.base_url}/v1/postmortem_documents/{document.id}"
    incident_io = world(live_server.mock, "incident-io")
    assert incident_io.documents.get(document.id).markdown == PAYLOAD.content
    assert incident_io.incidents.get(INCIDENT).main_document == document.id


@both_ways
def test_a_second_document_of_an_incident_is_another_one(
    live_server: LiveServer, import_document: Import
) -> None:
    documents = [import_document(live_server.base_url).parsed for _ in range(2)]
    first, second = (result.postmortem_document for result in documents if isinstance(result, Result))
    assert first.id != second.id
    assert world(live_server.mock, "incident-io").incidents.get(INCIDENT).main_document == first.id


@both_ways
@pytest.mark.parametrize(
    "status, asked, type_, error",
    [
        pytest.param(
            401,
            {"token": None},
            ErrorResponseType.AUTHENTICATION_ERROR,
            ErrorSingle(
                code="missing_authorization_material",
                message="No authorization material provided in request",
            ),
            id="401 without a key",
        ),
        pytest.param(
            401,
            {"token": "invented"},
            ErrorResponseType.AUTHENTICATION_ERROR,
            ErrorSingle(code="access_token_invalid", message="Access token is not valid"),
            id="401 with an invented key",
        ),
        pytest.param(
            403,
            {"token": "inc-no-scope-key"},
            ErrorResponseType.RESOURCE_FORBIDDEN,
            ErrorSingle(
                code="missing_required_scope",
                message="missing a required scope: in_app_postmortems.import",
                metadata=ErrorSingleMetadata.from_dict({"scope": "in_app_postmortems.import"}),
            ),
            id="403 without the scope",
        ),
        pytest.param(
            404,
            {"id": "01GBA8J19SMXQWPJMX3P2ESC99"},
            ErrorResponseType.NOT_FOUND,
            ErrorSingle(code="resource_not_found", message="The referenced resource could not be found."),
            id="404 of an unknown incident",
        ),
        pytest.param(
            404,
            {"token": "inc-other-org-key"},
            ErrorResponseType.NOT_FOUND,
            ErrorSingle(code="resource_not_found", message="The referenced resource could not be found."),
            id="404 of another organisation's incident",
        ),
        pytest.param(
            422,
            {"body": WithoutTitle(title="", content="x")},
            ErrorResponseType.VALIDATION_ERROR,
            ErrorSingle(
                code="missing_field",
                message='"title" is missing from body',
                source=ErrorSource(field="title", pointer="/title"),
            ),
            id="422 without a title",
        ),
    ],
)
def test_the_sdk_reads_a_refusal_as_a_typed_error(
    live_server: LiveServer,
    import_document: Import,
    status: int,
    asked: dict[str, Any],
    type_: ErrorResponseType,
    error: ErrorSingle,
) -> None:
    before = stored(live_server.mock)
    answer = import_document(live_server.base_url, **asked)
    assert answer.status_code == status
    refusal = answer.parsed
    assert isinstance(refusal, ErrorResponse)
    assert (refusal.type_, refusal.status, refusal.errors) == (type_, status, [error])
    assert re.fullmatch("[A-Za-z0-9_-]{8}", refusal.request_id)
    assert refusal.rate_limit is UNSET
    assert refusal.additional_properties == {}
    assert stored(live_server.mock) == before


@both_ways
def test_the_sdk_reads_the_budget_that_a_429_reports(
    make_live_server: MakeLiveServer, import_document: Import
) -> None:
    live = make_live_server(rate_factor=2 / 1200)
    documents = world(live.mock, "incident-io").documents
    before = len(documents)
    passed = [import_document(live.base_url) for _ in range(2)]
    assert [answer.status_code for answer in passed] == [201, 201]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in passed] == ["1", "0"]
    assert [answer.headers["X-RateLimit-Limit"] for answer in passed] == ["2, 2;window=60"] * 2
    answer = import_document(live.base_url)
    assert answer.status_code == 429
    refusal = answer.parsed
    assert isinstance(refusal, ErrorResponse)
    assert (refusal.type_, refusal.status) == (ErrorResponseType.TOO_MANY_REQUESTS, 429)
    assert [error.code for error in refusal.errors] == ["too_many_requests"]
    budget = refusal.rate_limit
    assert isinstance(budget, ErrorRateLimit)
    assert (budget.name, budget.limit, budget.remaining) == ("api_key_name", 2, 0)
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d UTC", budget.retry_after)
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    assert len(documents) == before + 2
