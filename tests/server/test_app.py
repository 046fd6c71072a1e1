from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from mockserver.core.errors import ConfigurationError
from mockserver.core.exchange import Answer
from mockserver.providers import REGISTRY
from mockserver.server import resources
from mockserver.server.app import MockServer
from mockserver.server.complaints import ContractBreach
from mockserver.server.documents import load_document
from tests.conftest import MakeServer
from tests.inprocess import InProcess

IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"
ONCALL = {"Authorization": "meowmeowmeow"}
INCIDENT = {"Authorization": "Bearer inc-test-key"}


def traffic(server: MockServer) -> list[tuple[int, list[tuple[bytes, bytes]], bytes]]:
    """A bit of everything, good and bad, over both vendors."""
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        return [(answer.status_code, answer.headers.raw, answer.content) for answer in converse(client)]


def converse(client: httpx.Client) -> list[httpx.Response]:
    new = {"alert_group_id": "IQUIET1PAGE11", "text": "seeded"}
    document = {"title": "T", "content": "c"}
    answers = []
    for _ in range(3):
        made = client.post("/api/v1/postmortems/", headers=ONCALL, json=new)
        answers += [
            made,
            client.get(f"/api/v1/postmortems/{made.json()['id']}/", headers=ONCALL),
            client.post(IMPORT, headers=INCIDENT, json=document),
            client.post(IMPORT, headers=INCIDENT, json={}),
            client.post(IMPORT, json=document),
            client.get("/api/v1/postmortems/?perpage=2", headers=ONCALL),
            client.get("/nowhere"),
        ]
    return answers


def test_two_runs_with_one_seed_answer_the_same_bytes(make_server: MakeServer) -> None:
    first, second = (traffic(make_server(seed=7, rate_factor=1)) for _ in range(2))
    assert first == second


def test_two_seeds_differ_and_so_do_two_runs_without_one(make_server: MakeServer) -> None:
    assert traffic(make_server(seed=7)) != traffic(make_server(seed=8))
    assert traffic(make_server()) != traffic(make_server())


def test_a_reset_brings_a_seeded_server_back_to_its_first_byte(make_server: MakeServer) -> None:
    server = make_server(seed=7, rate_factor=1)
    first = traffic(server)
    server.sandboxes.reset()
    assert traffic(server) == first


def test_a_server_of_one_vendor_refuses_every_other_path_in_that_vendors_words(
    make_server: MakeServer,
) -> None:
    with InProcess(make_server(providers=("grafana-oncall",)).app) as oncall:
        for path in ("/", "/nowhere", "/api/v1/nowhere", IMPORT):
            refused = oncall.exchange("GET", path)
            assert (refused.status, b"<h1>Not Found</h1>" in refused.body) == (404, True)
    with InProcess(make_server(providers=("incident-io",)).app) as incident:
        for path in ("/", "/nowhere", "/api/v1/postmortems/"):
            refused = incident.exchange("GET", path)
            assert (refused.status, refused.body) == (404, b"")


def test_with_both_vendors_a_path_is_refused_by_whose_prefix_it_has(transport: InProcess) -> None:
    assert b"<h1>Not Found</h1>" in transport.exchange("GET", "/api/v1/nowhere/").body
    assert transport.exchange("GET", "/v2/nowhere").body == b""


def break_wire(
    monkeypatch: pytest.MonkeyPatch, server: MakeServer, handler: Any, **settings: Any
) -> MockServer:
    """A server whose list and import operations are `handler`."""
    for name, operation in (
        ("grafana-oncall", "list_postmortems"),
        ("incident-io", "Incidents V2_ImportPostmortemDocument"),
    ):
        provider = REGISTRY[name]
        broken = replace(provider, functions={**provider.functions, operation: handler})
        monkeypatch.setitem(REGISTRY, name, broken)
    return server(**settings)


def both_broken(server: MockServer) -> tuple[httpx.Response, httpx.Response]:
    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        """As a server does: the answer has gone out already, the error is for the log."""
        with suppress(ZeroDivisionError, ContractBreach):
            await server.app(scope, receive, send)

    with httpx.Client(transport=InProcess(logged), base_url=server.settings.base_url) as client:
        return (
            client.get("/api/v1/postmortems/", headers=ONCALL),
            client.post(IMPORT, headers=INCIDENT, json={"title": "T", "content": "c"}),
        )


