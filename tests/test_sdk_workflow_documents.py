"""The vendor's own client walks through postmortem documents and follow-ups; refusals are typed errors to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from incident_io import AuthenticatedClient
from incident_io.api.follow_ups_v3 import (
    follow_ups_v3_create,
    follow_ups_v3_delete,
    follow_ups_v3_list,
    follow_ups_v3_show,
    follow_ups_v3_update,
)
from incident_io.api.incidents_v2 import incidents_v2_import_postmortem_document
from incident_io.api.postmortem_documents_v1 import (
    postmortem_documents_v1_attach,
    postmortem_documents_v1_list,
    postmortem_documents_v1_show,
    postmortem_documents_v1_show_content,
    postmortem_documents_v1_update_status,
)
from incident_io.models.error_response import ErrorResponse
from incident_io.models.error_response_type import ErrorResponseType
from incident_io.models.error_source import ErrorSource
from incident_io.models.follow_up_v3_status import FollowUpV3Status
from incident_io.models.follow_ups_create_payload_v3 import FollowUpsCreatePayloadV3
from incident_io.models.follow_ups_update_payload_v3 import FollowUpsUpdatePayloadV3
from incident_io.models.follow_ups_update_payload_v3_status import FollowUpsUpdatePayloadV3Status
from incident_io.models.follow_ups_v3_list_incident_mode import FollowUpsV3ListIncidentMode
from incident_io.models.follow_ups_v3_list_updated_at import FollowUpsV3ListUpdatedAt
from incident_io.models.incidents_import_postmortem_document_payload_v2 import (
    IncidentsImportPostmortemDocumentPayloadV2,
)
from incident_io.models.postmortem_document_v1_status import PostmortemDocumentV1Status
from incident_io.models.postmortem_document_v1_type import PostmortemDocumentV1Type
from incident_io.models.postmortem_documents_attach_payload_v1 import PostmortemDocumentsAttachPayloadV1
from incident_io.models.postmortem_documents_attach_payload_v1_document_provider import (
    PostmortemDocumentsAttachPayloadV1DocumentProvider,
)
from incident_io.models.postmortem_documents_update_status_payload_v1 import (
    PostmortemDocumentsUpdateStatusPayloadV1,
)
from incident_io.models.postmortem_documents_update_status_payload_v1_status import (
    PostmortemDocumentsUpdateStatusPayloadV1Status,
)
from incident_io.models.postmortem_documents_v1_list_sort_by import PostmortemDocumentsV1ListSortBy
from incident_io.types import UNSET

from tests.live import LiveServer

INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
FRESH, LINKED = "01GBA8J19SMXQWPJMX3P2ESCVH", "01GBA8J19SMXQWPJMX3P2ESCW1"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
USER, TEAM = "01FCNDV6P870EA6S7TK1DSYDG0", "01FCNDV6P870EA6S7TK1DSYDT0"
LOW = "01GNW4BAQ7XRMFF6FHKNXDFPR3"

Call = Callable[..., Any]


def _client(base_url: str, token: str) -> AuthenticatedClient:
    return AuthenticatedClient(
        base_url=base_url, token=token, httpx_args={"trust_env": False}, raise_on_unexpected_status=True
    )


@pytest.fixture(params=["sync", "asyncio"])
def call(request: pytest.FixtureRequest, live_server: LiveServer) -> Call:
    """Calls one operation of the SDK: (operation, arguments…) -> the whole answer."""

    def sync(operation: Any, *arguments: Any, token: str = "inc-test-key", **more: Any) -> Any:
        with _client(live_server.base_url, token) as client:
            return operation.sync_detailed(*arguments, client=client, **more)

    def asynchronous(operation: Any, *arguments: Any, token: str = "inc-test-key", **more: Any) -> Any:
        async def run() -> Any:
            async with _client(live_server.base_url, token) as client:
                return await operation.asyncio_detailed(*arguments, client=client, **more)

        return asyncio.run(run())

    return sync if request.param == "sync" else asynchronous


def bring_in(call: Call, title: str, content: str, incident: str = INCIDENT) -> Any:
    payload = IncidentsImportPostmortemDocumentPayloadV2(title=title, content=content)
    answer = call(incidents_v2_import_postmortem_document, incident, body=payload)
    assert answer.status_code == 201
    return answer.parsed.postmortem_document


def link(call: Call, incident: str, permalink: str) -> Any:
    payload = PostmortemDocumentsAttachPayloadV1(
        incident_id=incident,
        permalink=permalink,
        document_provider=PostmortemDocumentsAttachPayloadV1DocumentProvider.NOTION,
    )
    return call(postmortem_documents_v1_attach, body=payload)


def pages(call: Call, operation: Any, **query: Any) -> Iterator[Any]:
    after: Any = UNSET
    while True:
        page = call(operation, after=after, **query).parsed
        yield page
        after = page.pagination_meta.after
        if after is UNSET:
            return


def refusal(answer: Any, status: int, type_: ErrorResponseType, code: str) -> Any:
    assert answer.status_code == status
    assert isinstance(answer.parsed, ErrorResponse)
    assert (answer.parsed.type_, [error.code for error in answer.parsed.errors]) == (type_, [code])
    return answer.parsed.errors[0]


def test_a_document_is_imported_found_read_and_moved_on(call: Call) -> None:
    made = bring_in(call, "Database is sad", "## Summary\n\n- The disk was full\n- Nobody knew\n")
    listed = call(postmortem_documents_v1_list, incident_id=INCIDENT).parsed
    assert listed.postmortem_documents == [made]
    assert (listed.pagination_meta.page_size, listed.pagination_meta.after) == (25, UNSET)
    assert call(postmortem_documents_v1_show, made.id).parsed.postmortem_document == made
    content = call(postmortem_documents_v1_show_content, made.id).parsed.markdown
    assert content == "# Database is sad\n\n## Summary\n\n* The disk was full\n\n* Nobody knew\n"
    again = bring_in(call, "Database is sad", content)
    assert call(postmortem_documents_v1_show_content, again.id).parsed.markdown == content
    for status in ("in_review", "completed", "in_progress"):
        payload = PostmortemDocumentsUpdateStatusPayloadV1(
            status=PostmortemDocumentsUpdateStatusPayloadV1Status(status)
        )
        moved = call(postmortem_documents_v1_update_status, made.id, body=payload).parsed.postmortem_document
        assert moved.status is PostmortemDocumentV1Status(status)
        assert (moved.created_at, moved.title) == (made.created_at, made.title)
        assert datetime.fromisoformat(moved.updated_at) > made.created_at


@pytest.mark.parametrize("sort_by", list(PostmortemDocumentsV1ListSortBy))
def test_pages_lead_through_every_document(call: Call, sort_by: PostmortemDocumentsV1ListSortBy) -> None:
    made = [bring_in(call, f"Number {number}", "text").id for number in range(5)]
    query: dict[str, Any] = {"page_size": 2, "sort_by": sort_by, "incident_id": INCIDENT}
    found = [
        [document.id for document in page.postmortem_documents]
        for page in pages(call, postmortem_documents_v1_list, **query)
    ]
    newest_first = sort_by is PostmortemDocumentsV1ListSortBy.CREATED_AT_NEWEST_FIRST
    assert [len(page) for page in found] == [2, 2, 1]
    assert [shown for page in found for shown in page] == (made[::-1] if newest_first else made)


def test_the_fixtures_hold_documents_of_both_types_with_their_editors(call: Call) -> None:
    listed = call(postmortem_documents_v1_list).parsed.postmortem_documents
    assert {document.type_ for document in listed} == set(PostmortemDocumentV1Type)
    assert {document.status for document in listed} == set(PostmortemDocumentV1Status)
    assert [editor.name for document in listed for editor in document.editors] == ["Lisa Karlin Curtis"]
    assert INCIDENT not in {document.incident_id for document in listed}


def test_a_document_elsewhere_is_attached_and_attached_again(call: Call) -> None:
    first = link(call, FRESH, "https://www.notion.so/one")
    assert first.status_code == 201
    document = first.parsed.postmortem_document
    assert document.type_ is PostmortemDocumentV1Type.EXTERNAL
    assert (document.document_url, document.title) == ("https://www.notion.so/one", "INC-124: Queue is slow")
    second = link(call, FRESH, "https://www.notion.so/two").parsed.postmortem_document
    assert (second.id, second.document_url) == (document.id, "https://www.notion.so/two")
    assert call(postmortem_documents_v1_list, incident_id=FRESH).parsed.postmortem_documents == [second]


def test_refusals_about_documents_are_typed_errors(call: Call) -> None:
    bring_in(call, "Title", "text")
    refused = link(call, INCIDENT, "https://www.notion.so/one")
    refusal(refused, 409, ErrorResponseType.CONFLICT, "conflict")
    for operation in (postmortem_documents_v1_show, postmortem_documents_v1_show_content):
        refusal(call(operation, UNKNOWN), 404, ErrorResponseType.NOT_FOUND, "resource_not_found")
    refused = link(call, UNKNOWN, "https://www.notion.so/one")
    refusal(refused, 404, ErrorResponseType.NOT_FOUND, "resource_not_found")
    refused = call(postmortem_documents_v1_list, page_size=251)
    error = refusal(refused, 422, ErrorResponseType.VALIDATION_ERROR, "invalid_range")
    assert error.source is UNSET
    refused = call(postmortem_documents_v1_list, token="inc-no-scope-key")
    error = refusal(refused, 403, ErrorResponseType.RESOURCE_FORBIDDEN, "missing_required_scope")
    assert error.metadata.to_dict() == {"scope": "incidents.view"}


def follow_up(call: Call, **fields: Any) -> Any:
    payload = FollowUpsCreatePayloadV3(incident_id=INCIDENT, title="Add alerting", **fields)
    return call(follow_ups_v3_create, body=payload)


def change(call: Call, id: str, status: str = "outstanding", **fields: Any) -> Any:
    status_ = FollowUpsUpdatePayloadV3Status(status)
    payload = FollowUpsUpdatePayloadV3(title="Add alerting", status=status_, **fields)
    return call(follow_ups_v3_update, id, body=payload)


def test_a_follow_up_is_made_shown_changed_and_deleted(call: Call) -> None:
    answer = follow_up(call, description="*Soon*", assignee_id=USER, assignee_team_id=TEAM, labels=["bug"])
    assert answer.status_code == 201
    made = answer.parsed.follow_up
    assert made.status is FollowUpV3Status.OUTSTANDING
    assert (made.assignee.name, made.assignee_team.name, made.labels) == (
        "Lisa Karlin Curtis",
        "Platform",
        ["bug"],
    )
    assert (made.creator.api_key.name, made.creator.user) == ("api_key_name", UNSET)
    assert (made.priority, made.completed_at) == (UNSET, UNSET)
    assert call(follow_ups_v3_show, made.id).parsed.follow_up == made
    done = change(call, made.id, "completed", follow_up_priority_option_id=LOW).parsed.follow_up
    assert (done.priority.name, done.priority.rank, done.completed_at) == ("Low", 3, done.updated_at)
    assert done.description == "*Soon*"
    gone = call(follow_ups_v3_delete, made.id)
    assert (gone.status_code, gone.content) == (204, b"")
    assert call(follow_ups_v3_show, made.id).parsed.follow_up.status is FollowUpV3Status.DELETED


def test_pages_lead_through_every_follow_up_and_filters_narrow_them(call: Call) -> None:
    made = [follow_up(call).parsed.follow_up.id for _ in range(5)]
    found = [
        [shown.id for shown in page.follow_ups]
        for page in pages(call, follow_ups_v3_list, page_size=3, incident_id=INCIDENT)
    ]
    assert found == [made[:3], made[3:]]
    since = FollowUpsV3ListUpdatedAt.from_dict({"gte": [datetime(2022, 10, 1, tzinfo=UTC).isoformat()]})
    recent = call(follow_ups_v3_list, updated_at=since, incident_id=LINKED).parsed.follow_ups
    assert [shown.status for shown in recent] == [FollowUpV3Status.NOT_DOING]
    drill = call(follow_ups_v3_list, incident_mode=FollowUpsV3ListIncidentMode.TEST).parsed.follow_ups
    assert [shown.assignee_team.id for shown in drill] == [TEAM]
    issues = [
        shown.external_issue_reference.issue_name
        for shown in call(follow_ups_v3_list, assignee_team_id=TEAM).parsed.follow_ups
    ]
    assert issues == ["INC-1609"]


def test_refusals_about_follow_ups_are_typed_errors(call: Call) -> None:
    made = follow_up(call).parsed.follow_up
    refused = change(call, made.id, "deleted")
    error = refusal(refused, 422, ErrorResponseType.VALIDATION_ERROR, "invalid_value")
    assert error.source == ErrorSource(field="status", pointer="/status")
    refused = follow_up(call, assignee_id=UNKNOWN)
    error = refusal(refused, 422, ErrorResponseType.VALIDATION_ERROR, "invalid_value")
    assert error.source == ErrorSource(field="assignee_id", pointer="/assignee_id")
    for refused in (
        call(follow_ups_v3_show, UNKNOWN),
        call(follow_ups_v3_delete, UNKNOWN),
        change(call, UNKNOWN),
        call(follow_ups_v3_show, made.id, token="inc-other-org-key"),
    ):
        refusal(refused, 404, ErrorResponseType.NOT_FOUND, "resource_not_found")
