from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from mockserver.core.webhook import WebhookTarget
from mockserver.server.app import MockServer
from mockserver.server.engine import Engine, Reply
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.faults.reading import read_rule
from mockserver.server.shared.engine import numbers
from mockserver.server.shared.log import Head, Log, News, Step, Unavailable
from mockserver.server.shared.memory import MemoryLog
from mockserver.server.shared.sandbox import TooMuch
from mockserver.server.state.keeping import keep
from mockserver.server.state.shelf import Snapshot
from tests.shared.replica import Replica
from tests.shared.team import (
    ask,
    declaring,
    deleting,
    importing,
    listing,
    member,
    publish,
    reading,
    titles,
    writing,
)


@pytest.fixture
def pair(log: Log) -> tuple[MockServer, MockServer]:
    return member(log, 0), member(log, 1)


def test_what_one_has_written_the_other_reads(pair: tuple[MockServer, MockServer]) -> None:
    one, other = pair
    assert ask(one, importing("disk full")).status == 201
    assert "disk full" in titles(other)
    assert ask(one, listing()).body == ask(other, listing()).body


def test_who_is_far_behind_reads_the_records(pair: tuple[MockServer, MockServer]) -> None:
    one, other = pair
    for number in range(8):
        assert ask(one, importing(f"n{number}")).status == 201
    assert ask(other, listing()).body == ask(one, listing()).body


def test_who_comes_later_finds_all_that_was_written_and_deleted(log: Log) -> None:
    one = member(log)
    written = orjson.loads(ask(one, writing("to go")).body)["id"]
    ask(one, writing("to stay"))
    assert ask(one, deleting(written)).status == 204
    assert ask(member(log, 1), reading()).body == ask(one, reading()).body


def test_a_read_appends_nothing(log: Log) -> None:
    one = member(log)
    before = log.head("default")
    ask(one, listing())
    ask(one, reading("/api/v1/postmortems/NOPE/"))
    assert log.head("default") == before


def test_with_rate_limits_every_request_is_told(log: Log) -> None:
    one, other = member(log, 0, rate_factor=1 / 150), member(log, 1, rate_factor=1 / 150)
    statuses = [ask(mock, reading()).status for mock in (one, other, one, other)]
    assert statuses == [200, 200, 429, 429]


def test_a_seeded_pair_answers_as_one_alone_would(log: Log) -> None:
    one, other, alone = member(log, 0, seed=7), member(log, 1, seed=7), member(MemoryLog(), 2, seed=7)
    for number in range(6):
        request = importing(f"n{number}") if number % 2 else writing(f"n{number}")
        assert ask((one, other)[number % 3 % 2], request) == ask(alone, request)
    assert ask(other, listing()) == ask(alone, listing())


class Overtaken(MemoryLog):
    """Somebody else is first with a step of his own, `times` times."""

    def __init__(self, rival: list[MockServer], times: int) -> None:
        super().__init__()
        self.rival, self.times = rival, times

    def append(self, sandbox: str, head: Head, step: Step) -> Head | None:
        if self.times and self.rival:
            self.times -= 1
            rival = self.rival.pop()
            assert ask(rival, importing(f"rival {self.times}")).status == 201
            self.rival.append(rival)
        return super().append(sandbox, head, step)


def test_a_write_that_was_overtaken_is_done_once_on_top_of_the_others() -> None:
    rivals: list[MockServer] = []
    log = Overtaken(rivals, times=0)
    one, rival = member(log, 0, seed=3), member(log, 1, seed=3)
    rivals.append(rival)
    log.times = 2
    assert ask(one, importing("mine")).status == 201
    assert [title for title in titles(one) if "-" not in title] == ["mine", "rival 0", "rival 1"]
    assert titles(one) == titles(rival)


def test_a_deletion_that_was_overtaken_leaves_everything_in_its_place() -> None:
    rivals: list[MockServer] = []
    log = Overtaken(rivals, times=0)
    one, rival = member(log, 0), member(log, 1)
    gone = orjson.loads(ask(one, writing("gone")).body)["id"]
    ask(one, writing("after it"))
    rivals.append(rival)
    log.times = 1
    assert ask(one, deleting(gone)).status == 204
    assert ask(one, reading()).body == ask(rival, reading()).body == ask(member(log, 2), reading()).body