def test_a_crash_of_the_mock_is_told_in_the_vendors_words_and_shows_nothing_of_it(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(visit: Any) -> Answer:
        raise ZeroDivisionError("inner secret")

    oncall, incident = both_broken(break_wire(monkeypatch, make_server, crash))
    assert (oncall.status_code, incident.status_code) == (500, 500)
    assert "<h1>Server Error (500)</h1>" in oncall.text
    assert incident.json()["type"] == "api_error"
    for answer in (oncall, incident):
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, (("Content-Type", "application/json"),), b'{"count":"1"}'),
        Answer(201, (("Content-Type", "text/plain"),), b"{}"),
        Answer(204),
        Answer(418),
        Answer(429, (("Content-Type", "application/json"),), b'{"detail":"no header says when"}'),
    ],
)
def test_an_answer_that_the_document_does_not_allow_is_a_crash_if_answers_are_checked_and_goes_out_if_not(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    checked = break_wire(monkeypatch, make_server, lambda visit: answer)
    assert [response.status_code for response in both_broken(checked)] == [500, 500]
    unchecked = break_wire(monkeypatch, make_server, lambda visit: answer, check_responses=False)
    assert [response.status_code for response in both_broken(unchecked)] == [answer.status] * 2


@pytest.mark.parametrize("status", ["default", "4XX"])
def test_a_document_may_promise_answers_by_kind(make_server: MakeServer, specs: Path, status: str) -> None:
    rewrite(specs, '"403"', f'"{status}"')
    with InProcess(make_server(specs=specs).app) as transport:
        assert transport.exchange("GET", "/api/v1/postmortems/").status == 403


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    for name in REGISTRY:
        (tmp_path / name).mkdir()
        (tmp_path / name / "openapi.yaml").write_text(json.dumps(load_document(name)))
    return tmp_path


def rewrite(specs: Path, before: str, after: str) -> None:
    file = specs / "grafana-oncall" / "openapi.yaml"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def test_documents_from_another_folder_are_served(make_server: MakeServer, specs: Path) -> None:
    rewrite(specs, "/api/v1/postmortems/", "/api/v9/postmortems/")
    with InProcess(make_server(specs=specs).app) as transport:
        found = transport.exchange("GET", "/api/v9/postmortems/", [(b"authorization", b"meowmeowmeow")])
    assert found.status == 200


@pytest.mark.parametrize(
    "before, after, sentence",
    [
        (
            '"openapi": "3.0.3"',
            '"openapi": "3.1.0"',
            r"specs/grafana-oncall: has openapi: 3\.1\.0; documents of OpenAPI 3\.0 are served",
        ),
        ('"openapi": "3.0.3"', '"open": "3.0.3"', r"specs/grafana-oncall: has no `openapi` version"),
        ('"responses": {"200"', '"respones": {"200"', r"specs/grafana-oncall: "),
        (
            "#/components/schemas/",
            "#/components/nowhere/",
            r"openapi.yaml: \$ref '.*' leads nowhere",
        ),
        ('"paths"', '"ways"', r"openapi.yaml: paths must be an object"),
        ('"pattern": "^', '"pattern": "^(', r"openapi.yaml: pattern '\^\(.*' is no regular expression"),
        ('"minimum": 1', '"minimum": "one"', r"specs/grafana-oncall: "),
        ('"default": "wipe"', '"default": 1', r"specs/grafana-oncall: "),
    ],
)
def test_a_broken_document_is_told_in_one_sentence(
    make_server: MakeServer, specs: Path, before: str, after: str, sentence: str
) -> None:
    rewrite(specs, before, after)
    with pytest.raises(ConfigurationError, match=sentence) as told:
        make_server(specs=specs)
    assert "\n" not in str(told.value)


def test_the_shipped_specs_and_fixtures_are_where_the_providers_look(tmp_path: Path) -> None:
    for kind in ("specs", "fixtures"):
        found = {folder.name for folder in resources.folder(kind).iterdir()}
        assert found - {"recorded"} == set(REGISTRY)
