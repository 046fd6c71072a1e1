"""How long a connection lives, and what a request costs on it."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from mockserver.core.exchange import Answer, Request
from mockserver.server import serve
from mockserver.server.answering import FastProtocol
from mockserver.server.engine import Engine, Reply
from mockserver.server.protocol import Protocol
from tests.conftest import MakeServer
from tests.server.protocol.lines import Heard, Line, Twins
from tests.server.protocol.requests import GET_USER, POST_ONE, READ, TEXT, WRITE, request

FIVE_HEADERS = request(GET_USER, "Accept: */*", "Accept-Encoding: gzip", "User-Agent: somebody")
# Of our own and of uvicorn's, for a request with so many headers, the engine's not counted.
CALLS, CALLS_WITH_BODY = 12, 15


def endings(twins: Twins, *told: bytes | float) -> str:
    """How the connections end that are told packets, with so many seconds between them."""
    with twins.lines() as (fast, plain):
        for line in (fast, plain):
            for one in told:
                if isinstance(one, bytes):
                    line.tell(one)
                else:
                    line.clock.pass_by(one)
        assert fast.heard == plain.heard
        return fast.heard.ending


def test_a_connection_at_rest_is_closed_after_a_while(twins: Twins) -> None:
    assert endings(twins, READ, 4.9) == ""
    assert endings(twins, READ, 5.1) == "closed"
    assert endings(twins, READ, 4, READ, 4) == ""
    assert endings(twins, READ, 4, READ, 5.1) == "closed"
    assert endings(twins, READ, READ, WRITE, 1, READ, 5.1) == "closed"


def test_whoever_is_in_the_middle_of_a_request_is_waited_for(twins: Twins) -> None:
    assert endings(twins, 60) == ""
    assert endings(twins, READ, 4, READ[:9], 60) == ""
    assert endings(twins, READ, 4, WRITE[:-1], 60) == ""
    assert endings(twins, READ, 4, WRITE[:-1], 60, WRITE[-1:], 5.1) == "closed"
    assert endings(twins, READ + READ[:9], 5.1) == "closed"


def test_requests_of_both_kinds_take_turns_on_a_connection(twins: Twins) -> None:
    other = request(GET_USER, "Expect: nothing")
    assert endings(twins, READ, 4, other, 4, READ, 4, other, 4, READ, 4) == ""
    assert endings(twins, READ, 4, other, 5.1) == "closed"
    assert endings(twins, other, 4, READ, 5.1) == "closed"


def test_one_timer_serves_many_answers_and_goes_with_the_connection(twins: Twins) -> None:
    with twins.lines() as (fast, _):
        fast.tell(*[READ] * 20)
        assert fast.clock.alarms == 1
    assert fast.clock.alarms == 0


@pytest.mark.parametrize("told", [(), (READ,), (READ, READ[:9]), (READ, WRITE[:-1]), (WRITE[:-1],)], ids=len)
def test_a_shutdown_waits_for_nobody_who_is_not_being_answered(twins: Twins, told: tuple[bytes, ...]) -> None:
    with twins.lines() as (fast, plain):
        for line in (fast, plain):
            line.tell(*told)
            line.protocol.shutdown()
            assert line.heard.ending == "closed"
        assert fast.heard == plain.heard


def test_a_client_that_does_not_read_is_told_no_more(twins: Twins) -> None:
    with twins.lines() as (fast, plain):
        for line in (fast, plain):
            line.protocol.pause_writing()
            line.tell(READ, WRITE, READ)
            assert line.heard == Heard(b"", "")
            line.protocol.resume_writing()
            line.settle()
            assert line.heard.raw.count(b"HTTP/1.1 20") == 3
        assert fast.heard == plain.heard


def test_every_answer_is_counted(twins: Twins) -> None:
    before = [side.state.total_requests for side in twins.each()]
    twins.alike(READ, WRITE, READ + READ, request("GET /_mock/health HTTP/1.1", host="Host: localhost"))
    assert [side.state.total_requests for side in twins.each()] == [count + 5 for count in before]


def calls(line: Line, raw: bytes) -> list[str]:
    """The Python functions that are called for a request, without those of test doubles."""
    seen: list[str] = []

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename != sys.modules[Line.__module__].__file__:
            seen.append(frame.f_code.co_qualname)

    sys.setprofile(look)
    try:
        line.protocol.data_received(raw)
    finally:
        sys.setprofile(None)
    return seen


def test_a_request_costs_few_calls_beside_the_engines(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(engine: Engine, name: str, request: Request) -> Reply:
        return reply

    reply = Reply(Answer(200, (("Content-Type", "application/json"),), b"{}"))
    monkeypatch.setattr(Engine, "answer", answer)
    with twins.lines() as (fast, _):
        for raw, most in [
            (FIVE_HEADERS, CALLS),
            (request(POST_ONE, "Accept: */*", "User-Agent: somebody", body=TEXT), CALLS_WITH_BODY),
        ]:
            fast.tell(raw)
            seen = [name for name in calls(fast, raw) if "answer" not in name]
            assert len(seen) <= most, seen


def test_the_flag_turns_it_off(make_server: MakeServer) -> None:
    plain = serve.configuration(make_server(protocol="plain"), log_level="error")
    assert plain.http is Protocol
    fast = serve.configuration(make_server(), log_level="error")
    assert getattr(fast.http, "func", None) is FastProtocol
