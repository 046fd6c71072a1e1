"""Who did not keep to the document, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest

from mockserver.core.exchange import Answer
from mockserver.server.app import MockServer
from mockserver.server.documents import load_document, operations_of
from mockserver.server.schemas import resolved_node
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.journal.conftest import IMPORT, INCIDENT, ONCALL, POSTMORTEMS, Journal

GROUP = "I68T24C13IFW1"
JSON = "application/json"
CREATE: dict[str, Any] = {"alert_group_id": GROUP, "text": "a"}
FINDINGS: dict[str, Any] = {"title": "a", "content": "b"}
INCIDENTS = "/v2/incidents"
AUTHORIZATION, TYPE = "/request/headers/authorization", "/request/headers/content-type"
DEEP = {"custom_field_id": "b", "values": [{"colour": "red"}]}
OPENED = {"idempotency_key": "a", "visibility": "public", "custom_field_entries": [DEEP]}
DEPRECATED = (
    "operationId: list_users\n",
    "name: username\n          in: query\n",
    "operationId: create_postmortem\n",
)
Sent = dict[str, Any]


def sent(method: str, path: str, **given: Any) -> Sent:
    own = ONCALL if path.startswith("/api/") else INCIDENT
    headers = {**own, **given.pop("headers", {})}
    wanted = {name: value for name, value in headers.items() if value is not None}
    return {"method": method, "url": path, "headers": wanted, **given}


@pytest.mark.parametrize(
    ("request_", "kind", "where"),
    [
        # Grafana OnCall
        (sent("GET", f"{POSTMORTEMS}?colour=red"), "undocumented-parameter", "/request/query/colour"),
        (sent("GET", f"{POSTMORTEMS}?page[a]=1"), "parameter", "/request/query/page"),
        (sent("GET", "/api/v1/alert_groups/?state=odd"), "parameter", "/request/query/state"),
        (sent("GET", POSTMORTEMS, headers={"Authorization": None}), "missing-credential", AUTHORIZATION),
        (sent("GET", POSTMORTEMS, json={"a": 1}), "unexpected-body", "/request/body"),
        (sent("GET", POSTMORTEMS, json={}), "unexpected-body", "/request/body"),
        (sent("DELETE", f"{POSTMORTEMS}P658FE5K87EWZ/", json=[]), "unexpected-body", "/request/body"),
        (sent("POST", f"/api/v1/alert_groups/{GROUP}/resolve/", json={"a": 1}), "unexpected-body", "/request/body"),
        (sent("POST", POSTMORTEMS), "missing-body", "/request/body"),
        (sent("POST", POSTMORTEMS, json={**CREATE, "a/b~": 1}), "unknown-field", "/request/body/a~1b~0"),
        (sent("POST", POSTMORTEMS, data={**CREATE, "more": "1"}), "unknown-field", "/request/body/more"),
        (sent("POST", POSTMORTEMS, json={"text": "a"}), "body", "/request/body"),
        (sent("POST", POSTMORTEMS, json={**CREATE, "text": []}), "body", "/request/body/text"),
        (sent("POST", POSTMORTEMS, content="{"), "content-type", TYPE),
        (sent("POST", POSTMORTEMS, content="{", headers={"Content-Type": JSON}), "malformed-body", "/request/body"),
        (sent("POST", POSTMORTEMS, content="a", headers={"Content-Type": "text/plain"}), "content-type", TYPE),
        (sent("PATCH", POSTMORTEMS, json={}), "undocumented-method", "/request/method"),
        (sent("GET", "/api/v1/nowhere/"), "undocumented-path", "/request/path"),
        # incident.io
        (sent("GET", f"{INCIDENTS}?colour=red"), "undocumented-parameter", "/request/query/colour"),
        (sent("GET", f"{INCIDENTS}?page_size=1.5"), "parameter", "/request/query/page_size"),
        (sent("GET", f"{INCIDENTS}?page_size=501"), "parameter", "/request/query/page_size"),
        (sent("GET", f"{INCIDENTS}?sort_by=name"), "parameter", "/request/query/sort_by"),
        (sent("GET", f"{INCIDENTS}?status=open"), "parameter", "/request/query/status"),
        (sent("GET", f"{INCIDENTS}?status[some_of]=a"), "parameter", "/request/query/status"),
        (sent("GET", f"{INCIDENTS}?created_at[gte]=today"), "parameter", "/request/query/created_at"),
        (sent("GET", f"{INCIDENTS}?custom_field[a][is_blank]=maybe"), "parameter", "/request/query/custom_field"),
        (sent("GET", f"{INCIDENTS}?{'a' + '[b]' * 900}=1"), "undocumented-parameter", "/request/query/a" + "[b]" * 900),
        (sent("GET", "/v2/users?include_inactive=1"), "parameter", "/request/query/include_inactive"),
        (sent("GET", INCIDENTS, headers={"Authorization": "inc-test-key"}), "credential-form", AUTHORIZATION),
        (sent("POST", IMPORT, json={**FINDINGS, "id": "1"}), "unknown-field", "/request/body/id"),
        (sent("POST", IMPORT, json={"title": "a"}), "body", "/request/body"),
        (sent("POST", IMPORT, content='{"title": "a", "content": "b"}'), "content-type", TYPE),
        (sent("POST", IMPORT, json=FINDINGS, headers={"Content-Type": "text/json"}), "content-type", TYPE),
        (
            sent("POST", INCIDENTS, json=OPENED),
            "unknown-field",
            "/request/body/custom_field_entries/0/values/0/colour",
        ),
        (sent("PUT", INCIDENTS, json={}), "undocumented-method", "/request/method"),
        (sent("GET", "/v2/nowhere"), "undocumented-path", "/request/path"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value,
)  # fmt: skip
def test_a_client_that_breaks_the_contract_is_told_where(
    client: httpx.Client, journal: Journal, request_: Sent, kind: str, where: str
) -> None:
    client.request(**request_)
    found = journal("/journal/breaches", by="client")["breaches"]
    assert (kind, where[:400]) in [(breach["kind"], breach["where"][:400]) for breach in found]
    assert journal("/journal/breaches", by="mock")["breaches"] == []


@pytest.mark.parametrize(
    "request_",
    [
        sent("GET", f"{POSTMORTEMS}?page=x&perpage=&alert_group_id=a&alert_group_id=b"),
        sent("HEAD", POSTMORTEMS),
        sent("OPTIONS", POSTMORTEMS),
        sent("GET", f"{POSTMORTEMS}NONE/"),
        sent("POST", POSTMORTEMS, data=CREATE),
        sent("POST", POSTMORTEMS, files={"alert_group_id": (None, GROUP), "text": (None, "a")}),
        sent("POST", POSTMORTEMS, json=CREATE, headers={"Content-Type": "Application/JSON; charset=utf-8"}),
        sent("POST", POSTMORTEMS, content='{"alert_group_id": "I68T24C13IFW1", "text": "ü"}'.encode("utf-16"),
             headers={"Content-Type": "application/json; charset=utf-16"}),
        sent("POST", f"/api/v1/alert_groups/{GROUP}/acknowledge/"),
        sent("POST", f"/api/v1/alert_groups/{GROUP}/acknowledge/", json={}),
        sent("PATCH", f"{POSTMORTEMS}P658FE5K87EWZ/"),
        sent("DELETE", f"/api/v1/alert_groups/{GROUP}/"),
        sent("DELETE", f"/api/v1/alert_groups/{GROUP}/", json={"mode": "delete"}),
        sent("GET", "/api/v1/alert_groups/?label=a:b&label=c:d&state=New"),
        sent("GET", f"{INCIDENTS}?status[one_of]=a&status[one_of]=b&custom_field[01A][is_blank]=true&page_size=5"),
        sent("GET", f"{INCIDENTS}?created_at[date_range]=2024-12-02~2024-12-08"),
        sent("GET", "/v3/follow_ups?created_at[gte]=2024-12-02T10:00:00Z"),
        sent("GET", INCIDENTS, headers={"Authorization": "bearer inc-test-key"}),
        sent("GET", INCIDENTS, headers={"Authorization": "Bearer of-nobody"}),
        sent("POST", IMPORT, json=FINDINGS),
        sent("POST", IMPORT, content='{"title": "\\ud800", "content": "b"}', headers={"Content-Type": JSON}),
    ],
)  # fmt: skip
def test_a_client_that_keeps_to_the_document_is_told_nothing(
    client: httpx.Client, journal: Journal, request_: Sent
) -> None:
    client.request(**request_)
    assert journal("/journal/breaches") == {"breaches": []}


@pytest.mark.parametrize("provider", ["grafana-oncall", "incident-io"])
def test_the_documents_own_examples_break_nothing(
    client: httpx.Client, journal: Journal, provider: str
) -> None:
    document = load_document(provider)
    own = ONCALL if provider == "grafana-oncall" else INCIDENT
    asked = 0
    for path, method, operation in operations_of(document):
        declared = [*document["paths"][path].get("parameters", ()), *operation.get("parameters", ())]
        parameters = [resolved_node(node, document["components"]) for node in declared]
        query = {
            node["name"]: node["example"]
            for node in parameters
            if node["in"] == "query" and "example" in node
        }
        content = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
        body = {"json": content["example"]} if "example" in content else {}
        if body or "requestBody" not in operation:
            where = path.replace("{id}", "01GBA8J19SMXQWPJMX3P2ESCVG")
            client.request(method.upper(), where, headers=own, params=query, **body)
            asked += 1
    assert asked > 25
    assert journal("/journal/breaches") == {"breaches": []}


@pytest.fixture
def deprecating(make_server: MakeServer, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a vendor that wants an operation, a parameter and a field no more."""
    copytree("specs", tmp_path / "specs")
    file = tmp_path / "specs" / "grafana-oncall" / "openapi.yaml"
    text = file.read_text()
    for mark in DEPRECATED:
        assert mark in text, mark
        text = text.replace(mark, f"{mark}{' ' * (10 if 'name' in mark else 6)}deprecated: true\n", 1)
    file.write_text(text)
    server = make_server(providers=("grafana-oncall",), specs=tmp_path / "specs")
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        yield client


