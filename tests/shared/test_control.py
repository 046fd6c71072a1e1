"""What the control API of several processes changes, while others change the same."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context
from typing import Any, cast

import httpx
import pytest

from mockserver.core.webhook import WebhookTarget
from mockserver.server.app import MockServer
from mockserver.server.shared.log import Base, Head, Log, Step, Unavailable
from mockserver.server.shared.memory import MemoryLog
from mockserver.server.shared.sandboxes import SharedSandboxes
from tests.shared.served import PATIENCE, STORES, serving, store_flags
from tests.shared.team import ask, declaring, importing, listing, member, publish, reading, titles

ANYTHING = {"path": "/api/*"}


def control(mock: MockServer, method: str, path: str, body: Any = None) -> httpx.Response:
    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(mock.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, f"/_mock{path}", json=body)

    # Whoever asks looks at nothing that somebody else looks at.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, sent()).result()


def rule(id_: str) -> dict[str, Any]:
    return {"id": id_, "match": ANYTHING, "act": {"status": 503}}


def rules(mock: MockServer) -> list[str]:
    return [found["id"] for found in control(mock, "GET", "/faults").json()["rules"]]


def shared(mock: MockServer) -> SharedSandboxes:
    return cast(SharedSandboxes, mock.sandboxes)


class Staged(MemoryLog):
    """Something happens just before the next things are told; then the log may be gone, or what a turn did may be."""

    def __init__(self) -> None:
        super().__init__()
        self.before: list[Callable[[], object]] = []
        self.gone = False
        self.lost_turns = 0
        self.turns = 0

    def append(self, sandbox: str, head: Head, step: Step) -> Head | None:
        self._happen()
        return super().append(sandbox, head, step)

    def open(self, sandbox: str, base: Base) -> Head:
        self._happen()
        return super().open(sandbox, base)

    def begin(self, sandbox: str, base: Base, *, live_on: bool = False) -> Head:
        self._happen()
        return super().begin(sandbox, base, live_on=live_on)

    def turn(self) -> AbstractContextManager[None]:
        return self._turn()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self.turns += 1
        kept = copy.deepcopy(self._sandboxes)
        yield
        if self.lost_turns:
            self.lost_turns -= 1
            self._sandboxes = kept
            raise Unavailable

    def _happen(self) -> None:
        if self.gone:
            raise Unavailable
        if self.before:
            Context().run(self.before.pop(0))


@pytest.fixture
def staged() -> Staged:
    return Staged()


def test_of_two_rules_that_are_added_at_once_both_are_there(staged: Staged) -> None:
    one, other = member(staged, 0), member(staged, 1)
    answers: list[httpx.Response] = []
    staged.before = [lambda: answers.append(control(other, "POST", "/faults", rule("theirs")))]
    answers.append(control(one, "POST", "/faults", rule("mine")))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert rules(one) == rules(other) == ["theirs", "mine"]


def test_of_two_rules_of_one_id_that_are_added_at_once_one_is_refused(staged: Staged) -> None:
    one, other = member(staged, 0), member(staged, 1)
    staged.before = [lambda: control(other, "POST", "/faults", rule("same"))]
    assert control(one, "POST", "/faults", rule("same")).status_code == 409
    assert rules(one) == rules(other) == ["same"]


def test_a_rule_that_is_added_sets_back_no_count_of_another_process(staged: Staged) -> None:
    one, other = member(staged, 0), member(staged, 1)
    control(one, "POST", "/faults", rule("counting"))
    staged.before = [lambda: ask(other, reading())]
    assert control(one, "POST", "/faults", rule("new")).status_code == 201
    for mock in (one, other):
        assert control(mock, "GET", "/faults/counting").json()["seen"] == 1


def test_a_rule_that_is_added_while_somebody_resets_is_there_afterwards(staged: Staged) -> None:
    one, other = member(staged, 0), member(staged, 1)
    staged.before = [lambda: other.sandboxes.reset("default")]
    assert control(one, "POST", "/faults", rule("mine")).status_code == 201
    assert rules(one) == rules(other) == ["mine"]


def test_who_is_never_first_is_told_so_in_the_end_and_has_changed_nothing(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.server.shared.control.MOST_TRIES", 4)
    one, other = member(staged, 0), member(staged, 1)

    def rival(number: int) -> Callable[[], object]:
        return lambda: control(other, "POST", "/faults", rule(f"n{number}"))

    # Each of these is told, too, with nothing before it.
    staged.before = [step for number in range(3) for step in (rival(number), int)]
    assert control(one, "POST", "/faults", rule("mine")).status_code == 503
    assert rules(one) == rules(other) == ["n0", "n1", "n2"]


@pytest.mark.parametrize("lost_turns", [0, 1])
def test_who_is_never_first_takes_a_turn_and_tries_again_where_it_is_lost(
    staged: Staged, lost_turns: int
) -> None:
    one, other = member(staged, 0), member(staged, 1)
    ask(one, reading())

    def rival(number: int) -> Callable[[], object]:
        return lambda: control(other, "POST", "/faults", rule(f"n{number}"))

    staged.before = [step for number in range(3) for step in (rival(number), int)]
    staged.lost_turns = lost_turns
    assert control(one, "POST", "/faults", rule("mine")).status_code == 201
    assert staged.turns == 1
    assert rules(one) == rules(other) == ["n0", "n1", "n2", "mine"]
    assert control(one, "GET", "/journal/count").json() == {"count": 1}


def test_of_two_forks_of_one_name_at_once_one_is_refused(staged: Staged) -> None:
    one, other = member(staged, 0), member(staged, 1)
    ask(one, importing("forked"))
    wanted = {"name": "copy"}
    answers: list[httpx.Response] = []
    staged.before = [lambda: answers.append(control(other, "POST", "/sandboxes", wanted))]
    answers.append(control(one, "POST", "/sandboxes", wanted))
    assert [answer.status_code for answer in answers] == [201, 409]
    assert "forked" in titles(one, "copy")


def test_a_fork_of_a_sandbox_that_others_work_on_is_made_once(staged: Staged) -> None:
    one, other = member(staged, 0), member(staged, 1)
    control(one, "PUT", "/clock", {"frozen": True, "tick": 1})
    control(one, "GET", "/clock")
    staged.before = [int, lambda: ask(other, importing("meanwhile"))]
    assert control(one, "POST", "/sandboxes", {"name": "copy"}).status_code == 201


def test_what_could_not_be_told_is_not_there_afterwards(staged: Staged) -> None:
    one = member(staged)
    control(one, "POST", "/faults", rule("before"))
    ask(one, reading())
    changes: list[tuple[str, str, Any]] = [
        ("POST", "/faults", rule("lost")),
        ("DELETE", "/faults", None),
        ("PUT", "/clock", {"frozen": True}),
        ("POST", "/webhooks/targets", {"url": "inbox:"}),
    ]
    for method, path, body in changes:
        staged.gone = True
        assert control(one, method, path, body).status_code == 503
        staged.gone = False
    assert rules(one) == ["before"]
    assert control(one, "GET", "/faults/before").json()["seen"] == 1
    assert control(one, "GET", "/clock").json()["frozen"] is False
    assert control(one, "GET", "/webhooks").json()["targets"] == []
    assert control(one, "GET", "/journal/count").json() == {"count": 1}


def test_a_state_that_could_not_be_brought_back_changes_nothing(staged: Staged) -> None:
    one = member(staged)
    assert control(one, "PUT", "/snapshots/before").status_code == 201
    ask(one, importing("later"))
    control(one, "POST", "/faults", rule("later"))
    staged.gone = True
    assert control(one, "POST", "/snapshots/before/restore").status_code == 503
    staged.gone = False
    assert rules(one) == ["later"]
    assert "later" in titles(one)
    assert control(one, "GET", "/journal/count").json() == {"count": 2}


def test_what_a_base_does_not_tell_is_as_in_a_fresh_sandbox(log: Log) -> None:
    one = member(log)
    control(one, "POST", "/faults", rule("gone"))
    control(one, "PUT", "/clock", {"frozen": True})
    control(one, "POST", "/webhooks/targets", {"url": "inbox:"})
    log.begin("default", Base(), live_on=True)
    assert rules(one) == []
    assert control(one, "GET", "/clock").json()["frozen"] is False
    assert control(one, "GET", "/webhooks").json()["targets"] == []


def test_of_a_turn_that_came_to_nothing_no_webhook_goes_out_and_the_journal_stays(staged: Staged) -> None:
    one, other = member(staged, 0), member(staged, 1)
    ask(one, listing())
    one.sandboxes.default.outbox.add_target(WebhookTarget("mine", "inbox:"))
    publish(one)
    staged.before = [
        step
        for number in range(3)
        for step in (lambda number=number: ask(other, importing(f"rival {number}")), int)
    ]
    staged.lost_turns = 1
    assert ask(one, declaring("k")).status == 200
    assert staged.lost_turns == 0
    outbox = one.sandboxes.default.outbox
    assert len(outbox.deliveries) == len(outbox.inbox) == 1
    assert len(one.sandboxes.default.journal) == 2
    incidents = [ask(mock, declaring("k")).body for mock in (one, other)]
    assert incidents[0] == incidents[1]


def test_bytes_that_came_in_with_a_change_are_counted_by_all(log: Log) -> None:
    one = member(log)
    sandbox = one.sandboxes.default
    sandbox.faults.clear()
    one.sandboxes.charge(sandbox, 1_000)
    sandbox.services.clock.freeze(None)
    publish(one)
    assert [known.size for known in log.names()] == [1_000]
    assert member(log, 1).sandboxes.default.size == 1_000


def test_a_sandbox_that_somebody_deletes_while_it_is_worked_on_is_not_let_go_of(log: Log) -> None:
    one = member(log)
    sandbox = one.sandboxes.named("box")
    log.drop("box")
    one.sandboxes.charge(sandbox, one.settings.max_bytes // 50)
    sandbox.services.clock.freeze(None)
    assert not shared(one).publish("box")
    assert shared(one).local("box") is sandbox


@pytest.mark.parametrize("store", STORES)
def test_every_change_that_was_acknowledged_by_some_worker_is_there(store: str) -> None:
    with store_flags(store) as flags, serving("--workers", "2", *flags) as served:
        url = f"{served.base_url}/_mock/faults"
        limits = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(limits=limits, timeout=PATIENCE) as client, ThreadPoolExecutor(8) as pool:
            added = pool.map(lambda number: client.post(url, json=rule(f"n{number}")), range(56))
            assert Counter(answer.status_code for answer in added) == {201: 56}
            for answer in pool.map(lambda _: client.get(url), range(8)):
                assert {found["id"] for found in answer.json()["rules"]} == {f"n{n}" for n in range(56)}
            forked = f"{served.base_url}/_mock/sandboxes"
            for number in range(4):
                answers = pool.map(
                    lambda _, name=f"copy-{number}": client.post(forked, json={"name": name}), range(6)
                )
                assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}
