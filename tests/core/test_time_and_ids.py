from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from mockserver.core.clock import (
    EARLIEST,
    LATEST,
    LONGEST_STEP,
    SEEDED_START,
    ClockState,
    OutOfRange,
    SandboxClock,
    seeded_clock,
)
from mockserver.core.ids import IdSource
from tests.steps import steps

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def stopped(at: datetime = SEEDED_START, step: timedelta = timedelta()) -> SandboxClock:
    return SandboxClock(ClockState(at, step=step))


def test_a_seeded_clock_moves_by_requests_and_by_hand_only() -> None:
    clock = seeded_clock()
    assert clock.now() == clock.now() == SEEDED_START
    clock.tick()
    assert clock.now() == SEEDED_START + timedelta(seconds=0.1)
    clock.move(DAY)
    assert clock.seconds() == (SEEDED_START + timedelta(days=1, seconds=0.1)).timestamp()


def test_an_untouched_clock_is_the_machines() -> None:
    clock = SandboxClock()
    clock.tick()
    assert clock.now().tzinfo is UTC
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert abs(clock.seconds() - before.timestamp()) < 60
    assert (clock.frozen, clock.offset, clock.step) == (False, timedelta(), timedelta())


def test_an_untouched_clock_is_read_in_a_handful_of_steps() -> None:
    clock = SandboxClock()
    assert steps(clock.now) < 25
    assert steps(clock.seconds) < 25
    assert steps(clock.tick) < 10


def test_a_moved_clock_runs_on_from_there() -> None:
    clock = SandboxClock()
    clock.move(DAY)
    assert clock.offset == DAY
    first, second = clock.now(), clock.now()
    assert datetime.now(UTC) + DAY - first < timedelta(minutes=1)
    assert first <= second
    assert abs(clock.seconds() - clock.now().timestamp()) < 60
    clock.set(SEEDED_START)
    assert timedelta() <= clock.now() - SEEDED_START < timedelta(minutes=1)


def test_a_frozen_clock_stands_still_until_it_runs_again_from_there() -> None:
    clock = SandboxClock()
    clock.freeze(SEEDED_START)
    assert clock.now() == clock.now() == SEEDED_START
    assert clock.frozen
    clock.move(-DAY)
    assert clock.now() == SEEDED_START - DAY
    clock.run()
    assert not clock.frozen
    assert timedelta() <= clock.now() - (SEEDED_START - DAY) < timedelta(minutes=1)
    clock.freeze()
    assert clock.now() == clock.now()


def test_every_request_moves_a_clock_by_its_step_running_or_not() -> None:
    clock = stopped(step=SECOND)
    clock.tick()
    assert clock.now() == SEEDED_START + SECOND
    clock.run()
    clock.tick()
    assert clock.now() >= SEEDED_START + 2 * SECOND
    clock.step_by(timedelta())
    before = clock.offset
    clock.tick()
    assert clock.offset == before


@pytest.mark.parametrize("frozen", [True, False])
def test_at_the_end_of_time_requests_do_not_move_a_clock(frozen: bool) -> None:
    clock = stopped(LATEST, LONGEST_STEP)
    if not frozen:
        clock.run()
    for _ in range(100):
        clock.tick()
    assert timedelta() <= clock.now() - LATEST < timedelta(minutes=1)


@pytest.mark.parametrize("by", [timedelta.max, timedelta.min, -365_250 * DAY, 365_250 * DAY])
def test_beyond_either_end_no_clock_is_moved(by: timedelta) -> None:
    clock = stopped()
    with pytest.raises(OutOfRange):
        clock.move(by)
    for at in (EARLIEST - SECOND, LATEST + SECOND):
        with pytest.raises(OutOfRange):
            clock.set(at)
        with pytest.raises(OutOfRange):
            clock.freeze(at)
    for step in (-SECOND, LONGEST_STEP + SECOND):
        with pytest.raises(OutOfRange):
            clock.step_by(step)
    assert clock.snapshot() == ClockState(SEEDED_START)


def test_a_clock_goes_back_to_a_state_of_it() -> None:
    clock = stopped(step=SECOND)
    state = clock.snapshot()
    clock.run()
    clock.move(DAY)
    ran = clock.snapshot()
    clock.restore(state)
    clock.tick()
    assert clock.now() == SEEDED_START + SECOND
    clock.restore(ran)
    assert not clock.frozen
    assert clock.snapshot() == ran


def test_a_watcher_hears_of_every_change_and_of_nothing_else() -> None:
    heard: list[datetime] = []
    clock = seeded_clock()

    def watch() -> None:
        heard.append(clock.now())
        clock.watchers.discard(watch)
        clock.watchers.add(watch)

    clock.watchers.add(watch)
    clock.tick()
    clock.move(DAY)
    clock.set(SEEDED_START)
    clock.freeze()
    clock.run()
    clock.restore(ClockState())
    assert len(heard) == 6
    clock.tick()
    clock.now()
    assert len(heard) == 6


def test_ids_of_one_seed_are_the_same_and_of_another_are_not() -> None:
    def draw(seed: int) -> tuple[str, bytes, bytes]:
        ids = IdSource(Random(seed), seeded_clock())
        return ids.letters("ABC", 12), ids.octets(6), ids.ordered()

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_ordered_ids_rise_on_a_clock_that_stands_still_or_goes_back() -> None:
    clock = seeded_clock()
    ids = IdSource(Random(0), clock)
    drawn = [ids.ordered() for _ in range(1000)]
    clock.set(EARLIEST)
    drawn += [ids.ordered() for _ in range(1000)]
    assert drawn == sorted(set(drawn))
    clock.set(LATEST)
    assert ids.ordered() > drawn[-1]


def test_ordered_ids_begin_with_the_time_in_milliseconds() -> None:
    drawn = IdSource(Random(0), seeded_clock()).ordered()
    assert int.from_bytes(drawn[:6], "big") == int(SEEDED_START.timestamp() * 1000)


def draw(ids: IdSource) -> tuple[str, bytes]:
    return ids.letters("ABC", 12), ids.ordered()


def test_a_seeded_source_of_ids_goes_back_and_draws_the_same_again() -> None:
    ids = IdSource(Random(0), seeded_clock())
    state = ids.snapshot()
    drawn = draw(ids)
    ids.restore(state)
    assert draw(ids) == drawn


def test_without_a_seed_no_id_comes_again_and_the_order_goes_back_all_the_same() -> None:
    ids = IdSource(Random(0), seeded_clock(), repeats=False)
    state = ids.snapshot()
    drawn = draw(ids)
    ids.restore(state)
    assert draw(ids)[0] != drawn[0]
    ids.restore(state)
    assert ids.snapshot() == state
