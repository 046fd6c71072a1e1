"""Operations that no model has: what their document shows, behind the vendor's own entrance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.server.app import MockServer
from mockserver.server.documents import load_document
from tests.conftest import MakeServer
from tests.inprocess import InProcess

INCIDENT = {"Authorization": "Bearer inc-test-key"}
ONCALL = {"Authorization": "meowmeowmeow"}
COLOUR = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 5}}}
WRITTEN = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Colour"}}},
}


def shown(status: str = "200", media_type: str = "application/json", **content: Any) -> dict[str, Any]:
    return {status: {"description": "d", "content": {media_type: content}}}


def incident_io() -> dict[str, Any]:
    document = load_document("incident-io")
    document["components"]["schemas"]["Colour"] = COLOUR
    document["components"]["examples"] = {"Kept": {"value": {"name": "kept"}}}
    reference = {"$ref": "#/components/schemas/Colour"}
    answers: dict[str, Any] = {
        "example": shown(schema=reference, example={"name": "red"}),
        "wrong-example": shown(schema=reference, example={"name": "far too long"}),
        "second-example": shown(
            schema=reference,
            examples={
                "one": {"value": 1},
                "two": {"externalValue": "https://example.com"},
                "three": {"value": {"name": "blue"}},
            },
        ),
        "kept-example": shown(schema=reference, examples={"kept": {"$ref": "#/components/examples/Kept"}}),
        "schema-example": shown(schema={"type": "string", "example": "of the schema"}),
        "made": shown("202", schema=reference),
        "nothing": {"204": {"description": "d"}},
        "whatever": {"default": {"description": "d", "content": {"text/csv": {"example": "a,b"}}}},
        "kinds": shown("2XX", "application/problem+json", schema={"type": "array", "items": reference}),
        "anything": shown("200", "*/*", example=[1]),
        "failing": {"500": {"description": "d"}},
    }
    for name, responses in answers.items():
        document["paths"][f"/v9/{name}"] = {"get": {"operationId": name, "responses": responses}}
    document["paths"]["/v9/unnamed"] = {"get": {"responses": answers["example"], "security": []}}
    document["paths"]["/v9/colours/{id}"] = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "put": {
            "operationId": "paint",
            "x-rbac-scopes": ["colours.paint"],
            "requestBody": WRITTEN,
            "parameters": [{"name": "page_size", "in": "query", "schema": {"type": "integer", "maximum": 5}}],
            "responses": answers["example"],
        },
        "post": {
            "operationId": "mix",
            "requestBody": {**WRITTEN, "required": False},
            "responses": shown("201", schema=reference, example={"name": "mixed"}),
        },
    }
    return document


def oncall() -> dict[str, Any]:
    document = load_document("grafana-oncall")
    document["components"]["schemas"]["Colour"] = COLOUR
    answer = shown(example={"name": "red"})
    document["paths"]["/api/v1/alert_groups/{id}/paint/"] = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "post": {"operationId": "paint", "requestBody": WRITTEN, "responses": answer},
        "get": {"operationId": "look", "responses": answer},
    }
    return document


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("specs")
    for name, document in (("incident-io", incident_io()), ("grafana-oncall", oncall())):
        (folder / name).mkdir()
        (folder / name / "openapi.json").write_text(json.dumps(document))
    return folder


@pytest.fixture
def canned(make_server: MakeServer, specs: Path) -> MockServer:
    return make_server(specs=specs)


@pytest.fixture
def client(canned: MockServer) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(canned.app), base_url=canned.settings.base_url) as client:
        yield client


@pytest.mark.parametrize(
    "name, status, body",
    [
        ("example", 200, b'{"name":"red"}'),
        ("wrong-example", 200, b'{"name":"text"}'),
        ("second-example", 200, b'{"name":"blue"}'),
        ("kept-example", 200, b'{"name":"kept"}'),
        ("schema-example", 200, b'"of the schema"'),
        ("made", 202, b'{"name":"text"}'),
        ("nothing", 204, b""),
        ("whatever", 200, b"a,b"),
        ("kinds", 200, b'[{"name":"text"}]'),
        ("anything", 200, b"[1]"),
        ("failing", 200, b""),
    ],
)
def test_the_answer_is_the_first_example_that_fits_its_schema_or_one_that_is_made_of_it(
    client: httpx.Client, name: str, status: int, body: bytes
) -> None:
    for _ in range(2):
        answer = client.get(f"/v9/{name}", headers=INCIDENT)
        assert (answer.status_code, answer.content) == (status, body)


def test_it_says_what_it_is_and_has_no_type_without_a_body(client: httpx.Client) -> None:
    kinds = {
        name: client.get(f"/v9/{name}", headers=INCIDENT).headers
        for name in ("example", "whatever", "nothing")
    }
    assert kinds["example"]["content-type"] == "application/json"
    assert kinds["whatever"]["content-type"] == "text/csv"
    assert "content-type" not in kinds["nothing"]


def test_who_asks_has_to_say_who_they_are_and_be_allowed_to(client: httpx.Client) -> None:
    colour = {"name": "red"}
    assert client.get("/v9/example").status_code == 401
    assert client.get("/v9/unnamed").status_code == 200
    limited = {"Authorization": "Bearer inc-no-scope-key"}
    refused = client.put("/v9/colours/1", headers=limited, json=colour)
    assert (refused.status_code, refused.json()["errors"][0]["metadata"]) == (403, {"scope": "colours.paint"})
    assert client.put("/v9/colours/1", headers=INCIDENT, json=colour).status_code == 200


@pytest.mark.parametrize(
    "query, body, status",
    [
        ("", b'{"name": 1}', 422),
        ("", b"{}", 422),
        ("", b"{", 400),
        ("", b"", 422),
        ("?page_size=6", b'{"name": "red"}', 422),
        ("?page_size=5", b'{"name": "red"}', 200),
    ],
)
def test_what_is_asked_is_held_against_the_document(
    client: httpx.Client, query: str, body: bytes, status: int
) -> None:
    headers = {**INCIDENT, "Content-Type": "application/json"}
    assert client.put(f"/v9/colours/1{query}", headers=headers, content=body).status_code == status


def test_a_body_that_is_not_required_may_be_left_out(client: httpx.Client) -> None:
    assert client.post("/v9/colours/1", headers=INCIDENT).status_code == 201
    assert client.post("/v9/colours/1", headers=INCIDENT, json={"name": 1}).status_code == 422


def test_the_other_vendor_answers_in_its_own_way(client: httpx.Client) -> None:
    path = "/api/v1/alert_groups/anything/paint/"
    answer = client.post(path, headers=ONCALL, json={"name": "red"})
    assert (answer.status_code, answer.json(), answer.headers["allow"]) == (
        200,
        {"name": "red"},
        "GET, POST, HEAD, OPTIONS",
    )
    assert client.post(path, headers=ONCALL, json={"name": 1}).status_code == 400
    assert client.post(path, headers=ONCALL).status_code == 400
    assert client.post(path, json={"name": "red"}).status_code == 403
    assert client.put(path, headers=ONCALL).status_code == 405
    assert client.options(path, headers=ONCALL).json()["name"] == "Paint"
    assert client.head(path, headers=ONCALL).status_code == 200


def test_an_explanation_says_that_it_is_canned(client: httpx.Client) -> None:
    answer = client.get("/v9/example", headers={**INCIDENT, "X-Mock-Explain": "1"})
    told = client.get(answer.headers["x-mock-explain"]).json()
    assert told["decided"].startswith("canned: the operation has no model here")
    assert told["operation"] == "example"
    assert (told["spec"]["pointer"], told["spec"]["line"]) == ("/paths/~1v9~1example/get", 1)
    refused = client.get("/v9/example", headers={"X-Mock-Explain": "1"})
    assert "canned" not in client.get(refused.headers["x-mock-explain"]).json()["decided"]


def test_journal_coverage_and_console_know_it(client: httpx.Client) -> None:
    client.get("/v9/example", headers=INCIDENT)
    entry = client.get("/_mock/journal").json()["entries"][-1]
    assert (entry["operation"], entry["answer"]["status"]) == ("example", 200)
    rows = client.get("/_mock/coverage").json()["operations"]
    assert {"operation": "example", "calls": 1}.items() <= next(
        row for row in rows if row["operation"] == "example"
    ).items()
    for page in ("", "console/coverage", "console/rules", f"console/requests/{entry['id']}"):
        shown = client.get(f"/_mock/{page}", headers={"Accept": "text/html"})
        assert shown.status_code == 200


def test_a_fault_may_be_about_it(client: httpx.Client) -> None:
    rule = {"match": {"operation": "example"}, "act": {"status": 503}}
    assert client.post("/_mock/faults", json=rule).status_code == 201
    assert client.get("/v9/example", headers=INCIDENT).status_code == 503
    assert client.get("/v9/made", headers=INCIDENT).status_code == 202
