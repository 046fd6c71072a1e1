from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from mockserver.core.clock import SEEDED_START, SteppingClock, SystemClock
from mockserver.core.ids import IdSource


def test_a_stepping_clock_moves_by_requests_and_by_hand_only() -> None:
    clock = SteppingClock(step=timedelta(seconds=2))
    assert clock.now() == clock.now() == SEEDED_START
    clock.tick()
    assert clock.now() == SEEDED_START + timedelta(seconds=2)
    clock.move(timedelta(days=1))
    assert clock.seconds() == (SEEDED_START + timedelta(days=1, seconds=2)).timestamp()


def test_the_system_clock_tells_utc() -> None:
    clock = SystemClock()
    clock.tick()
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert abs(clock.seconds() - clock.now().timestamp()) < 60


def test_ids_of_one_seed_are_the_same_and_of_another_are_not() -> None:
    def draw(seed: int) -> tuple[str, bytes, bytes]:
        ids = IdSource(Random(seed), SteppingClock())
        return ids.letters("ABC", 12), ids.octets(6), ids.ordered()

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_ordered_ids_rise_even_on_a_clock_that_stands_still() -> None:
    ids = IdSource(Random(0), SteppingClock())
    drawn = [ids.ordered() for _ in range(1000)]
    assert drawn == sorted(set(drawn))


def test_ordered_ids_begin_with_the_time_in_milliseconds() -> None:
    drawn = IdSource(Random(0), SteppingClock()).ordered()
    assert int.from_bytes(drawn[:6], "big") == int(SEEDED_START.timestamp() * 1000)
