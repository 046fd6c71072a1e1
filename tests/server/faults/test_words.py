"""The vendors' words for failures that no request has earned."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.faults.asking import IMPORT, created, imported, listed, rule


@pytest.mark.parametrize(
    "status, detail",
    [
        (400, "Malformed request."),
        (403, "You do not have permission to perform this action."),
        (404, "Not found."),
        (405, 'Method "GET" not allowed.'),
        (406, "Could not satisfy the request Accept header."),
        (413, "Request body is larger than 16777216 bytes."),
        (415, 'Unsupported media type "" in request.'),
    ],
)
def test_client_errors_of_grafana_oncall_have_its_detail_and_headers(
    client: httpx.Client, status: int, detail: str
) -> None:
    honest = {name for name, _ in listed(client).headers.items()}
    rule(client, {"status": status})
    answer = listed(client)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})
    assert set(answer.headers) == honest


def test_grafana_oncall_throttles_in_its_own_words(client: httpx.Client) -> None:
    rule(client, {"status": 429, "retry_after": 2})
    answer = listed(client)
    assert answer.json() == {"detail": "Request was throttled. Expected available in 2 seconds."}
    assert (answer.headers["retry-after"], answer.headers["ratelimit-reset"]) == ("2", "2")


def test_a_server_error_of_grafana_oncall_is_its_page(client: httpx.Client) -> None:
    rule(client, {"status": 502, "retry_after": 3}, nth=1)
    rule(client, {"status": 500})
    gateway, engine = listed(client), listed(client)
    assert engine.headers["content-type"] == gateway.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Server Error (500)</title>" in engine.text
    assert "<title>Server Error (502)</title>" in gateway.text
    assert (gateway.headers["retry-after"], "retry-after" in engine.headers) == ("3", False)


@pytest.mark.parametrize(
    "status, type, code",
    [
        (400, "invalid_request_error", "invalid_request_error"),
        (401, "authentication_error", "access_token_invalid"),
        (403, "resource_forbidden", "missing_required_scope"),
        (404, "not_found", "resource_not_found"),
        (409, "conflict", "conflict"),
        (413, "payload_too_large", "payload_too_large"),
        (422, "validation_error", "missing_payload"),
        (429, "too_many_requests", "too_many_requests"),
        (500, "api_error", "api_error"),
    ],
)
def test_failures_of_incident_io_stand_in_its_envelope(
    client: httpx.Client, status: int, type: str, code: str
) -> None:
    rule(client, {"status": status})
    answer = imported(client)
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert (body["type"], body["status"], body["errors"][0]["code"]) == (type, status, code)
    assert len(body["request_id"]) == 8
    assert ("rate_limit" in body) is (status == 429)


def test_incident_io_throttles_the_key_of_the_request(client: httpx.Client) -> None:
    rule(client, {"status": 429, "retry_after": 2})
    answer = imported(client)
    assert answer.headers["retry-after"] == "2"
    assert (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) == (
        "1200, 1200;window=60",
        "0",
    )
    limit = answer.json()["rate_limit"]
    assert (limit["limit"], limit["remaining"]) == (1200, 0)
    assert limit["name"]
    stranger = client.post(IMPORT)
    assert (stranger.status_code, stranger.headers["retry-after"]) == (429, "2")
    assert "rate_limit" not in stranger.json()


@pytest.mark.parametrize("ask, status", [(imported, 503), (imported, 418), (listed, 418), (created, 401)])
def test_what_a_vendor_has_no_words_for_has_no_body(client: httpx.Client, ask: Any, status: int) -> None:
    rule(client, {"status": status, "retry_after": 60})
    answer = ask(client)
    assert (answer.status_code, answer.content, answer.headers["retry-after"]) == (status, b"", "60")


def test_every_failure_of_every_kind_of_path_can_be_said(make_server: MakeServer) -> None:
    server = make_server()
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        for status in range(400, 600):
            client.put("/_mock/faults", json={"rules": [{"act": {"status": status}}]})
            for path in (
                "/api/v1/postmortems/",
                "/api/nothing",
                "/v1/identity",
                "/nothing",
                "/v1/severities/x",
            ):
                assert client.get(path).status_code == status
