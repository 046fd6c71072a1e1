from __future__ import annotations

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import IncidentIo, Workflow, refused
from contract_tests.laws import law
from contract_tests.mocks import Throttled

LIST = "/v2/incidents"


@pytest.fixture
def busy(throttled: Throttled, deployment: Deployment) -> Workflow:
    """A key whose whole budget is left, of a mock where budgets are small."""
    return Workflow(IncidentIo(throttled.http, deployment.incident_key, deployment.incident_id))


def budget(answer: httpx.Response) -> tuple[int, int]:
    return int(answer.headers["X-RateLimit-Remaining"]), int(answer.headers["X-RateLimit-Used"])


@law("incident-io/rate.list")
def test_the_list_of_incidents_has_an_allowance_of_its_own(busy: Workflow, throttled: Throttled) -> None:
    own, whole = throttled.incident_list_limit, throttled.incident_limit
    answer = busy.get(LIST)
    assert answer.headers["X-RateLimit-Limit"] == f"{own}, {whole};window=60, {own};window=60"
    assert budget(answer) == (own - 1, 1)
    for _ in range(own):
        answer = busy.get(LIST)
    refused(answer, 429, "too_many_requests", "too_many_requests")
    assert answer.json()["rate_limit"]["limit"] == own
    assert int(answer.headers["Retry-After"]) >= 1


@law("incident-io/rate.least-left")
def test_what_is_told_is_of_the_limit_with_least_left(busy: Workflow, throttled: Throttled) -> None:
    whole = throttled.incident_limit
    assert busy.get("/v1/identity").headers["X-RateLimit-Limit"] == f"{whole}, {whole};window=60"
    for _ in range(whole):
        busy.get("/v1/identity")
    answer = busy.get(LIST)
    assert answer.headers["X-RateLimit-Limit"].startswith(f"{whole}, ")
    assert sum(budget(answer)) == whole


@law("incident-io/rate.list-apart")
def test_other_operations_answer_when_the_lists_allowance_is_used_up(
    busy: Workflow, throttled: Throttled
) -> None:
    statuses = [busy.get(LIST).status_code for _ in range(throttled.incident_list_limit + 1)]
    assert statuses[-1] == 429
    assert busy.get(f"{LIST}/{busy.key.incident}").status_code == 200
