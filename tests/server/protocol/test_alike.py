"""The two protocols write the same bytes, header for header, whatever they are told."""

from __future__ import annotations

import httpx
import pytest

from mockserver.core.exchange import LARGEST_BODY
from tests.golden import Replay
from tests.model.incident_io_story import story
from tests.server.protocol.conftest import MakeTwins
from tests.server.protocol.lines import Twins
from tests.server.protocol.requests import (
    DOCUMENT,
    GET_ONE,
    GET_USER,
    IMPORT,
    IMPORTED,
    JSON,
    POST_ONE,
    READ,
    TEXT,
    WRITE,
    request,
)
from tests.test_golden import BASE_URL, FOLDER, THREE_A_MINUTE, exchanges
from tests.test_seed_pages import FRESH, in_process

ORDINARY = {
    "a record": request(GET_ONE),
    "a list": request("GET /api/v1/alert_groups/?perpage=2&page=2 HTTP/1.1"),
    "another list": request("GET /v2/incidents?page_size=2 HTTP/1.1"),
    "a write": WRITE,
    "an import": IMPORTED,
    "an invalid body": request(IMPORT, JSON, body=b'{"title": 3}'),
    "no JSON": request(POST_ONE, JSON, body=b"{"),
    "a form": request(POST_ONE, "Content-Type: application/x-www-form-urlencoded", body=b"text=x"),
    "no body": request(POST_ONE, JSON),
    "an empty body": request(POST_ONE, JSON, "Content-Length: 0"),
    "HEAD": request(GET_ONE.replace("GET", "HEAD")),
    "HEAD of nothing": request("HEAD /api/v1/nothing/ HTTP/1.1"),
    "OPTIONS": request("OPTIONS /api/v1/postmortems/ HTTP/1.1"),
    "404": request("GET /api/v1/postmortems/PNONE/ HTTP/1.1"),
    "404 of the other": request("GET /v2/nothing HTTP/1.1"),
    "405": request("PUT /api/v1/postmortems/ HTTP/1.1"),
    "a page": request("GET / HTTP/1.1", "Accept: text/html"),
    "401": b"GET /v2/incidents HTTP/1.1\r\nHost: mock\r\n\r\n",
    "a deletion": request("DELETE /api/v1/resolution_notes/M4BTQUS3PRHYQ/ HTTP/1.1"),
    "a body that nobody wants": request(GET_ONE, body=b"x" * 70_000),
    "an explanation asked for": request(GET_ONE, "X-Mock-Explain: 1"),
    "a sandbox by header": request(GET_USER, "X-Mock-Sandbox: one", "x-mock-sandbox: two"),
    "a sandbox by prefix": request("POST /_mock/sandboxes/one/api/v1/postmortems/ HTTP/1.1", JSON, body=TEXT),
    "keep-alive": request(GET_USER, "Connection: keep-alive"),
    "close": request(GET_USER, "Connection: close"),
    "HTTP/1.0": request(GET_USER.replace("1.1", "1.0")),
    "HTTP/1.0 that stays": request(GET_USER.replace("1.1", "1.0"), "Connection: keep-alive"),
    "odd headers": request(GET_USER, "x:", "X-UPPER: \xe4\xff", "Accept:\t*/*  ", "x-a: 1", "X-A: 2"),
    "an odd query": request("GET /api/v1/users/?page=%zz&&=&a=%ff&page=1?x HTTP/1.1"),
    "two slashes": request("GET //api/v1/users/ HTTP/1.1"),
    "a path like the mock's own": request("GET /_mockery HTTP/1.1"),
}
UNUSUAL = {
    "chunks": request(POST_ONE, JSON, "Transfer-Encoding: chunked")
    + b"%x\r\n%b\r\n0\r\n\r\n" % (len(TEXT), TEXT),
    "100-continue": request(POST_ONE, JSON, "Expect: 100-continue", body=TEXT),
    "another expectation": request(GET_USER, "Expect: nothing"),
    "an offer": request(IMPORT, JSON, "Connection: Upgrade", "Upgrade: h2c", body=DOCUMENT),
    "an escape in the path": request("GET /api/v1/%75sers/current/ HTTP/1.1"),
    "the control API, escaped": request("GET /%5Fmock/health HTTP/1.1", host="Host: localhost"),
    "the control API": request("GET /_mock/health HTTP/1.1", host="Host: localhost"),
    "the control API of another host": request("GET /_mock/health HTTP/1.1"),
    "the control API of a sandbox": request(
        "POST /_mock/sandboxes/one/reset HTTP/1.1", "Content-Length: 0", host="Host: localhost"
    ),
    "the control API under a prefix": request("GET /_mock/sandboxes/a/_mock/health HTTP/1.1"),
    "no name of a sandbox": request(GET_USER, "X-Mock-Sandbox: no/name"),
    "an empty name": request(GET_USER, "X-Mock-Sandbox:"),
    "no name in a prefix": request("GET /_mock/sandboxes/a~b/api/v1/users/ HTTP/1.1"),
    "a page of somebody else's": request(
        "GET /_mock/sandboxes/one/api/v1/users/ HTTP/1.1", "Sec-Fetch-Site: cross-site"
    ),
    "a fragment": request("GET /api/v1/users/current/#me HTTP/1.1"),
    "an absolute target": request("GET http://other/api/v1/users/current/ HTTP/1.1"),
    "an odd method": request("FOO /api/v1/users/current/ HTTP/1.1"),
    "a long target": request(f"GET /api/v1/users/?{'x' * 66_000} HTTP/1.1"),
    "no target": request("OPTIONS * HTTP/1.1"),
    "CONNECT": request("CONNECT mock:80 HTTP/1.1"),
    "letters beyond ASCII": request("GET /api/v1/users/\xe4/ HTTP/1.1"),
    "too much": request(IMPORT, JSON, body=b" " * (LARGEST_BODY + 1)),
    "no HTTP": b"no HTTP at all\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    "two lengths": request(POST_ONE, JSON, "Content-Length: 3", body=TEXT),
    "a length that is none": request(POST_ONE, JSON, "Content-Length: x"),
    "HTTP/2.0": request(GET_USER.replace("1.1", "2.0")),
    "a head without an end": b"GET / HTTP/1.1\r\nx: " + b"x" * 300_000,
}


