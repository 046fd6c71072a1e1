from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import UNKNOWN, IncidentIo, refused
from contract_tests.laws import law
from contract_tests.mocks import Throttled


@pytest.fixture
def busy(throttled: Throttled, deployment: Deployment) -> IncidentIo:
    """A key whose whole budget is left, of a mock where budgets are small."""
    return IncidentIo(throttled.http, deployment.incident_key, deployment.incident_id)


def exhaust(key: IncidentIo, limit: int) -> tuple[int, float, httpx.Response]:
    """How many requests were answered, in how many seconds, and the first that was not."""
    started = time.monotonic()
    for number in range(limit * 2):
        answer = key.post()
        if answer.status_code == 429:
            return number, time.monotonic() - started, answer
        assert answer.status_code == 201
    pytest.fail(f"{2 * limit} requests in {time.monotonic() - started:.1f} s, and no 429")


@law("incident-io/rate.limit")
def test_a_key_that_has_used_up_its_budget_answers_429(busy: IncidentIo, throttled: Throttled) -> None:
    limit = throttled.incident_limit
    answered, seconds, _ = exhaust(busy, limit)
    assert limit <= answered <= limit + seconds * limit / 60, "a budget refills while it is used up"


@law("incident-io/rate.limit")
def test_other_keys_are_not_affected(busy: IncidentIo, throttled: Throttled, deployment: Deployment) -> None:
    exhaust(busy, throttled.incident_limit)
    other = busy.with_key(
        deployment.incident_other_organisation_key, deployment.incident_other_organisation_id
    )
    assert other.post().status_code == 201
    assert busy.with_key(deployment.incident_key_without_scope).post().status_code == 403


@law("incident-io/rate.limit")
def test_within_a_minute_a_budget_is_whole_again(stepping: Throttled, deployment: Deployment) -> None:
    key = IncidentIo(stepping.http, deployment.incident_key, deployment.incident_id)
    unknown = key.with_key("not-a-key-of-anybody")
    exhaust(key, stepping.incident_limit)
    for _ in range(620):  # more than a minute, at a tenth of a second a request
        assert unknown.post().status_code == 401
    answered = [key.post().status_code for _ in range(stepping.incident_limit)]
    assert set(answered) == {201}


@law("incident-io/rate.answer")
def test_a_429_has_the_words_of_the_page(busy: IncidentIo, throttled: Throttled) -> None:
    *_, answer = exhaust(busy, throttled.incident_limit)
    errors = refused(answer, 429, "too_many_requests", "too_many_requests")
    assert errors[0]["message"] == (
        "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests."
    )
    assert set(answer.json()) == {"type", "status", "request_id", "rate_limit", "errors"}


@law("incident-io/rate.answer")
def test_a_429_names_the_key_its_limit_and_the_time_to_retry(busy: IncidentIo, throttled: Throttled) -> None:
    *_, answer = exhaust(busy, throttled.incident_limit)
    rate_limit = answer.json()["rate_limit"]
    retry_after = rate_limit.pop("retry_after")
    assert rate_limit == {"name": "api_key_name", "limit": throttled.incident_limit, "remaining": 0}
    assert re.fullmatch(
        r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d UTC", retry_after
    )
    wait = datetime.strptime(retry_after, "%a, %d %b %Y %H:%M:%S UTC").replace(tzinfo=UTC) - datetime.now(UTC)
    assert -2 < wait.total_seconds() < 62


@law("incident-io/rate.retry-after-header")
def test_a_429_says_in_seconds_how_long_to_wait(busy: IncidentIo, throttled: Throttled) -> None:
    *_, answer = exhaust(busy, throttled.incident_limit)
    assert re.fullmatch(r"\d+", answer.headers.get("Retry-After", ""))
    assert 0 <= int(answer.headers["Retry-After"]) <= 60


@law("incident-io/rate.headers")
@pytest.mark.parametrize("status", [201, 400, 404, 422])
def test_answers_to_a_known_key_tell_its_budget(busy: IncidentIo, throttled: Throttled, status: int) -> None:
    ask: dict[int, Callable[[], httpx.Response]] = {
        201: busy.post,
        400: lambda: busy.post_raw(b"{"),
        404: lambda: busy.post(incident=UNKNOWN),
        422: lambda: busy.post({}),
    }
    answer = ask[status]()
    assert answer.status_code == status
    limit = throttled.incident_limit
    assert answer.headers["X-RateLimit-Limit"] == f"{limit}, {limit};window=60"
    assert answer.headers["X-RateLimit-Remaining"] == str(limit - 1)
    assert answer.headers["X-RateLimit-Used"] == "1"
    assert 0 <= int(answer.headers["X-RateLimit-Reset"]) - time.time() + 2 <= 64


@law("incident-io/rate.headers")
def test_remaining_and_used_add_up_while_the_budget_shrinks(busy: IncidentIo, throttled: Throttled) -> None:
    answers = [busy.post() for _ in range(5)]
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers]
    used = [int(answer.headers["X-RateLimit-Used"]) for answer in answers]
    assert {sum(pair) for pair in zip(left, used, strict=True)} == {throttled.incident_limit}
    assert left[0] > left[-1]
    assert left == sorted(left, reverse=True)


@law("incident-io/rate.headers")
def test_a_429_and_a_403_tell_the_budget_too(
    busy: IncidentIo, throttled: Throttled, deployment: Deployment
) -> None:
    *_, refusal = exhaust(busy, throttled.incident_limit)
    assert refusal.headers["X-RateLimit-Remaining"] == "0"
    assert refusal.headers["X-RateLimit-Used"] == str(throttled.incident_limit)
    forbidden = busy.with_key(deployment.incident_key_without_scope).post()
    assert forbidden.headers["X-RateLimit-Used"] == "1"


@law("incident-io/error.envelope")
def test_a_429_is_an_error_like_all_others(busy: IncidentIo, throttled: Throttled) -> None:
    *_, answer = exhaust(busy, throttled.incident_limit)
    body = answer.json()
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    assert body["status"] == 429
    assert re.fullmatch("[A-Za-z0-9_-]{8}", body["request_id"])
