from __future__ import annotations

from mockserver.core.rate import ALL, SlidingLog, TokenBucket


def test_a_sliding_log_lets_pass_as_many_as_its_limit_and_tells_when_the_oldest_expires() -> None:
    log = SlidingLog(3, 60)
    assert [log.take("a", now) for now in (0.0, 10.0, 20.0)] == [0, 0, 0]
    assert log.take("a", 30.0) == 30
    assert log.take("a", 59.5) == 0.5
    assert log.take("a", 60.0) == 0
    assert log.take("a", 60.0) == 10


def test_a_refused_request_is_not_counted_by_a_sliding_log() -> None:
    log = SlidingLog(1, 60)
    log.take("a", 0.0)
    for now in (1.0, 30.0, 59.0):
        assert log.take("a", now) > 0
    assert log.take("a", 60.0) == 0


def test_sliding_logs_are_kept_apart_by_key() -> None:
    log = SlidingLog(1, 60)
    assert log.take("a", 0.0) == 0
    assert log.take("b", 0.0) == 0


def test_a_bucket_starts_full_and_refills_by_the_second() -> None:
    bucket = TokenBucket(1200, 60)
    first = bucket.take("key", 1000.0)
    assert (first.limit, first.remaining, first.used, first.wait, first.full_at) == (1200, 1199, 1, 0, 1001)
    for _ in range(1199):
        last = bucket.take("key", 1000.0)
    assert (last.remaining, last.used, last.full_at) == (0, 1200, 1060)
    refused = bucket.take("key", 1000.0)
    assert (refused.remaining, refused.wait) == (0, 0.05)
    assert bucket.take("key", 1000.0501).wait == 0
    assert bucket.take("key", 1001.0502).remaining == 19


def test_a_bucket_never_holds_more_than_its_capacity() -> None:
    bucket = TokenBucket(2, 60)
    bucket.take("key", 0.0)
    assert bucket.take("key", 10_000.0).remaining == 1


def test_a_clock_that_goes_back_gives_no_tokens_and_takes_none() -> None:
    bucket = TokenBucket(2, 60)
    bucket.take("key", 100.0)
    assert bucket.take("key", 50.0).remaining == 0


def test_a_clock_that_goes_back_neither_empties_nor_locks_a_sliding_log() -> None:
    log = SlidingLog(2, 60)
    log.take("a", 1_000_000.0)
    assert log.take("a", 100.0) == 0
    assert log.take("a", 100.0) == 60
    assert log.take("a", 160.0) == 0


def test_what_was_counted_is_kept_and_restored_as_plain_values() -> None:
    log, bucket = SlidingLog(2, 60), TokenBucket(2, 60)
    log.take("a", 1.0)
    bucket.take("a", 1.0)
    assert (log.snapshot(), bucket.snapshot()) == ({ALL: {"a": (1.0,)}}, {"a": (1.0, 1.0)})
    counted, left = log.snapshot(), bucket.snapshot()
    for _ in range(3):
        log.take("a", 2.0)
        bucket.take("a", 2.0)
    log.restore(counted)
    bucket.restore(left)
    assert [log.take("a", 2.0), log.take("a", 3.0)] == [0, 58]
    assert bucket.take("a", 1.0).remaining == 0