def test_a_request_that_was_overtaken_is_in_the_journal_once() -> None:
    rivals: list[MockServer] = []
    log = Overtaken(rivals, times=0)
    one, rival = member(log, 0), member(log, 1)
    rivals.append(rival)
    log.times = 3
    ask(one, importing("mine"))
    assert len(one.sandboxes.default.journal) == 1


def overtaken(times: int) -> tuple[MockServer, MockServer, Overtaken]:
    """One whose next write somebody else will be faster than, and that somebody."""
    rivals: list[MockServer] = []
    log = Overtaken(rivals, times=0)
    one, rival = member(log, 0), member(log, 1)
    rivals.append(rival)
    log.times = times
    return one, rival, log


def test_a_fault_counts_a_request_that_was_overtaken_once() -> None:
    one, rival, log = overtaken(0)
    spec = read_rule(
        {"id": "second", "match": {"path": "/v2/*", "nth": 2}, "act": {"status": 503}},
        Catalogue({}, frozenset()),
    )
    one.sandboxes.default.faults.add([spec])
    publish(one)
    log.times = 1
    assert ask(one, importing("mine")).status == 503
    [rule] = rival.sandboxes.default.faults
    assert (rule.seen, rule.hit) == (2, 1)
    assert titles(one).count("mine") == 0


def test_a_webhook_of_a_request_that_was_overtaken_goes_out_once() -> None:
    one, rival, log = overtaken(0)
    one.sandboxes.default.outbox.add_target(WebhookTarget("mine", "inbox:"))
    publish(one)
    log.times = 2
    assert ask(one, declaring("k")).status == 200
    assert len(one.sandboxes.default.outbox.deliveries) == len(one.sandboxes.default.outbox.inbox) == 1
    assert len(rival.sandboxes.default.outbox.inbox) == 0


