"""A journal stays within its bounds whatever it is told, and an entry weighs no less than what it holds."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FunctionType, MethodType, ModuleType
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.errors import Breach, Invalid, Malformed, MethodNotAllowed, Refusal
from mockserver.core.exchange import Answer, Headers, Request
from mockserver.core.store import Change
from mockserver.providers import REGISTRY
from mockserver.server.journal.entries import Entry
from mockserver.server.journal.journal import Feed, Journal, JournalBounds
from mockserver.server.journal.trimming import LARGEST_KEPT
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.journal.conftest import INCIDENT, ONCALL, POSTMORTEMS


@dataclass(frozen=True, slots=True)
class Paper:
    id: str
    text: str = ""
    urls: tuple[str, ...] = ()


def entry(number: int = 1, **given: Any) -> Entry:
    request = {key: given.pop(key) for key in ("method", "path", "query", "headers", "body") if key in given}
    values: dict[str, Any] = {
        "sandbox": "default",
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "provider": REGISTRY["incident-io"],
        "operation": None,
        "path": {},
        "request": Request(**{"method": "GET", "path": "/", **request}),
        "answer": Answer(200),
        "refusal": None,
        "changes": (),
        "fault": None,
        "took": 0.0,
    }
    return Entry(number=number, **{**values, **given})


def recorded(found: Entry) -> Entry:
    Journal(JournalBounds(), Feed()).record(found)
    return found


def held(root: Entry) -> int:
    """How many bytes an entry keeps alive, by the interpreter's own count; a vendor is everybody's."""
    seen: set[int] = {id(root.provider)}
    waiting: list[Any] = [root]
    size = 0
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, type | ModuleType | FunctionType | MethodType):
            continue
        seen.add(id(thing))
        size += sys.getsizeof(thing)
        waiting += gc.get_referents(thing)
    return size


texts = st.builds(lambda letter, times: letter * times, st.sampled_from("aé🌍"), st.integers(0, 200_000))
small = st.text(max_size=20)
# What HTTP can carry; anything else never comes from a server.
plain = texts.filter(lambda text: "🌍" not in text)
octets = texts.map(lambda text: text.encode()[:200_000])
headers = st.lists(st.tuples(octets, octets), max_size=5) | st.integers(0, 500).map(
    lambda n: [(b"a", b"b")] * n
)
refusals = st.one_of(
    st.none(),
    texts.map(lambda text: Malformed("JSON", text)),
    texts.map(MethodNotAllowed),
    st.builds(lambda text, n: Invalid([Breach((text,), "type", [text] * n)] * n), texts, st.integers(0, 300)),
)
papers = st.none() | st.builds(Paper, small, texts, st.lists(texts, max_size=5).map(tuple))
changes = st.builds(Change, st.just("papers"), small, papers, papers)
entries = st.builds(
    entry,
    method=plain.map(lambda text: text[:300]),
    path=plain.map(lambda text: f"/{text}"),
    query=plain,
    headers=headers.map(Headers),
    body=octets,
    answer=st.builds(Answer, st.just(200), st.lists(st.tuples(plain, plain), max_size=3).map(tuple), octets),
    refusal=refusals,
    changes=st.lists(changes, max_size=4).map(lambda some: (("incident-io", tuple(some)),)),
)


@given(st.lists(entries, max_size=8), st.integers(0, 5), st.integers(0, 1_000_000))
def test_neither_count_nor_bytes_are_ever_exceeded(told: list[Entry], count: int, size: int) -> None:
    journal = Journal(JournalBounds(count, size), Feed())
    for number, one in enumerate(told, start=1):
        one.number = number
        journal.record(one)
        assert len(journal) <= count
        assert journal.size == sum(kept.size for kept in journal) <= size
    assert [kept.number for kept in journal] == list(range(len(told) - len(journal) + 1, len(told) + 1))
    assert journal.dropped == (len(told) - len(journal) if count else 0)


@given(entries)
def test_an_entry_weighs_no_less_than_it_holds(one: Entry) -> None:
    recorded(one)
    assert held(one) - held(recorded(entry())) <= one.size


@given(entries)
def test_no_entry_is_larger_than_its_parts_may_be(one: Entry) -> None:
    recorded(one)
    assert len(one.request.body) <= LARGEST_KEPT
    assert len(one.answer.body) <= LARGEST_KEPT
    assert one.size <= 8 * 1024 * 1024


@pytest.mark.parametrize(
    ("long", "cut"),
    [
        ({"body": b"x" * (LARGEST_KEPT + 1)}, ("request.body",)),
        ({"answer": Answer(200, (), b"x" * (LARGEST_KEPT + 1))}, ("answer.body",)),
        ({"headers": Headers([(b"a", b"b")] * 101)}, ("request.headers",)),
        ({"headers": Headers([(b"a", b"b" * 9_000)])}, ("request.headers",)),
        ({"answer": Answer(200, (("a", "b" * 9_000),))}, ("answer.headers",)),
        ({"query": "a=1&" * 3_000}, ("request.query",)),
        ({"path": "/" * 9_000}, ("request.path",)),
        ({"method": "A" * 9_000}, ("request.method",)),
        (
            {"changes": (("incident-io", (Change("papers", "1", None, Paper("1", "x" * 99_999)),)),)},
            ("changes",),
        ),
        ({"changes": (("incident-io", (Change("papers", "1", None, Paper("1")),) * 101),)}, ("changes",)),
        ({"body": b"x" * LARGEST_KEPT}, ()),
    ],
)
def test_what_was_cut_is_named(long: dict[str, Any], cut: tuple[str, ...]) -> None:
    assert recorded(entry(**long)).cut == cut


def test_a_refusal_is_kept_without_what_was_on_the_stack_or_in_the_body() -> None:
    def refuse() -> Refusal:
        payload = ["x" * 100_000] * 10
        try:
            try:
                raise KeyError(payload)
            except KeyError:
                raise Invalid([Breach((), "type", payload)]) from None
        except Invalid as refusal:
            return refusal

    kept = recorded(entry(refusal=refuse())).refusal
    assert isinstance(kept, Invalid)
    assert (kept.__traceback__, kept.__context__, kept.__cause__) == (None, None, None)
    assert kept.breaches == (Breach((), "type", []),)


def test_what_was_worked_out_of_a_long_query_is_not_kept() -> None:
    one = entry(query="a=1&" * 1_000)
    assert len(one.request.arguments) == 1_000
    assert one.request.arguments is not one.request.arguments


def test_0_entries_keep_nothing_and_answers_are_the_same(make_server: MakeServer) -> None:
    server = make_server(journal=JournalBounds(entries=0))
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        assert client.get(POSTMORTEMS, headers=ONCALL).status_code == 200
        assert client.get("/_mock/journal").json() == {"entries": [], "total": 0, "dropped": 0}


def test_a_server_forgets_the_oldest_and_counts_them(make_server: MakeServer) -> None:
    server = make_server(journal=JournalBounds(entries=3))
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        for _ in range(5):
            client.get("/v1/identity", headers=INCIDENT)
        found = client.get("/_mock/journal").json()
    assert [one["id"] for one in found["entries"]] == ["r3", "r4", "r5"]
    assert (found["total"], found["dropped"]) == (3, 2)


def test_whoever_listens_is_told_though_nothing_is_kept() -> None:
    feed, told = Feed(), list[Entry]()
    feed.listeners.add(told.append)
    journal = Journal(JournalBounds(entries=0), feed)
    journal.record(entry(body=b"x" * 100_000))
    assert len(journal) == 0
    assert [one.cut for one in told] == [("request.body",)]


def test_a_journal_is_read_backwards_while_somebody_writes_in_another_thread() -> None:
    journal = Journal(JournalBounds(entries=3), Feed())
    for number in (1, 2, 3):
        journal.record(entry(number))
    reading = reversed(journal)
    assert next(reading).number == 3
    journal.record(entry(4))
    assert [read.number for read in reading] == [2, 1]


def test_all_journals_of_a_server_keep_within_one_bound_and_the_idle_ones_make_room(
    make_server: MakeServer,
) -> None:
    engine = make_server(journal=JournalBounds(total=40_000)).engine
    request = Request("GET", "/nowhere", headers=Headers([(b"x-filler", b"x" * 1_000)]))
    for name in ("idle", "busy"):
        for _ in range(10):
            engine.answer(name, request)
    for _ in range(100):
        engine.answer("busy", request)
    idle, busy = (engine.sandboxes.named(name).journal for name in ("idle", "busy"))
    assert idle.size + busy.size <= 40_000
    assert (len(idle), idle.dropped) == (0, 10)
    assert len(busy) >= 10
    engine.sandboxes.delete("busy")
    engine.answer("idle", request)
    assert len(engine.sandboxes.named("idle").journal) == 1
