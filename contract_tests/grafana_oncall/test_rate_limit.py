from __future__ import annotations

import re

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import (
    GROUPS,
    LIST,
    MESSAGES,
    NO_PERMISSION,
    NOTES,
    UNKNOWN,
    USERS,
    OnCall,
    at,
    one,
)
from contract_tests.laws import law
from contract_tests.mocks import Throttled


@pytest.fixture
def busy(throttled: Throttled, deployment: Deployment) -> OnCall:
    """An admin whose whole budget is left, of a mock where budgets are small."""
    return OnCall(throttled.http, deployment.oncall_token, deployment.alert_groups()[0])


def exhaust(user: OnCall, limit: int) -> None:
    for _ in range(limit):
        assert user.send("GET", LIST).status_code == 200


def refusals(user: OnCall) -> list[httpx.Response]:
    """Asks until a request is answered; the refusals before that."""
    refused: list[httpx.Response] = []
    for _ in range(2000):
        answer = user.send("GET", LIST)
        if answer.status_code == 200:
            return refused
        assert answer.status_code == 429
        refused.append(answer)
    pytest.fail("still throttled after 2000 requests of a tenth of a second")


@law("grafana-oncall/rate.limit")
def test_the_request_after_the_last_allowed_one_answers_429(busy: OnCall, throttled: Throttled) -> None:
    exhaust(busy, throttled.oncall_limit)
    assert busy.send("GET", LIST).status_code == 429


@law("grafana-oncall/rate.limit")
def test_all_operations_share_one_budget(busy: OnCall, throttled: Throttled) -> None:
    path = at(busy.create()["id"])
    assert busy.send("GET", path).status_code == 200
    assert busy.send("PUT", path, json={"text": "x"}).status_code == 200
    exhaust(busy, throttled.oncall_limit - 3)
    for method, where in (("GET", LIST), ("POST", LIST), ("GET", path), ("PUT", path), ("DELETE", path)):
        assert busy.send(method, where, json={}).status_code == 429


@law("grafana-oncall/rate.limit")
def test_other_users_of_the_organization_are_not_affected(
    busy: OnCall, throttled: Throttled, deployment: Deployment
) -> None:
    exhaust(busy, throttled.oncall_limit)
    assert busy.send("GET", LIST).status_code == 429
    exhaust(busy.as_user(deployment.oncall_editor_token), throttled.oncall_limit)
    exhaust(busy.as_user(deployment.oncall_other_organization_token), throttled.oncall_limit)


@law("grafana-oncall/rate.limit")
def test_a_throttled_write_changes_nothing(
    busy: OnCall, throttled: Throttled, deployment: Deployment
) -> None:
    created = busy.create("before")
    exhaust(busy, throttled.oncall_limit - 1)
    editor = busy.as_user(deployment.oncall_editor_token)
    before = editor.listed()
    for method in ("PUT", "PATCH", "DELETE"):
        assert busy.send(method, at(created["id"]), json={"text": "after"}).status_code == 429
    assert busy.post().status_code == 429
    assert editor.listed() == before


@law("grafana-oncall/rate.answer")
def test_a_429_says_in_three_places_how_long_to_wait(busy: OnCall, throttled: Throttled) -> None:
    exhaust(busy, throttled.oncall_limit)
    answer = busy.send("GET", LIST)
    assert answer.status_code == 429
    assert list(answer.json()) == ["detail"]
    words = re.fullmatch(
        r"Request was throttled\. Expected available in (\d+) seconds?\.", answer.json()["detail"]
    )
    assert words
    assert answer.headers.get("Retry-After") == words[1]
    assert answer.headers.get("RateLimit-Reset") == words[1]
    assert 1 <= int(words[1]) <= 60


@law("grafana-oncall/rate.answer")
def test_a_429_waits_for_the_oldest_request_to_be_a_minute_old(busy: OnCall, throttled: Throttled) -> None:
    exhaust(busy, throttled.oncall_limit)
    assert 30 <= int(busy.send("GET", LIST).headers["Retry-After"]) <= 60


