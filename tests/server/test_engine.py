from __future__ import annotations

import asyncio

import httpx
import pytest

from mockserver.core.errors import NotFound
from mockserver.core.exchange import Headers, Request
from mockserver.server.compiled import DocumentedResponses
from mockserver.server.journal.entries import Entry
from tests.conftest import MakeServer
from tests.inprocess import InProcess

KEY = (b"authorization", b"meowmeowmeow")
JSON = (b"content-type", b"application/json")
POSTMORTEMS = "/api/v1/postmortems/"


def post(text: str, *headers: tuple[bytes, bytes]) -> Request:
    body = b'{"alert_group_id": "IQUIET1PAGE11", "text": "%s"}' % text.encode()
    return Request("POST", POSTMORTEMS, headers=Headers([KEY, JSON, *headers]), body=body)


def get(path: str, *headers: tuple[bytes, bytes]) -> Request:
    return Request("GET", path, headers=Headers([KEY, *headers]))


def test_the_journal_says_what_was_asked_what_was_answered_and_what_it_changed(
    make_server: MakeServer,
) -> None:
    engine = make_server(seed=1).engine
    answer = engine.answer("a", post("disk")).answer
    [entry] = engine.sandboxes.named("a").journal
    assert (entry.request.body, entry.answer) == (post("disk").body, answer)
    assert entry.operation is not None
    assert (entry.provider.name, entry.operation.method) == ("grafana-oncall", "POST")
    [(vendor, [change])] = entry.changes
    assert (vendor, change.collection, change.before) == ("grafana-oncall", "postmortems", None)
    assert change.key.encode() in answer.body
    assert entry.at == engine.sandboxes.named("a").services.clock.now()


def test_a_read_changes_nothing_and_a_refusal_is_kept_without_its_stack(make_server: MakeServer) -> None:
    engine = make_server(seed=1).engine
    engine.answer("a", get(f"{POSTMORTEMS}NOPE/"))
    [entry] = engine.sandboxes.named("a").journal
    assert entry.changes == ()
    assert isinstance(entry.refusal, NotFound)
    assert entry.refusal.__traceback__ is None


def test_what_nobody_owns_is_journalled_without_an_operation(make_server: MakeServer) -> None:
    engine = make_server(seed=1).engine
    assert engine.answer("a", get("/nowhere")).answer.status == 404
    [entry] = engine.sandboxes.named("a").journal
    assert (entry.operation, entry.provider.name) == (None, "incident-io")


def test_sandboxes_keep_journals_of_their_own_and_one_count(make_server: MakeServer) -> None:
    engine = make_server(seed=1).engine
    for name in ("a", "b", "a"):
        engine.answer(name, get(POSTMORTEMS))
    numbers = {name: [entry.id for entry in engine.sandboxes.named(name).journal] for name in "ab"}
    assert numbers == {"a": ["r1", "r3"], "b": ["r2"]}


def test_only_who_asks_is_told_where_the_explanation_is(make_server: MakeServer) -> None:
    engine = make_server(seed=1).engine
    plain = engine.answer("a", get(POSTMORTEMS)).answer
    asked = engine.answer("a", get(POSTMORTEMS, (b"x-mock-explain", b"1"))).answer
    assert "X-Mock-Explain" not in dict(plain.headers)
    assert dict(asked.headers)["X-Mock-Explain"] == "/_mock/explain/r2"


def test_whoever_listens_hears_of_every_request_to_any_sandbox(make_server: MakeServer) -> None:
    engine = make_server(seed=1).engine
    heard: list[Entry] = []
    engine.sandboxes.feed.listeners.add(heard.append)
    engine.answer("a", get(POSTMORTEMS))
    engine.answer("b", get("/nowhere"))
    engine.sandboxes.feed.listeners.clear()
    engine.answer("a", get(POSTMORTEMS))
    assert [(entry.sandbox, entry.answer.status) for entry in heard] == [("a", 200), ("b", 404)]


@pytest.mark.parametrize("path", [POSTMORTEMS, "/v2/incidents"])
def test_a_crash_is_journalled_as_the_vendor_words_it(make_server: MakeServer, path: str) -> None:
    engine = make_server(seed=1).engine
    answer = engine.crashed("a", get(path))
    [entry] = engine.sandboxes.named("a").journal
    assert (entry.answer, entry.answer.status) == (answer, 500)


def test_a_crash_over_the_wire_is_journalled_with_what_was_sent_and_points_to_its_explanation(
    monkeypatch: pytest.MonkeyPatch, make_server: MakeServer
) -> None:
    def breach(*_: object) -> None:
        raise ZeroDivisionError

    server = make_server(check_responses=True)
    monkeypatch.setattr(DocumentedResponses, "hold", breach)
    transport = httpx.ASGITransport(server.app, raise_app_exceptions=False)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url=server.settings.base_url) as client:
            headers = {"Authorization": "meowmeowmeow", "X-Mock-Explain": "1"}
            body = {"alert_group_id": "IQUIET1PAGE11", "text": "disk"}
            return await client.post(POSTMORTEMS, headers=headers, json=body)

    answer = asyncio.run(ask())
    [entry] = server.sandboxes.default.journal
    assert (answer.status_code, answer.headers["X-Mock-Explain"]) == (500, f"/_mock/explain/{entry.id}")
    assert b"disk" in entry.request.body


def test_what_there_was_no_room_for_is_journalled_explained_and_nobodys_breach(
    make_server: MakeServer,
) -> None:
    server = make_server(max_bytes=10)
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        headers = {"Authorization": "meowmeowmeow", "X-Mock-Explain": "1"}
        body = {"alert_group_id": "IQUIET1PAGE11", "text": "disk"}
        answer = client.post(POSTMORTEMS, headers=headers, json=body)
        explanation = client.get(answer.headers["X-Mock-Explain"]).json()
    assert (answer.status_code, explanation["breaches"]) == (507, [])
    assert "turned it away" in explanation["decided"]
