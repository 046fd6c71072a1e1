"""httpx without a socket: the same answers as over ASGI, and the same exceptions as over a socket."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from mockserver.core.exchange import LARGEST_BODY, Request
from mockserver.server.app import MockServer
from mockserver.server.compiled import DocumentedResponses
from mockserver.server.engine import Reply
from mockserver.transport import Direct, DirectTransport, NeedsLoop
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.transport.conftest import GROUP, INCIDENT, NOTES, ONCALL, Way

IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"
NEW = {"alert_group_id": "IQUIET1PAGE11", "text": "new"}

ASKED: list[dict[str, Any]] = [
    {"method": "GET", "url": NOTES, "headers": ONCALL, "params": {"perpage": "1"}},
    {"method": "POST", "url": NOTES, "headers": ONCALL, "json": NEW},
    {"method": "POST", "url": f"/_mock/sandboxes/a{NOTES}", "headers": ONCALL, "json": NEW},
    {"method": "GET", "url": NOTES, "headers": {**ONCALL, "X-Mock-Sandbox": "a"}},
    {"method": "GET", "url": NOTES, "headers": {**ONCALL, "X-Mock-Sandbox": "no name"}},
    {"method": "GET", "url": f"/_mock/sandboxes/no%20name{NOTES}", "headers": ONCALL},
    {"method": "HEAD", "url": NOTES, "headers": ONCALL},
    {"method": "OPTIONS", "url": NOTES, "headers": ONCALL},
    {"method": "PUT", "url": "/v2/nowhere", "headers": INCIDENT},
    {"method": "POST", "url": IMPORT, "headers": INCIDENT, "json": {"content": "no title"}},
    {"method": "POST", "url": IMPORT, "headers": INCIDENT, "content": b"x" * (LARGEST_BODY + 1)},
    {"method": "GET", "url": "/api/v1/postmortems/%2e%2e%2Fx/", "headers": ONCALL},
    {"method": "GET", "url": "/_mock/health"},
    {"method": "GET", "url": "/_mock/sandboxes"},
    {"method": "GET", "url": "/%5Fmock/health"},
    {"method": "GET", "url": "/_mock/health", "headers": {"Host": "elsewhere.example"}},
    {"method": "POST", "url": "/_mock/webhooks/targets", "json": {"url": "http://elsewhere.example/"}},
]


def test_answers_are_byte_for_byte_those_of_the_application(make_server: MakeServer) -> None:
    server, twin = (make_server(seed=1, base_url="http://mock.test") for _ in range(2))
    with (
        httpx.Client(transport=DirectTransport(Direct(server)), base_url="http://mock.test") as direct,
        httpx.Client(transport=InProcess(twin.app), base_url="http://mock.test") as over_asgi,
    ):
        for asked in ASKED:
            seen, expected = direct.request(**asked), over_asgi.request(**asked)
            assert (seen.status_code, seen.headers.raw, seen.content) == (
                expected.status_code,
                expected.headers.raw,
                expected.content,
            ), asked


def test_the_journal_keeps_a_request_as_it_came_over_the_wire(way: Way, server: MockServer) -> None:
    with way.client() as client:
        client.get(NOTES, headers={"Authorization": " meowmeowmeow "}, params={"page": "1"})
    (entry,) = server.sandboxes.default.journal
    assert (entry.request.query, entry.answer.status) == ("page=1", 200)
    assert (b"authorization", b"meowmeowmeow") in entry.request.headers.raw


def test_links_that_lead_on_are_followed_by_the_same_client(direct_client: httpx.Client) -> None:
    for _ in range(3):
        direct_client.post(NOTES, json=NEW, headers=ONCALL)
    page, seen = f"{NOTES}?perpage=1", 0
    while page:
        found = direct_client.get(page, headers=ONCALL).json()
        seen, page = seen + len(found["results"]), found["next"]
    assert seen == 4


def test_a_streamed_upload_and_a_streamed_answer_are_whole(direct_client: httpx.Client) -> None:
    body = [b'{"alert_group_id": "IQUIET1PAGE11", ', b'"text": "in pieces"}']
    headers = {**ONCALL, "Content-Type": "application/json"}
    with direct_client.stream("POST", NOTES, content=iter(body), headers=headers) as answer:
        assert answer.status_code == 201
        assert b"in pieces" in b"".join(answer.iter_bytes())


def test_an_asynchronous_client_is_answered_alike(way: Way) -> None:
    async def ask() -> list[int]:
        async with way.async_client(headers=ONCALL) as client:
            answers = await asyncio.gather(*(client.post(NOTES, json=NEW) for _ in range(5)))
            return [*(answer.status_code for answer in answers), (await client.get(NOTES)).json()["count"]]

    assert asyncio.run(ask()) == [201] * 5 + [6]


def test_threads_are_answered_one_after_the_other(
    way: Way, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, inside, most = server.engine.answer, [0], [0]

    def watched(name: str, request: Request) -> Reply:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        for _ in range(100):
            time.sleep(0)  # lets whoever can come in
        reply = answer(name, request)
        inside[0] -= 1
        return reply

    monkeypatch.setattr(server.engine, "answer", watched)
    with way.client(headers=ONCALL) as client, ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: client.post(NOTES, json=NEW).json()["id"], range(40)))
        assert (len(ids), client.get(NOTES).json()["count"], most) == (40, 41, [1])


@pytest.mark.parametrize("act", [{"hang": True}, {"delay": 3600}, {"drip": 3600}])
def test_what_takes_too_long_is_a_read_timeout_at_once(
    way: Way, direct_client: httpx.Client, act: dict[str, Any]
) -> None:
    way.fault(**act)
    with pytest.raises(httpx.ReadTimeout):
        direct_client.get(GROUP, headers=ONCALL)
    assert way.slept == []


def test_a_delay_within_the_patience_is_slept(way: Way, direct_client: httpx.Client) -> None:
    way.fault(delay=1.5)
    assert direct_client.get(GROUP, headers=ONCALL).status_code == 200
    assert direct_client.get(GROUP, headers=ONCALL, timeout=None).status_code == 200
    assert way.slept == [1.5, 1.5]


def test_pieces_that_drip_are_waited_for_together(way: Way, direct_client: httpx.Client) -> None:
    way.fault(drip=0.5)
    answer = direct_client.get(GROUP, headers=ONCALL)
    assert answer.json()["id"] == "I68T24C13IFW1"
    assert way.slept == [4.5]


def test_a_reset_is_a_read_error(way: Way, direct_client: httpx.Client) -> None:
    way.fault(reset=True)
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        direct_client.get(GROUP, headers=ONCALL)


def test_a_truncated_answer_has_a_status_and_half_a_body(way: Way, direct_client: httpx.Client) -> None:
    whole = direct_client.get(GROUP, headers=ONCALL).content
    way.fault(truncate=True)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        direct_client.get(GROUP, headers=ONCALL)
    with direct_client.stream("GET", GROUP, headers=ONCALL) as answer:
        chunks = answer.iter_raw()
        assert (answer.status_code, next(chunks)) == (200, whole[: len(whole) // 2])
        with pytest.raises(httpx.RemoteProtocolError):
            next(chunks)


@pytest.mark.parametrize("act", [{"truncate": True}, {"drip": 3600}])
def test_an_answer_without_a_body_comes_whole(
    way: Way, direct_client: httpx.Client, act: dict[str, Any]
) -> None:
    """As over a socket: there is nothing to break off, and nothing that could drip."""
    own = direct_client.post(NOTES, headers=ONCALL, json=NEW).json()["id"]
    way.fault(**act)
    assert direct_client.head(NOTES, headers=ONCALL).status_code == 200
    assert direct_client.delete(f"{NOTES}{own}/", headers=ONCALL).status_code == 204
    assert way.slept == []


def test_an_asynchronous_client_meets_the_same_ends(way: Way) -> None:
    async def ask(act: dict[str, Any]) -> None:
        way.fault(**act)
        async with way.async_client(headers=ONCALL) as client:
            await client.get(GROUP)
            await client.delete("/_mock/faults")

    for act, problem in (
        ({"hang": True, "times": 1}, httpx.ReadTimeout),
        ({"reset": True}, httpx.ReadError),
        ({"truncate": True}, httpx.RemoteProtocolError),
    ):
        act.pop("times", None)
        with way.client() as client:
            client.delete("/_mock/faults")
        with pytest.raises(problem):
            asyncio.run(ask(act))


def test_what_needs_a_loop_says_so(direct_client: httpx.Client) -> None:
    with pytest.raises(NeedsLoop, match="over a socket only"):
        direct_client.get("/_mock/docs/assets/swagger-ui.css")


def test_a_crash_of_the_mock_is_raised_and_journaled(
    monkeypatch: pytest.MonkeyPatch, server: MockServer, direct_client: httpx.Client
) -> None:
    def breach(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(DocumentedResponses, "hold", breach)
    with pytest.raises(ZeroDivisionError):
        direct_client.get(NOTES, headers=ONCALL)
    (entry,) = server.sandboxes.default.journal
    assert entry.answer.status == 500
