"""What goes wrong, on purpose or not, goes wrong alike, and the engine is asked once."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest

from mockserver.core.exchange import Answer, Request
from mockserver.server.engine import Engine, Reply
from mockserver.server.faults.effects import Effect
from tests.server.protocol.conftest import MakeTwins
from tests.server.protocol.lines import Heard, Twins
from tests.server.protocol.requests import GET_USER, IMPORTED, JSON, READ, WRITE, request

LINE = b"HTTP/1.1 "


def planned(twins: Twins, act: dict[str, Any]) -> None:
    """For the next request of the default sandbox."""
    rule = json.dumps({"act": act, "match": {"times": 1}}).encode()
    told = twins.alike(request("POST /_mock/faults HTTP/1.1", JSON, host="Host: localhost", body=rule))
    assert b" 201 " in told.raw, told.raw


def waited_for(twins: Twins, raw: bytes) -> Heard:
    with twins.lines() as (fast, plain):
        for line in (fast, plain):
            line.tell(raw)
            line.finish()
        assert fast.heard == plain.heard
        return fast.heard


@pytest.mark.parametrize(
    "act, ending",
    [
        ({"reset": True}, "reset"),
        ({"reset": True, "after": True}, "reset"),
        ({"truncate": True}, "closed"),
        ({"delay": 0.01}, ""),
        ({"drip": 0.001}, ""),
        ({"status": 503, "retry_after": 3}, ""),
        ({"malformed": True}, ""),
        ({"content_type": "text/html"}, ""),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "raw", [WRITE, READ.replace(b"GET", b"HEAD"), IMPORTED], ids=["write", "head", "import"]
)
def test_a_fault_does_the_same_to_an_answer(
    twins: Twins, raw: bytes, act: dict[str, Any], ending: str
) -> None:
    planned(twins, act)
    headless = "truncate" in act and raw.startswith(b"HEAD")
    assert waited_for(twins, raw).ending == ("" if headless else ending)
    assert twins.fast.journal() == twins.plain.journal()
    assert twins.alike(raw).raw.startswith(LINE)


def test_an_answer_that_never_comes_ends_with_the_server(twins: Twins) -> None:
    planned(twins, {"hang": True})
    with twins.lines() as (fast, plain):
        for line in (fast, plain):
            line.tell(READ)
            assert line.heard == Heard(b"", "")
            line.protocol.shutdown()
            assert line.heard == Heard(b"", "reset")


def test_a_request_may_choose_its_own_fault(twins: Twins) -> None:
    assert b" 503 " in twins.alike(request(GET_USER, "Prefer: code=503")).raw
    assert b" 200 " in waited_for(twins, request(GET_USER, "Prefer: wait=0.01")).raw


def test_an_answer_with_an_effect_is_asked_of_the_engine_once(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(engine: Engine, name: str, request: Request) -> Reply:
        asked.append(name)
        return Reply(Answer(200, (), b"late"), Effect(delay=0.001))

    monkeypatch.setattr(Engine, "answer", answer)
    assert waited_for(twins, request(GET_USER, "X-Mock-Sandbox: one")).raw.endswith(b"late")
    assert asked == ["one", "one"]


def test_a_crash_is_worded_and_logged_alike(
    twins: Twins, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(engine: Engine, name: str, request: Request) -> Reply:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(Engine, "answer", crash)
    for raw in (READ, WRITE, IMPORTED):
        caplog.clear()
        assert b" 500 " in twins.alike(raw).raw
        # The log is written once the answer is out.
        end = time.monotonic() + 20
        while len(caplog.records) < 2 and time.monotonic() < end:
            time.sleep(0.001)
        assert [record.message for record in caplog.records] == ["Exception in ASGI application\n"] * 2
        assert {str(record.exc_info and record.exc_info[1]) for record in caplog.records} == {
            "nobody thought of this"
        }


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, (("X-Name", "ein\r\nX-Two: zwei"),), b"x"),
        Answer(200, (("X Name", "x"),), b"x"),
        Answer(200, (("X-Name", "\u20ac"),), b"x"),
        Answer(200, (("Connection", "close"),), b"x"),
        Answer(200, (("Transfer-Encoding", "chunked"),), b"x"),
        Answer(200, (("Content-Length", "2"),), b"x"),
        Answer(999, (), b"x"),
        Answer(204, (), b""),
        Answer(304, (("ETag", "x"),), b"x"),
    ],
    ids=str,
)
def test_an_odd_answer_is_sent_or_refused_alike(
    twins: Twins, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setattr(Engine, "answer", lambda *_: Reply(answer))
    for raw in (READ, READ.replace(b"GET", b"HEAD")):
        twins.alike(raw)


def test_the_log_has_the_same_lines(make_twins: MakeTwins, caplog: pytest.LogCaptureFixture) -> None:
    twins = make_twins(log_level="info")
    caplog.set_level(logging.INFO, "mockserver.access")
    asked = [
        READ,
        WRITE,
        request("GET /api/v1/users/?token=meowmeowmeow&a=%0a HTTP/1.1"),
        request("GET /_mock/sandboxes/one/api/v1/users/ HTTP/1.1"),
        request("GET /api/v1/a;b@c/ HTTP/1.1", "X-Mock-Sandbox: one"),
        request("GET /api/v1/us%65rs/ HTTP/1.1"),
    ]
    lines = []
    for raw in asked:
        caplog.clear()
        twins.alike(raw)
        one, other = [record.getMessage() for record in caplog.records]
        assert one == other
        lines.append(one)
    assert lines[0] == '127.0.0.1 "GET /api/v1/users/current/" 200'
    assert "meow" not in "".join(lines)
    assert twins.fast.reached == 1
