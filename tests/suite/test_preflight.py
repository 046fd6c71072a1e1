"""What is said of a target before it is judged."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.guard.header import GUARD
from contract_tests.preflight import Problem, look, try_to_write

TARGET = "https://oncall.example.org"
ONCALL = Deployment.of({"oncall_token": "of-a-test", "oncall_alert_groups": "IONE"})
INCIDENT = Deployment.of({"incident_key": "of-a-test", "incident_id": "01"})
EMPTY: dict[str, object] = {"count": 0, "next": None, "previous": None, "results": []}


def answering(*answers: httpx.Response) -> httpx.Client:
    waiting = iter(answers)
    return httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(lambda _: next(waiting)))


def problem(deployment: Deployment, *answers: httpx.Response) -> Problem:
    with pytest.raises(Problem) as caught:
        look(deployment, answering(*answers), TARGET)
    return caught.value


def test_an_api_that_answers_as_it_should_has_no_problem() -> None:
    look(ONCALL, answering(httpx.Response(200, json=EMPTY)), TARGET)
    look(INCIDENT, answering(httpx.Response(200, json={"identity": {"name": "x"}})), TARGET)


def test_each_vendor_with_a_credential_is_looked_at() -> None:
    with pytest.raises(StopIteration):
        look(Deployment(), answering(httpx.Response(200, json=EMPTY)), TARGET)


def test_a_route_that_incident_io_does_not_have_is_no_problem() -> None:
    look(INCIDENT, answering(httpx.Response(404)), TARGET)


def test_outside_the_scope_the_import_is_asked_instead() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        if request.url.path == "/v1/identity":
            return httpx.Response(404, headers={GUARD: "outside-scope; not asked for"})
        return httpx.Response(404)

    look(INCIDENT, httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(answer)), TARGET)
    assert seen == ["/v1/identity", "/v2/incidents/01/actions/import_postmortem_document"]


@pytest.mark.parametrize(
    ("deployment", "answer", "code", "words"),
    [
        (ONCALL, httpx.Response(200, html="<h1>Welcome</h1>"), 3, "does not look like Grafana OnCall"),
        (ONCALL, httpx.Response(200, json={"hello": "world"}), 3, "is the base URL right?"),
        (ONCALL, httpx.Response(200, json=[]), 3, "does not look like Grafana OnCall"),
        (ONCALL, httpx.Response(404, json={"detail": "Not found."}), 3, "is not served there"),
        (
            ONCALL,
            httpx.Response(403, json={"detail": "Invalid token."}),
            2,
            "CONTRACT_ONCALL_TOKEN is refused",
        ),
        (INCIDENT, httpx.Response(200, html="<h1>Welcome</h1>"), 3, "does not look like incident.io"),
        (INCIDENT, httpx.Response(200, json={"hello": 1}), 3, "does not look like incident.io"),
        (INCIDENT, httpx.Response(401, json={"type": "authentication_error"}), 2, "CONTRACT_INCIDENT_KEY"),
        (
            ONCALL,
            httpx.Response(404, headers={GUARD: "unreachable; refused"}),
            3,
            "cannot be reached: refused",
        ),
        (ONCALL, httpx.Response(404, headers={GUARD: "throttled; 2 min"}), 3, "nothing can be judged: 2 min"),
    ],
)
def test_a_target_that_cannot_be_judged_is_one_sentence(
    deployment: Deployment, answer: httpx.Response, code: int, words: str
) -> None:
    found = problem(deployment, answer)
    assert found.code == code
    assert str(found).startswith(TARGET)
    assert words in str(found)


def test_what_a_stranger_says_cannot_move_the_cursor() -> None:
    assert "\x1b" not in str(problem(ONCALL, httpx.Response(200, text="\x1b[2Jgone")))


def test_a_write_is_tried_and_taken_back() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url.path}")
        return httpx.Response(201, json={"id": "PNEW"}) if request.method == "POST" else httpx.Response(204)

    http = httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(answer))
    assert try_to_write(ONCALL, http, " (tag)") == ""
    assert seen == ["POST /api/v1/postmortems/", "DELETE /api/v1/postmortems/PNEW/"]


@pytest.mark.parametrize("status", [401, 403, 405])
def test_a_target_that_nobody_may_write_to_says_so(status: int) -> None:
    http = answering(httpx.Response(status, json={"detail": "Read only."}))
    assert f"a create was answered with {status}" in try_to_write(ONCALL, http, "")


def test_what_else_a_create_may_answer_is_for_the_laws_to_judge() -> None:
    for answer in (httpx.Response(200, json={}), httpx.Response(201, text="x"), httpx.Response(500)):
        assert try_to_write(ONCALL, answering(answer), "") == ""


def test_nothing_is_created_where_nothing_can_be_taken_back() -> None:
    never: Callable[[httpx.Request], httpx.Response] = lambda request: pytest.fail("was sent")  # noqa: E731
    http = httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(never))
    assert try_to_write(INCIDENT, http, "") == ""