def test_what_is_deprecated_is_a_breach(deprecating: httpx.Client) -> None:
    deprecating.get("/api/v1/users/?username=a", headers=ONCALL)
    deprecating.post(POSTMORTEMS, headers=ONCALL, json=CREATE)
    found = deprecating.get("/_mock/journal/breaches").json()["breaches"]
    assert [(breach["entry"], breach["kind"]) for breach in found] == [
        ("r1", "deprecated-operation"),
        ("r1", "deprecated-parameter"),
        ("r2", "deprecated-operation"),
    ]


@pytest.mark.parametrize(
    ("answer", "kind", "where"),
    [
        ({"status": 418}, "answer-status", "/answer/status"),
        ({"body": b'{"count": "1"}'}, "answer-body", "/answer/body"),
        ({"body": b"{"}, "answer-body", "/answer/body"),
        (
            {"headers": (("Content-Type", "text/html"),)},
            "answer-content-type",
            "/answer/headers/content-type",
        ),
    ],
)
def test_a_mock_that_breaks_it_is_told_too_but_for_a_fault(
    client: httpx.Client, server: MockServer, journal: Journal, answer: dict[str, Any], kind: str, where: str
) -> None:
    client.get(POSTMORTEMS, headers=ONCALL)
    (entry,) = server.sandboxes.default.journal
    entry.answer = replace(entry.answer, **answer)
    assert isinstance(entry.answer, Answer)
    found = journal("/journal/breaches")["breaches"]
    assert {(breach["by"], breach["kind"]) for breach in found} == {("mock", kind)}
    assert found[0]["where"].startswith(where)
    assert journal("/journal/breaches", by="client")["breaches"] == []
    entry.fault = "a-fault"
    assert journal("/journal/breaches")["breaches"] == []


def test_of_a_body_that_is_wrong_in_a_thousand_places_some_are_told(
    client: httpx.Client, journal: Journal
) -> None:
    client.post(POSTMORTEMS, headers=ONCALL, json={f"field {at}": at for at in range(1_000)})
    found = journal("/journal/breaches")["breaches"]
    assert 10 <= len(found) <= 20
    assert all(len(breach["message"]) <= 501 for breach in found)


def test_what_was_cut_is_not_held_against_anybody(client: httpx.Client, journal: Journal) -> None:
    client.post(POSTMORTEMS, headers=ONCALL, json={**CREATE, "text": "x" * 100_000})
    client.get(f"{POSTMORTEMS}?page={'1' * 9_000}&a=b", headers=ONCALL)
    assert journal("/journal/breaches") == {"breaches": []}
