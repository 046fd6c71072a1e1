"""Every log does what the one in memory does, whatever is asked of it in whatever order."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mockserver.server.shared.log import Base, Kept, Log, Step, Write
from mockserver.server.shared.memory import MemoryLog
from tests.shared.logs import LOGS, MakeLog
from tests.shared.replica import Replica

NAMES = st.sampled_from(["a", "a.b", "default"])
KEYS = st.sampled_from(["k", "k1", "ü" * 300, "\0", ""])
WRITES = st.lists(
    st.builds(
        Write, st.just("v"), st.sampled_from(["c", "cc"]), KEYS, st.integers(-1, 99), st.binary() | st.none()
    ),
    max_size=3,
    unique_by=lambda write: (write.collection, write.key),
).map(tuple)
PARTS = st.dictionaries(st.sampled_from(["clock", "ids"]), st.binary(max_size=20), max_size=2)
STEPS = st.builds(Step, WRITES, PARTS, st.integers(0, 100))
BASES = st.builds(Base, WRITES, PARTS, st.integers(0, 100))


class LogLaws(RuleBasedStateMachine):
    make: MakeLog

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.log = self.stack.enter_context(self.make())
        self.model = MemoryLog()
        self.slow = {name: (Replica(self.log, name), Replica(self.model, name)) for name in ("a", "default")}

    def teardown(self) -> None:
        self.stack.close()

    def both(self) -> tuple[Log, Log]:
        return self.log, self.model

    @rule(name=NAMES, base=BASES)
    def open(self, name: str, base: Base) -> None:
        for log in self.both():
            assert log.open(name, base) == log.head(name)

    @rule(name=NAMES, base=BASES, live_on=st.booleans())
    def begin(self, name: str, base: Base, live_on: bool) -> None:
        for log in self.both():
            before = log.head(name)
            after = log.begin(name, base, live_on=live_on)
            assert after == log.head(name)
            assert after.version == 0
            assert before is None or after.generation != before.generation
            assert (before is not None and after.life == before.life) == (live_on and before is not None)

    @rule(name=NAMES, step=STEPS)
    def append(self, name: str, step: Step) -> None:
        for log in self.both():
            head = log.head(name)
            if head is None:
                continue
            after = log.append(name, head, step)
            assert after == log.head(name)
            assert after is not None
            assert (after.generation, after.version) == (head.generation, head.version + 1)

    @rule(name=NAMES, step=STEPS, by=st.integers(1, 3))
    def append_to_what_is_not_the_head(self, name: str, step: Step, by: int) -> None:
        for log in self.both():
            head = log.head(name)
            if head is not None:
                for wrong in ((head.life, head.generation, head.version + by), (0, 0, head.version)):
                    assert log.append(name, type(head)(*wrong), step) is None
                assert log.head(name) == head

    @rule(name=NAMES)
    def drop(self, name: str) -> None:
        assert self.log.drop(name) == self.model.drop(name)
        assert self.log.head(name) is None

    @rule(name=st.sampled_from(["a", "default"]))
    def catch_up_late(self, name: str) -> None:
        one, other = self.slow[name]
        assert one.catch_up() == other.catch_up()
        assert one.content == other.content

    @rule(name=NAMES, snapshot=st.sampled_from("xyz"), state=st.binary())
    def keep(self, name: str, snapshot: str, state: bytes) -> None:
        outcomes = []
        for log in self.both():
            try:
                outcomes.append(log.keep(name, Kept(snapshot, "now"), state, 2))
            except OverflowError:
                outcomes.append(None)  # type: ignore[arg-type]
        assert outcomes[0] == outcomes[1]

    @rule(name=NAMES, snapshot=st.sampled_from("xyz"))
    def forget(self, name: str, snapshot: str) -> None:
        assert self.log.forget(name, snapshot) == self.model.forget(name, snapshot)

    @invariant()
    def both_hold_the_same(self) -> None:
        assert {(one.name, one.size) for one in self.log.names()} == {
            (one.name, one.size) for one in self.model.names()
        }
        for known in self.model.names():
            fresh = Replica(self.log, known.name), Replica(self.model, known.name)
            assert [replica.catch_up() for replica in fresh] == [True, True]
            assert fresh[0].content == fresh[1].content
        for name in ("a", "a.b", "default"):
            assert list(self.log.snapshots(name)) == list(self.model.snapshots(name))
            for kept in self.model.snapshots(name):
                assert self.log.snapshot(name, kept.name) == self.model.snapshot(name, kept.name)


@pytest.mark.parametrize("kind", [kind for kind in LOGS if kind != "memory"])
def test_a_log_does_what_the_one_in_memory_does(kind: str) -> None:
    machine = type("Laws", (LogLaws,), {"make": staticmethod(LOGS[kind])})
    run_state_machine_as_test(machine, settings=settings(max_examples=60, stateful_step_count=25))


def test_a_log_takes_on_one_fingerprint_and_keeps_it(log: Log) -> None:
    assert log.hold("first")
    assert log.hold("first")
    assert not log.hold("second")


def test_what_is_touched_is_idle_for_the_shortest_time(log: Log) -> None:
    for name in ("a", "b", "c"):
        log.open(name, Base())
    log.touch("a")
    assert [known.name for known in log.names()][-1] == "a"