def test_more_than_can_be_told_is_a_crash_that_leaves_nothing_behind(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = member(log)
    before = ask(one, listing()).body
    with monkeypatch.context() as patched:
        patched.setattr("mockserver.server.shared.sandbox.MOST_CHANGES", 1)
        with pytest.raises(TooMuch):
            ask(one, importing("too much"))
    assert ask(one, listing()).body == before


class Broken(MemoryLog):
    broken = False

    def append(self, sandbox: str, head: Head, step: Step) -> Head | None:
        if self.broken:
            raise Unavailable
        return super().append(sandbox, head, step)


def test_a_log_that_is_not_to_be_had_is_a_failure_in_the_vendors_words_and_changes_nothing() -> None:
    log = Broken()
    one = member(log)
    before = ask(one, listing()).body
    log.broken = True
    answer = ask(one, importing("lost"))
    assert (answer.status, orjson.loads(answer.body)["status"]) == (500, 500)
    assert ask(one, listing()).body == before
    log.broken = False
    assert ask(one, importing("kept")).status == 201
    assert "lost" not in titles(one)


def test_a_crash_half_way_through_leaves_nothing_behind(
    pair: tuple[MockServer, MockServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = pair
    before = ask(one, listing()).body
    answer = Engine.answer

    def crashing(self: Engine, name: str, request: object) -> Reply:
        answer(self, name, importing("half"))
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(Engine, "answer", crashing)
        with pytest.raises(RuntimeError):
            ask(one, importing("half"))
    assert ask(one, importing("whole")).status == 201
    assert "half" not in titles(other)
    assert len(before) < len(ask(other, listing()).body)


def test_a_reset_reaches_the_other_and_empties_its_journal(pair: tuple[MockServer, MockServer]) -> None:
    one, other = pair
    ask(one, importing("gone"))
    assert "gone" in titles(other)
    one.sandboxes.reset("default")
    assert "gone" not in titles(other)
    assert len(other.sandboxes.default.journal) == 1


def test_a_snapshot_that_one_has_taken_the_other_restores(pair: tuple[MockServer, MockServer]) -> None:
    one, other = pair
    ask(one, importing("kept"))
    before = ask(one, listing()).body
    sandbox = one.sandboxes.default
    sandbox.shelf.put(Snapshot("before", sandbox.services.clock.now(), keep(sandbox)))
    ask(one, importing("later"))
    found = other.sandboxes.default.shelf.get("before")
    assert found is not None
    other.sandboxes.bring_back(other.sandboxes.default, found.state)
    assert ask(one, listing()).body == before
    assert len(one.sandboxes.default.journal) >= 3


def test_a_fork_goes_on_from_where_the_other_process_is(pair: tuple[MockServer, MockServer]) -> None:
    one, other = pair
    ask(one, importing("forked"))
    other.sandboxes.fork(other.sandboxes.default, "copy")
    assert titles(one, "copy") == titles(one)
    ask(one, importing("only here"), "copy")
    assert "only here" not in titles(other)


def test_numbers_of_two_seats_rise_and_never_meet() -> None:
    def still() -> float:
        return 1_800_000_000.0

    one: Iterator[int] = numbers(1, still)
    other: Iterator[int] = numbers(2, still)
    drawn = [next(one) for _ in range(5)]
    assert drawn == sorted(drawn)
    assert not {*drawn} & {next(other) for _ in range(5)}


class Far(MemoryLog):
    """Counts what is asked of it."""

    far = True

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def head(self, sandbox: str) -> Head | None:
        self.asked.append("head")
        return super().head(sandbox)

    def append(self, sandbox: str, head: Head, step: Step) -> Head | None:
        self.asked.append("append")
        return super().append(sandbox, head, step)

    def read(self, sandbox: str, known: Head | None) -> News | None:
        self.asked.append("read")
        return super().read(sandbox, known)


def test_a_log_that_is_far_is_asked_once_for_each_request() -> None:
    log = Far()
    one = member(log)
    for request, asked in ((importing("a"), "append"), (listing(), "head"), (writing("b"), "append")):
        log.asked.clear()
        ask(one, request)
        assert log.asked == [asked]


def test_who_presumed_wrongly_of_a_log_that_is_far_answers_from_what_there_is() -> None:
    log = Far()
    one, other = member(log, 0, seed=3), member(log, 1, seed=3)
    ask(one, importing("a"))
    for asking, request in (
        (other, listing()),
        (other, importing("b")),
        (one, importing("c")),
        (other, importing("d")),
    ):
        log.asked.clear()
        ask(asking, request)
        assert len(log.asked) <= 4
    assert [title for title in titles(one) if len(title) == 1] == ["d", "c", "b", "a"]
    assert titles(one) == titles(other)
    assert len(other.sandboxes.default.journal) == 4


def test_a_log_that_is_far_and_gone_changes_nothing() -> None:
    class Gone(Far):
        gone = False

        def head(self, sandbox: str) -> Head | None:
            if self.gone:
                raise Unavailable
            return super().head(sandbox)

        def append(self, sandbox: str, head: Head, step: Step) -> Head | None:
            if self.gone:
                raise Unavailable
            return super().append(sandbox, head, step)

    log = Gone()
    one = member(log)
    before = ask(one, listing()).body
    log.gone = True
    for _ in range(2):
        assert ask(one, importing("lost")).status == 500
        assert ask(one, listing()).status == 500
    log.gone = False
    assert ask(one, listing()).body == before
    assert len(one.sandboxes.default.journal) == 2


def test_what_came_and_went_leaves_nothing_in_the_records(log: Log) -> None:
    one = member(log)
    for number in range(5):
        written = orjson.loads(ask(one, writing(f"n{number}")).body)["id"]
        assert ask(one, deleting(written)).status == 204
    for _ in range(8):
        ask(one, importing("one of a few"))
    found = Replica(log, "default")
    assert found.catch_up()
    assert [record for _, record in found.records.values() if record is None] == []
    assert ask(member(log, 1), reading()).body == ask(one, reading()).body
