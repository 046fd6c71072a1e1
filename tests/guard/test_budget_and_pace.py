"""How much, how fast, and for how long; nobody sleeps here."""

from __future__ import annotations

import pytest

from contract_tests.exchange import Answered
from contract_tests.guard.budget import AGAIN_AFTER, Budget, Pulse
from contract_tests.guard.pace import Pace, parse_rate, told_to_wait, used_up

NOW = 1_700_000_000.0
SOON = "Tue, 14 Nov 2023 22:13:50 GMT"  # NOW and thirty seconds


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def answer(**headers: str) -> Answered:
    return Answered(429, tuple((name.replace("_", "-"), value) for name, value in headers.items()))


def test_a_budget_of_requests_ends(clock: Clock) -> None:
    budget = Budget(max_requests=2, clock=clock)
    budget.spend()
    assert budget.refusal() == ""
    budget.spend()
    assert budget.refusal() == "all 2 requests are spent"


def test_a_budget_of_time_ends(clock: Clock) -> None:
    budget = Budget(max_time=60, clock=clock)
    clock.now += 59
    assert (budget.refusal(), budget.left) == ("", 1)
    clock.now += 1
    assert budget.refusal() == "the 60 seconds are over"


def test_without_a_limit_there_is_none(clock: Clock) -> None:
    budget = Budget(clock=clock)
    for _ in range(1000):
        budget.spend()
    clock.now += 1e9
    assert budget.refusal() == ""


def test_a_server_that_fails_three_times_in_a_row_is_left_alone_for_a_while(clock: Clock) -> None:
    pulse = Pulse(clock)
    for failures in range(3):
        assert pulse.refusal() == (None, "")
        pulse.failed("timeout", f"reason {failures}")
    assert pulse.refusal() == ("timeout", "not tried, because 3 in a row have failed: reason 2")
    clock.now += AGAIN_AFTER
    assert pulse.refusal() == (None, "")
    assert pulse.refusal()[0] == "timeout"  # one at a time
    pulse.answered()
    assert pulse.refusal() == (None, "")


def test_failures_with_answers_between_them_are_not_in_a_row(clock: Clock) -> None:
    pulse = Pulse(clock)
    for _ in range(9):
        pulse.failed("unreachable", "reason")
        pulse.answered()
        assert pulse.refusal() == (None, "")


@pytest.mark.parametrize("text, interval", [("10/s", 0.1), ("300/m", 0.2), ("1000/h", 3.6), (" 1/d ", 86400)])
def test_a_rate_is_a_number_in_a_time(text: str, interval: float) -> None:
    assert parse_rate(text) == pytest.approx(interval)


@pytest.mark.parametrize("text", ["", "10", "0/s", "-1/s", "1.5/s", "10/w", "10/sec", "x/s"])
def test_anything_else_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate such as"):
        parse_rate(text)


def test_requests_leave_one_interval_after_another(clock: Clock) -> None:
    pace = Pace(0.5, clock)
    assert [pace.turn() for _ in range(3)] == [0, 0.5, 1.0]
    clock.now += 10
    assert [pace.turn() for _ in range(2)] == [0, 0.5]


def test_a_limit_holds_for_its_credential_alone(clock: Clock) -> None:
    pace = Pace(clock=clock)
    pace.hold("mine", 30)
    pace.hold("mine", 10)
    assert (pace.closed("mine"), pace.closed("yours")) == (30, 0)
    clock.now += 31
    assert pace.closed("mine") == 0


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({"Retry_After": "7"}, 7),
        ({"retry_after": "0"}, 0),
        ({"Retry_After": SOON}, 30),
        ({"Retry_After": "Tue, 14 Nov 2023 22:13:50 UTC"}, 30),
        ({"Retry_After": SOON, "Date": "Tue, 14 Nov 2023 22:13:45 GMT"}, 5),
        ({"Retry_After": "Tue, 14 Nov 2000 22:13:50 GMT"}, 0),
        ({"RateLimit_Reset": "9"}, 9),
        ({"X_RateLimit_Reset": str(int(NOW) + 12)}, 12),
        ({"X_RateLimit_Reset": "12"}, 12),
        ({"Retry_After": "3", "RateLimit_Reset": "9"}, 3),
        ({"Retry_After": "soon", "RateLimit_Reset": "9"}, 9),
        ({"RateLimit": '"default";r=0;t=11'}, 11),
        ({}, 4),
        ({"Retry_After": "-5"}, 4),
    ],
)
def test_a_server_says_in_many_ways_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    assert told_to_wait(answer(**headers), NOW, tries=2) == seconds


def test_a_server_that_does_not_say_is_asked_less_and_less(clock: Clock) -> None:
    assert [told_to_wait(answer(), NOW, tries) for tries in range(1, 9)] == [2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({"RateLimit_Remaining": "0", "RateLimit_Reset": "9"}, 9),
        ({"RateLimit_Remaining": "1", "RateLimit_Reset": "9"}, 0),
        ({"RateLimit_Remaining": "0"}, 0),
        ({"RateLimit": '"default";r=0;t=11'}, 11),
        ({"RateLimit": '"default";r=3;t=11'}, 0),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(int(NOW) + 60)}, 0),
        ({}, 0),
    ],
)
def test_a_limit_that_is_used_up_is_waited_for_before_it_hurts(
    headers: dict[str, str], seconds: float
) -> None:
    assert used_up(answer(**headers), NOW) == seconds