@law("grafana-oncall/header.every-answer")
def test_a_429_has_the_headers_of_every_answer(busy: OnCall, throttled: Throttled) -> None:
    exhaust(busy, throttled.oncall_limit)
    answer = busy.send("GET", LIST)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Vary"] == "Origin"


@law("grafana-oncall/header.never")
def test_a_429_has_no_header_that_the_engine_never_sends(busy: OnCall, throttled: Throttled) -> None:
    exhaust(busy, throttled.oncall_limit)
    answer = busy.send("GET", LIST)
    assert [name for name in ("WWW-Authenticate", "Location", "ETag") if name in answer.headers] == []


@law("grafana-oncall/header.allow")
def test_a_429_names_the_methods_too(busy: OnCall, throttled: Throttled) -> None:
    exhaust(busy, throttled.oncall_limit)
    assert busy.send("GET", LIST).headers["Allow"] == "GET, POST, HEAD, OPTIONS"


@law("grafana-oncall/rate.what-counts")
@pytest.mark.parametrize("status", [400, 404])
def test_answers_400_and_404_use_up_the_budget(busy: OnCall, throttled: Throttled, status: int) -> None:
    for _ in range(throttled.oncall_limit):
        answer = busy.send("GET", at(UNKNOWN)) if status == 404 else busy.send("POST", LIST, json={})
        assert answer.status_code == status
    assert busy.send("GET", LIST).status_code == 429


@law("grafana-oncall/rate.what-counts")
def test_answers_403_do_not_use_up_the_budget(
    busy: OnCall, throttled: Throttled, deployment: Deployment
) -> None:
    viewer = busy.as_user(deployment.oncall_viewer_token)
    for _ in range(2 * throttled.oncall_limit):
        answer = viewer.send("POST", LIST, json={})
        assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)
    exhaust(viewer, throttled.oncall_limit)


@law("grafana-oncall/rate.what-counts")
def test_asking_while_throttled_does_not_lengthen_the_wait(
    stepping: Throttled, deployment: Deployment
) -> None:
    user = OnCall(stepping.http, deployment.oncall_token, deployment.alert_groups()[0])
    exhaust(user, stepping.oncall_limit)
    waits = [int(answer.headers["Retry-After"]) for answer in refusals(user)]
    assert waits[0] > 50
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] == 1


@law("grafana-oncall/rate.limit")
def test_each_request_is_forgotten_a_minute_after_it_was_made(
    stepping: Throttled, deployment: Deployment
) -> None:
    user = OnCall(stepping.http, deployment.oncall_token, deployment.alert_groups()[0])
    other = user.as_user(deployment.oncall_other_organization_token)
    exhaust(user, stepping.oncall_limit - 1)
    for _ in range(50):
        other.send("GET", at(UNKNOWN))
    exhaust(user, 1)
    refusals(user)
    exhaust(user, stepping.oncall_limit - 2)
    assert user.send("GET", LIST).status_code == 429, "the sixth of the minute is not yet forgotten"


@law("grafana-oncall/rate.shared")
def test_all_endpoints_share_one_budget(busy: OnCall, throttled: Throttled) -> None:
    exhaust(busy, throttled.oncall_limit)
    action = one(GROUPS, busy.group, "acknowledge")
    for method, path in (
        ("GET", NOTES),
        ("GET", MESSAGES),
        ("GET", GROUPS),
        ("GET", USERS),
        ("POST", action),
    ):
        answer = busy.send(method, path)
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == answer.headers["RateLimit-Reset"]


@law("grafana-oncall/rate.service-account")
def test_a_service_account_has_a_budget_of_its_own(
    busy: OnCall, throttled: Throttled, deployment: Deployment
) -> None:
    account = busy.as_user(deployment.oncall_service_account_token)
    exhaust(busy, throttled.oncall_limit)
    exhaust(account, throttled.oncall_limit)
    assert account.send("GET", NOTES).status_code == 429
