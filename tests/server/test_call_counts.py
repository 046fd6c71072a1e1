"""What a request costs in calls of Python functions: a number that no noise touches.

The journal is on and full, and answers are held against the documents.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import orjson
import pytest

from mockserver.core.exchange import Headers, Request
from mockserver.server.app import MockServer
from mockserver.server.journal.journal import JournalBounds
from tests.conftest import MakeServer

MOST_OF_A_POST = 60
MOST_OF_A_GET = 35
# Beyond what is asked: a page of fifty costs what a page of one costs.
MOST_OF_A_LIST = 60
# What the vendors' limits add, counted but never reached.
MOST_OF_LIMITS = 6

COMMON = [(b"host", b"127.0.0.1:4010"), (b"accept", b"*/*"), (b"user-agent", b"somebody")]
INCIDENT_IO = [*COMMON, (b"authorization", b"Bearer inc-test-key")]
ONCALL = [*COMMON, (b"authorization", b"meowmeowmeow")]
JSON = [(b"content-type", b"application/json"), (b"content-length", b"0")]
IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"
POSTMORTEMS = "/api/v1/postmortems/"


def import_document() -> Request:
    body = orjson.dumps({"title": "INC-123: Review", "content": "## Summary"})
    return Request("POST", IMPORT, headers=Headers(INCIDENT_IO + JSON), body=body)


def write_postmortem() -> Request:
    body = orjson.dumps({"alert_group_id": "IQUIET1PAGE11", "text": "disk"})
    return Request("POST", POSTMORTEMS, headers=Headers(ONCALL + JSON), body=body)


def show_document(server: MockServer) -> Request:
    written = orjson.loads(answered(server, import_document()))["postmortem_document"]["id"]
    return Request("GET", f"/v1/postmortem_documents/{written}", headers=Headers(INCIDENT_IO))


def show_postmortem(server: MockServer) -> Request:
    written = orjson.loads(answered(server, write_postmortem()))["id"]
    return Request("GET", f"{POSTMORTEMS}{written}/", headers=Headers(ONCALL))


def list_documents(server: MockServer) -> Request:
    return Request("GET", "/v1/postmortem_documents", "page_size=50", Headers(INCIDENT_IO))


def list_postmortems(server: MockServer) -> Request:
    return Request("GET", POSTMORTEMS, "", Headers(ONCALL))


def answered(server: MockServer, request: Request) -> bytes:
    answer = server.engine.answer("default", request).answer
    assert answer.status < 300, answer
    return answer.body


@pytest.fixture
def make_busy(make_server: MakeServer) -> MakeServer:
    def make(rate_factor: float | None = None) -> MockServer:
        """With fifty documents and postmortems and a journal that is full."""
        return _fill(make_server(rate_factor=rate_factor, journal=JournalBounds(entries=50)))

    return make


@pytest.fixture
def busy_server(make_busy: MakeServer) -> MockServer:
    return make_busy()


def _fill(server: MockServer) -> MockServer:
    for _ in range(50):
        answered(server, import_document())
        answered(server, write_postmortem())
    return server


def calls_of(work: Callable[[], object]) -> list[str]:
    """The functions that were called, C's own left out."""
    calls: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_qualname)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls[1:]  # `work` itself


def counted(server: MockServer, make: Callable[[], Request]) -> list[str]:
    answered(server, make())
    request = make()
    return calls_of(lambda: server.engine.answer("default", request))


@pytest.mark.parametrize("make", [import_document, write_postmortem])
def test_a_post_takes_few_calls(busy_server: MockServer, make: Callable[[], Request]) -> None:
    calls = counted(busy_server, make)
    assert len(calls) <= MOST_OF_A_POST, calls


@pytest.mark.parametrize("make", [show_document, show_postmortem])
def test_a_get_takes_few_calls(busy_server: MockServer, make: Callable[[MockServer], Request]) -> None:
    asked = make(busy_server)
    calls = counted(busy_server, lambda: asked)
    assert len(calls) <= MOST_OF_A_GET, calls


@pytest.mark.parametrize("make", [list_documents, list_postmortems])
def test_a_page_of_fifty_takes_few_calls(
    busy_server: MockServer, make: Callable[[MockServer], Request]
) -> None:
    calls = counted(busy_server, lambda: make(busy_server))
    assert len(calls) <= MOST_OF_A_LIST, calls


@pytest.mark.parametrize("make", [import_document, write_postmortem])
def test_the_vendors_limits_add_little(make_busy: MakeServer, make: Callable[[], Request]) -> None:
    free, limited = (len(counted(make_busy(factor), make)) for factor in (None, 1e6))
    assert free < limited <= free + MOST_OF_LIMITS


def test_counting_counts() -> None:
    def inner() -> None: ...

    def outer() -> None:
        inner()
        inner()

    assert len(calls_of(outer)) == 2