@pytest.mark.parametrize("raw", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_requests_are_answered_alike_and_never_reach_the_application(
    twins: Twins, raw: bytes
) -> None:
    assert twins.taken(raw)


@pytest.mark.parametrize("raw", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_requests_are_answered_alike(twins: Twins, raw: bytes) -> None:
    assert twins.alike(raw).raw != b""
    assert twins.alike(READ, raw, READ).raw != b""


def test_whatever_is_told_in_one_go_is_answered_in_its_order(twins: Twins) -> None:
    for raw in (*ORDINARY.values(), *UNUSUAL.values()):
        twins.alike(READ + raw + WRITE)
        twins.alike(raw + raw)


def test_as_many_requests_as_fit_in_a_packet_are_answered(twins: Twins) -> None:
    heard = twins.alike(READ * 300 + IMPORTED * 100 + UNUSUAL["chunks"] + READ)
    assert heard.raw.count(b"HTTP/1.1 20") == 402


@pytest.mark.parametrize("raw", [READ, WRITE, IMPORTED, READ + WRITE, UNUSUAL["chunks"]])
def test_a_request_may_be_split_anywhere(twins: Twins, raw: bytes) -> None:
    for at in range(1, len(raw)):
        told = twins.alike(raw[:at], raw[at:], READ)
        assert told.raw.count(b"HTTP/1.1 20") == raw.count(b" HTTP/1.1") + 1


def test_a_request_may_come_byte_by_byte(twins: Twins) -> None:
    raw = READ + WRITE + READ
    for at_once in (False, True):
        heard = twins.alike(*(raw[at : at + 1] for at in range(len(raw))), at_once=at_once)
        assert heard.raw.count(b"HTTP/1.1 20") == 3


def test_a_client_that_hangs_up_in_the_middle_has_asked_for_nothing(twins: Twins) -> None:
    for at in range(1, len(WRITE)):
        assert twins.alike(WRITE[:at]).raw == b""
    assert twins.fast.journal() == []


def test_nothing_is_answered_after_the_last_answer(twins: Twins) -> None:
    last = request(GET_USER, "Connection: close")
    for rest in (READ, WRITE, UNUSUAL["chunks"], UNUSUAL["the control API"], b"\0\r\n", last + READ):
        heard = twins.alike(last + rest)
        assert (heard.raw.count(b"HTTP/1.1 "), heard.ending) == (1, "closed")


def test_what_is_no_http_is_refused_after_the_answers_before_it(twins: Twins) -> None:
    """Of whichever protocol these are, and however the packets fall."""
    for before, nonsense in [
        (READ, b"\0\r\n"),
        (READ + WRITE, b"GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        (UNUSUAL["chunks"], b"\0\r\n"),
        (UNUSUAL["the control API"] + READ, b"\0\r\n\0"),
    ]:
        in_one, in_two = twins.alike(before + nonsense), twins.alike(before, nonsense)
        for heard in (in_one, in_two):
            statuses = [line.split()[1] for line in heard.raw.split(b"HTTP/1.1")[1:]]
            line = b"HTTP/1.1 400 Bad Request\r\n"
            assert heard.raw.count(line) == 1
            assert heard.ending == "closed"
            assert heard.raw.rindex(line) == heard.raw.rindex(b"HTTP/1.1 ")
            assert len(statuses) > 1


def test_every_command_of_the_vendors_pages_is_answered_alike(twins: Twins) -> None:
    with httpx.Client(transport=twins, base_url="http://mock.example") as client:
        for command in FRESH:
            assert in_process(client, command.curl)[0] == command.status


def test_a_long_story_with_incident_io_is_answered_alike(twins: Twins) -> None:
    for step in story():
        asked = step.exchange().asked
        headers = [(name.encode(), value.encode()) for name, value in asked.headers]
        twins.exchange(asked.method, asked.target, headers, asked.body)


@pytest.mark.parametrize(
    "settings, spent",
    [({}, 0), ({"quirks": True}, 0), ({"rate_factor": 1.0}, 300), ({"rate_factor": THREE_A_MINUTE}, 3)],
    ids=["", "quirks", "limited", "narrow"],
)
def test_every_recorded_exchange_is_answered_alike(
    make_twins: MakeTwins, settings: dict[str, object], spent: int
) -> None:
    served = {"providers": ("grafana-oncall",), "fixtures": FOLDER, "base_url": BASE_URL}
    twins = make_twins(**{**served, "check_responses": not settings.get("quirks"), **settings})
    with Replay(twins) as replay:
        replay.spend("rate-token", spent)
        replay.run(exchanges())
    assert len(twins.fast.journal()) == spent + len(exchanges())
    assert twins.fast.reached < len(exchanges()) / 4


def test_the_servers_own_headers_come_first(twins: Twins) -> None:
    heard = twins.alike(READ)
    assert heard.raw.startswith(b"HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-type: ")
