"""Exchanges are kept as far as memory should hold them, and counted beyond that."""

from __future__ import annotations

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.guard.recorder import Count, Recorder


def exchange(label: str, number: int = 0, body: bytes = b"", answer: bytes = b"") -> Exchange:
    return Exchange(Asked("PUT", f"/{number}", (), body), Answered(200, (), answer), label, started=number)


def count(label: str = "", status: int = 200) -> Count:
    return Count("door", label, "PUT", "/{id}", "put", status, "change", "")


def test_the_last_exchanges_of_each_label_are_kept() -> None:
    recorder = Recorder(exchanges=3)
    for number in range(10):
        recorder.record(exchange("ab"[number % 2], number), count())
    assert [one.asked.target for one in recorder.exchanges("a")] == ["/4", "/6", "/8"]
    assert [one.asked.target for one in recorder.exchanges()] == ["/4", "/5", "/6", "/7", "/8", "/9"]
    recorder.forget("a")
    assert recorder.exchanges("a") == []
    assert len(recorder.exchanges()) == 3
    assert recorder.counts() == {count(): 10}


def test_what_is_left_of_earlier_exchanges_is_an_outline() -> None:
    recorder = Recorder(exchanges=1)
    for number in range(3):
        recorder.record(exchange("a", number, b"body", b"answer"), count())
    outlines = recorder.outlines("a")
    assert [one.asked for one in outlines] == [Asked("PUT", "/0"), Asked("PUT", "/1")]
    assert [one.answered for one in outlines] == [Answered(200), Answered(200)]
    recorder.forget("a")
    assert recorder.outlines("a") == []


def test_large_exchanges_leave_sooner() -> None:
    recorder = Recorder(total=100)
    for number in range(10):
        recorder.record(exchange("a", number, b"x" * 40), count())
    assert [one.started for one in recorder.exchanges("a")] == [8, 9]
    recorder.record(exchange("a", 10, b"x" * 200), count())
    assert [one.started for one in recorder.exchanges("a")] == [10]


def test_a_large_body_is_clipped_and_says_so() -> None:
    recorder = Recorder(body=3)
    recorder.record(exchange("a", 0, b"abcde", b"wxyz"), count())
    (kept,) = recorder.exchanges("a")
    assert kept.answered is not None
    assert (kept.asked.body, kept.answered.body) == (b"abc", b"wxy")
    assert kept.note == (
        "the first 3 of 5 bytes of the request's body; the first 3 of 4 bytes of the answer's body"
    )


def test_exchanges_are_counted_by_what_they_were() -> None:
    recorder = Recorder()
    for status in (200, 200, 404):
        recorder.record(exchange("a"), count("a", status))
    assert recorder.counts() == {count("a", 200): 2, count("a", 404): 1}
