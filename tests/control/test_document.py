"""The control API and its document say the same, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from mockserver.providers import REGISTRY
from mockserver.server.app import MockServer
from mockserver.server.control import CONTROL
from mockserver.server.control.documented import load_control_document
from mockserver.server.journal.reading import Reading
from tests.conftest import MakeServer
from tests.inprocess import InProcess

DOCUMENT = load_control_document()
METHODS = ("get", "put", "post", "patch", "delete")
# Pages for people, which no program asks for.
PAGES = re.compile(r"/console(/.*)?")
Case = tuple[str, str, Mapping[str, Any]]
OPERATIONS: list[Case] = [
    (path, method, item[method])
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
]
READING_BODIES = [case for case in OPERATIONS if "requestBody" in case[2]]


def each(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """One test for each of these operations."""
    cases = list(cases)
    ids = [f"{method.upper()} {path}" for path, method, _ in cases]
    return pytest.mark.parametrize("path, method, operation", cases, ids=ids)


def plain(path: str) -> str:
    """A path in which every parameter looks alike, whatever it is called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def routed(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount) and route.routes:
            yield from routed(route.routes, prefix + route.path)
        elif isinstance(route, Mount):
            yield "GET", plain(f"{prefix}{route.path}/{{file}}")
        else:
            assert isinstance(route, Route), f"{route} is neither a route nor a mount"
            for method in sorted(route.methods or ()):
                if method != "HEAD":
                    yield method, plain(prefix + route.path)


def routes_of(server: MockServer) -> list[tuple[str, str]]:
    app: Any = server.app
    while not isinstance(app, Starlette):
        app = getattr(app, "app", None) or app._app
    found = [
        (method, path.removeprefix(CONTROL))
        for method, path in routed(app.routes)
        if path != CONTROL and not PAGES.fullmatch(path.removeprefix(CONTROL))
    ]
    assert len(found) == len(set(found)), "a route is there twice"
    return found


def address(path: str, **given: str) -> str:
    """The path with something that there is, or could be, in the place of each parameter."""
    values = {"document": "control", "file": "swagger-ui.css", "entry": "r1", "profile": "flaky", **given}
    return CONTROL + re.sub(r"\{([^}]*)\}", lambda found: values.get(found[1], "x"), path)


def test_every_route_is_in_the_document_and_everything_in_the_document_is_routed(server: MockServer) -> None:
    declared = {(case[1].upper(), plain(case[0])) for case in OPERATIONS}
    assert set(routes_of(server)) == declared


def test_the_table_of_the_docs_has_every_operation_and_no_other() -> None:
    text = (Path(__file__).parents[2] / "docs" / "control-api.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z]+) /_mock(/\S*)` \|", text, re.MULTILINE)
    declared = [(case[1].upper(), case[0]) for case in OPERATIONS]
    assert sorted(rows) == sorted(declared)


def test_the_document_is_a_valid_openapi_document() -> None:
    validate(dict(DOCUMENT))


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [case[2]["operationId"] for case in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_the_document_is_served_like_those_of_the_vendors(client: httpx.Client) -> None:
    assert client.get("/_mock/openapi/control").json() == DOCUMENT
    assert "../../openapi/control" in client.get("/_mock/docs/control/").text
    assert set(DOCUMENT["components"]["schemas"]["Provider"]["enum"]) == set(REGISTRY)


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_another_method_is_refused_with_those_that_there_are(client: httpx.Client, path: str) -> None:
    allowed = {method.upper() for method in METHODS if method in DOCUMENT["paths"][path]}
    allowed |= {"HEAD"} & ({"HEAD"} if "GET" in allowed else set())
    for method in {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"} - allowed:
        refused = client.request(method, address(path))
        assert refused.status_code == 405
        assert set(refused.headers["allow"].split(", ")) == allowed
        assert method == "HEAD" or list(refused.json()) == ["error"]


@each(OPERATIONS)
def test_an_unknown_query_parameter_is_refused_by_name(
    client: httpx.Client, path: str, method: str, operation: Mapping[str, Any]
) -> None:
    refused = client.request(method, address(path), params={"no-such-thing": "1"})
    assert refused.status_code == 400
    assert "'no-such-thing' is unknown" in refused.json()["error"]


@each(READING_BODIES)
@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_a_body_as_a_form_of_any_page_could_send_it_is_refused(
    client: httpx.Client, path: str, method: str, operation: Mapping[str, Any], media_type: str | None
) -> None:
    headers = {} if media_type is None else {"Content-Type": f"{media_type}; charset=utf-8"}
    refused = client.request(method, address(path), content=b"{}", headers=headers)
    assert (refused.status_code, list(refused.json())) == (415, ["error"])


@each(READING_BODIES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"{}{}",
        b"\xff",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
    ],
)
def test_a_body_that_is_no_object_of_json_is_refused(
    client: httpx.Client, path: str, method: str, operation: Mapping[str, Any], body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    refused = client.request(method, address(path), content=body, headers=headers)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])


@each(READING_BODIES)
def test_an_unknown_key_is_refused_by_name(
    client: httpx.Client, path: str, method: str, operation: Mapping[str, Any]
) -> None:
    version = {"version": 1} if path == "/state" else {}
    refused = client.request(method, address(path), json={**version, "no-such-thing": 1})
    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    assert "no-such-thing" in refused.json()["error"]


@each(READING_BODIES)
def test_a_body_that_is_nested_without_end_is_refused(
    client: httpx.Client, path: str, method: str, operation: Mapping[str, Any]
) -> None:
    for body in (b'{"url":' * 300 + b"1" + b"}" * 300, b'{"rules":' + b"[" * 20_000 + b"]" * 20_000 + b"}"):
        refused = client.request(
            method, address(path), content=body, headers={"Content-Type": "application/json"}
        )
        assert (refused.status_code, list(refused.json())) == (400, ["error"])


@pytest.mark.parametrize(
    "path", ["", "/nothing", "/journal/r1/x", "/Health", "/health/", "/docs", "/openapi"]
)
def test_what_there_is_not_is_told_in_json(client: httpx.Client, path: str) -> None:
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        answer = client.request(method, f"/_mock{path}")
        if path == "" and method == "GET":
            assert answer.status_code == 200
        else:
            assert (answer.status_code, list(answer.json())) == (405 if path == "" else 404, ["error"])


def test_the_index_names_every_part_of_the_control_api(client: httpx.Client) -> None:
    told = client.get(CONTROL, headers={"Accept": "application/json"}).text
    parts = {path.split("/")[1] for path in DOCUMENT["paths"]} - {""}
    assert [part for part in sorted(parts) if f"{CONTROL}/{part}" not in told] == []


def test_a_journal_is_read_by_one_reader_whoever_asks(
    monkeypatch: pytest.MonkeyPatch, make_server: MakeServer
) -> None:
    """What it works out of the documents costs more than any answer."""
    made = []
    usual = Reading.__init__

    def counted(self: Reading, *given: Any) -> None:
        made.append(self)
        usual(self, *given)

    monkeypatch.setattr(Reading, "__init__", counted)
    with InProcess(make_server().app) as transport:
        assert made == []
        for _ in range(2):
            assert transport.exchange("GET", "/_mock/journal", [(b"host", b"localhost")]).status == 200
    assert len(made) == 1
