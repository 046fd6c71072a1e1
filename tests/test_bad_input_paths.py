"""Odd paths, queries and methods, in requests that are fine otherwise."""

from __future__ import annotations

import pytest

from mockserver.server.app import MockServer
from tests.inprocess import InProcess, RawHeaders
from tests.invariants import (
    IMPORT,
    JSON,
    KEY,
    LIST,
    NO_SUCH_PAGE,
    ONE,
    OPERATIONS,
    TOKEN,
    ask_incident_io,
    ask_oncall,
    assert_is_oncalls,
    short,
    stored,
)

DETAIL = ["GET", "PUT", "PATCH", "DELETE"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"]
operations = pytest.mark.parametrize("method, path", OPERATIONS)
ODD_IDS = [
    "%00",
    "%FF",
    "%ED%A0%80",
    "%E2%98%83",
    "%",
    "%ZZ",
    "%20",
    "%0D%0AX:%20y",
    "P658FE5K87EWZ%00",
    "p658fe5k87ewz",
]
ODD_IDS += [
    "%25%32%46",
    "x;y=z",
    "'%20OR%20'1'='1",
    "%7B%7Bx%7D%7D",
    "*",
    "X" * 10_000,
    "%F0%9F%98%80" * 1000,
]


@pytest.mark.parametrize("method", DETAIL)
@pytest.mark.parametrize("id", ODD_IDS, ids=short)
def test_an_odd_id_is_not_found_at_grafana_oncall(
    server: MockServer, transport: InProcess, method: str, id: str
) -> None:
    before = stored(server)
    for slash in ("/", ""):
        answer = ask_oncall(transport, method, f"/api/v1/postmortems/{id}{slash}", TOKEN)
        assert answer == (404, {"detail": "Not found."})
    assert stored(server) == before


@pytest.mark.parametrize(
    "id", [*ODD_IDS, "%2F", "01GBA8J19SMXQWPJMX3P2ESCVG%2F", "..", ".", "%2E%2E", "a.b"], ids=short
)
def test_an_odd_id_is_not_found_at_incident_io(server: MockServer, transport: InProcess, id: str) -> None:
    before = stored(server)
    path = f"/v2/incidents/{id}/actions/import_postmortem_document"
    status, answer = ask_incident_io(transport, "POST", path, KEY)
    assert (status, answer["errors"][0]["code"]) == (404, "resource_not_found")
    assert stored(server) == before


@pytest.mark.parametrize("headers", [[TOKEN], []], ids=["with a token", "without"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "target",
    [
        "/api/",
        "/api/v1/",
        "/api/v1/postmortem/",
        "/api/v1/postmortems.json",
        "/api/v1/postmortems/P658FE5K87EWZ./",
        "/api/v1/postmortems/P658FE5K87EWZ%2E",
        "/api/v1/postmortems/P658FE5K87EWZ.json",
        "/api/v1/postmortems/P658FE5K87EWZ/x/",
        "/api/v1/postmortems/P658FE5K87EWZ%2Fx/",
        "/api/v1/postmortems/P658FE5K87EWZ//",
        "/api/v1/postmortems//",
        "/api/v1//postmortems/",
        "/api/v1/postmortems/../postmortems/",
        "/api/v1/postmortems/..",
        "/api/v1/postmortems/%2e%2e/",
        "/api/v1/./postmortems/",
        "/api/v1/POSTMORTEMS/",
        "/api/v1/postmortems%00/",
        "/api/v1/postmortems%20/",
        "/api/v1/%FF/",
        "/api/v1/" + "x/" * 10_000,
        "/api/v2/postmortems/",
        "/api/v1/nothing/?format=xml",
    ],
    ids=short,
)
def test_a_path_that_is_nobodys_is_a_page_at_grafana_oncall(
    server: MockServer, transport: InProcess, method: str, target: str, headers: RawHeaders
) -> None:
    before = stored(server)
    answer = ask_oncall(transport, method, target, *headers, (b"accept", b"text/html"))
    assert answer == (404, b"" if method == "HEAD" else NO_SUCH_PAGE)
    assert stored(server) == before


@pytest.mark.parametrize("headers", [[KEY], []], ids=["with a key", "without"])
@pytest.mark.parametrize(
    "method, target",
    [
        *[(method, IMPORT) for method in METHODS if method != "POST"],
        ("post", IMPORT),
        ("", IMPORT),
        ("POST" * 10_000, IMPORT),
        ("POST", f"{IMPORT}/"),
        ("POST", f"{IMPORT}."),
        ("POST", f"{IMPORT}%00"),
        ("POST", f"/{IMPORT}"),
        ("POST", "/v2/incidents//actions/import_postmortem_document"),
        ("POST", "/v2/incidents/a/b/actions/import_postmortem_document"),
        ("POST", "/v2/incidents/a/actions%2Fimport_postmortem_document"),
        ("POST", "/v2/incidents/a/../b/actions/import_postmortem_document"),
        ("POST", "/V2/incidents/a/actions/import_postmortem_document"),
        ("POST", "/v2/incidents/a/actions/" + "x" * 100_000),
        *[(method, "/") for method in METHODS],
        ("GET", "/%FF"),
        ("GET", "//"),
        ("GET", "/api"),
        ("GET", "//api/v1/postmortems/"),
        ("GET", "/.."),
        ("GET", "/%00"),
        ("GET", "/a" * 50_000),
    ],
    ids=short,
)
def test_a_path_or_method_that_is_no_route_is_an_empty_404_at_incident_io(
    server: MockServer, transport: InProcess, method: str, target: str, headers: RawHeaders
) -> None:
    before = stored(server)
    assert ask_incident_io(transport, method, target, *headers) == (404, b"")
    assert stored(server) == before


@pytest.mark.parametrize(
    "method", ["TRACE", "CONNECT", "PROPFIND", "FOO", "get", "", 'G"T', "\xff", "X" * 10_000], ids=short
)
@pytest.mark.parametrize("path", [LIST, ONE])
def test_a_method_that_nobody_knows_is_not_allowed(
    server: MockServer, transport: InProcess, path: str, method: str
) -> None:
    before = stored(server)
    refused = {"detail": f'Method "{method}" not allowed.'}
    assert ask_oncall(transport, method, path, TOKEN) == (405, refused)
    assert ask_oncall(transport, method, path) == (403, {"detail": "Invalid token."})
    assert stored(server) == before


@pytest.mark.parametrize(
    "method, path, allow",
    [
        *[(method, LIST, "GET, POST, HEAD, OPTIONS") for method in ("PUT", "PATCH", "DELETE")],
        ("POST", ONE, "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("POST", "/api/v1/postmortems/PN0SUCH1PAGE1/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
    ],
)
def test_a_method_of_another_path_is_not_allowed(
    server: MockServer, transport: InProcess, method: str, path: str, allow: str
) -> None:
    before = stored(server)
    received = transport.exchange(method, path, [TOKEN, JSON], b"{")
    assert_is_oncalls(received)
    assert (received.status, received.json()) == (405, {"detail": f'Method "{method}" not allowed.'})
    assert received.header("allow") == allow
    assert stored(server) == before


NINES = "9" * 5000
EVERYTHING = [
    f"page={NINES}",
    f"page={NINES[:4000]}",
    f"perpage={NINES[:4000]}&page={NINES[:4000]}",
    f"perpage={NINES}",
]
EVERYTHING += [
    "page=-1",
    "page=0",
    "page=1e9",
    "page=%FF",
    "page=%00",
    "page=",
    "page",
    "page=1&page=",
    "page=%EF%BC%91",
]
EVERYTHING += [
    "perpage=-1",
    "perpage=0",
    "perpage=1e9",
    "perpage=NaN",
    "perpage=0x10",
    "perpage=1&perpage=99999999999999",
]
EVERYTHING += [
    "",
    "&&&===&",
    "%",
    "%FF=%FF",
    "\xff=\xff",
    "a[b]=c;d",
    "%00",
    "?",
    "#",
    "x=" + "y" * 1_000_000,
]
EVERYTHING += [
    "alert_group_id=",
    "alert_group_id=NONE&alert_group_id=I68T24C13IFW1",
    "format=",
    "format=json",
    "%s=%s",
]
NOTHING = [
    "%00",
    "%FF",
    "%ED%A0%80",
    "\xff",
    "I68T24C13IFW1%20",
    "i68t24c13ifw1",
    "x" * 100_000,
    "I68T24C13IFW1,NONE",
]


@pytest.mark.parametrize("query", EVERYTHING, ids=short)
def test_a_query_that_makes_no_sense_is_ignored(transport: InProcess, query: str) -> None:
    status, answer = ask_oncall(transport, "GET", f"{LIST}?{query}", TOKEN)
    assert (status, answer["count"], answer["next"]) == (200, 1, None)
    assert [result["id"] for result in answer["results"]] == ["P658FE5K87EWZ"]
    assert ask_incident_io(transport, "POST", f"{IMPORT}?{query}", KEY)[0] == 201


@pytest.mark.parametrize("group", NOTHING, ids=short)
def test_a_group_that_is_none_is_an_empty_list_and_hides_every_postmortem(
    server: MockServer, transport: InProcess, group: str
) -> None:
    before = stored(server)
    status, answer = ask_oncall(transport, "GET", f"{LIST}?alert_group_id={group}", TOKEN)
    assert (status, answer) == (200, {"count": 0, "next": None, "previous": None, "results": []})
    for method in DETAIL:
        assert ask_oncall(transport, method, f"{ONE}?alert_group_id={group}", TOKEN)[0] == 404
    assert stored(server) == before


@operations
@pytest.mark.parametrize(
    "query", ["format=xml", "format=%FF", "format=json&format=api", "format=" + "x" * 100_000], ids=short
)
def test_a_format_that_is_not_json_is_not_found(
    server: MockServer, transport: InProcess, method: str, path: str, query: str
) -> None:
    before = stored(server)
    answer = ask_oncall(transport, method, f"{path}?{query}", TOKEN)
    assert answer == (404, b"" if method == "HEAD" else {"detail": "Not found."})
    assert stored(server) == before
