from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import httpx
import pytest

from mockserver.core.exchange import Headers, Request
from mockserver.server import schemas
from mockserver.server.app import MockServer
from mockserver.server.documents import operations_of
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.large import RESOURCES, large_document, write

KEY = [(b"authorization", b"Bearer inc-test-key")]
FIRST, LAST = "/v9/Thing0", f"/v9/Thing{RESOURCES - 1}"


@pytest.fixture(scope="module", params=["json", "yaml"])
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, make_server: MakeServer
) -> MockServer:
    specs = write(large_document(), tmp_path_factory.mktemp("specs"), request.param)
    return make_server(specs=specs)


def ask(server: MockServer, path: str) -> int:
    return server.engine.answer("default", Request("GET", path, "", Headers(KEY), b"")).answer.status


def calls(server: MockServer, path: str) -> int:
    """How many Python functions one request calls."""
    count = 0

    def look(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(look)
    try:
        ask(server, path)
    finally:
        sys.setprofile(None)
    return count


def test_every_operation_of_a_large_document_is_routed(whole: MockServer) -> None:
    listed = list(operations_of(whole.documents["incident-io"]))
    assert len(listed) > 337
    for path, method, operation in listed:
        target = path.replace("{id}", "01GBA8J19SMXQWPJMX3P2ESCVG")
        whole.engine.answer("default", Request(method.upper(), target, "", Headers(KEY), b""))
        entry = next(iter(reversed(whole.sandboxes.default.journal)))
        assert entry.operation is not None
        assert (entry.operation.id, entry.operation.path) == (operation["operationId"], path)


def test_the_last_route_costs_what_the_first_costs(whole: MockServer) -> None:
    assert (ask(whole, FIRST), ask(whole, LAST)) == (200, 200)
    assert calls(whole, FIRST) == calls(whole, LAST)


def test_what_has_a_model_is_served_by_it_whichever_way_its_id_is_spelt(whole: MockServer) -> None:
    with httpx.Client(transport=InProcess(whole.app), base_url="http://mock") as client:
        made = client.post(
            "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document",
            headers={"Authorization": "Bearer inc-test-key"},
            json={"title": "T", "content": "c"},
        )
    assert (made.status_code, made.json()["postmortem_document"]["title"]) == (201, "T")


def test_a_vendor_whose_document_is_not_in_the_folder_has_the_one_that_is_shipped(whole: MockServer) -> None:
    assert "/api/v1/postmortems/" in whole.documents["grafana-oncall"]["paths"]


def test_no_body_is_judged_by_a_schema_that_was_compiled_before_there_was_a_body(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []
    compile_schema = schemas.compile_schema

    def counting(*arguments: Any) -> Any:
        compiled.append(arguments)
        return compile_schema(*arguments)

    monkeypatch.setattr(schemas, "compile_schema", counting)
    server = make_server(check_responses=False)
    assert compiled == []
    body = b'{"alert_group_id": "IQUIET1PAGE11", "text": "t"}'
    headers = Headers([(b"authorization", b"meowmeowmeow"), (b"content-type", b"application/json")])
    for _ in range(2):
        server.engine.answer("default", Request("POST", "/api/v1/postmortems/", "", headers, body))
    assert len(compiled) == 1
