"""The engine's known defects, on a mock that is asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import GROUPS, JSON, LIST, NOTES, OnCall, at, one
from contract_tests.laws import law
from contract_tests.mocks import running_mock

CRASH = "<title>Server Error (500)</title>"


@pytest.fixture(scope="module")
def quirky_http(target: str | None, client_of: Callable[[str], httpx.Client]) -> Iterator[httpx.Client]:
    if target is not None:
        pytest.skip("not judged: a target has the quirks that it has")
    with running_mock("--rate-limit", "off", "--quirks") as url, client_of(url) as client:
        yield client


@pytest.fixture
def quirky(quirky_http: httpx.Client, deployment: Deployment) -> Iterator[OnCall]:
    user = OnCall(quirky_http, deployment.oncall_token, deployment.alert_groups()[0])
    yield user
    user.clear()


def assert_is_a_crash(answer: httpx.Response) -> None:
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Allow" not in answer.headers
    assert CRASH in answer.text


@law("grafana-oncall/quirk.methods")
def test_a_method_without_an_operation_is_a_500(quirky: OnCall) -> None:
    for method, path in (
        ("PUT", LIST),
        ("OPTIONS", LIST),
        ("OPTIONS", GROUPS),
        ("POST", at("P658FE5K87EWZ")),
    ):
        assert_is_a_crash(quirky.send(method, path))
        assert quirky.as_user(None).send(method, path).status_code == 403
        assert quirky.send(method, path, headers={"Accept": "text/html"}).status_code == 406


@law("grafana-oncall/quirk.patch-without-text")
def test_a_patch_of_a_note_without_a_text_is_a_500_and_of_a_postmortem_is_not(quirky: OnCall) -> None:
    note, postmortem = quirky.note(), quirky.create()
    assert_is_a_crash(quirky.send("PATCH", one(NOTES, note["id"]), json={}))
    assert quirky.got(NOTES, note["id"]) == note
    assert quirky.send("PATCH", at(postmortem["id"]), json={}).status_code == 200


@law("grafana-oncall/quirk.nesting")
def test_a_hundred_thousand_brackets_are_a_500(quirky: OnCall) -> None:
    for path in (NOTES, LIST):
        assert_is_a_crash(quirky.send("POST", path, content=b"[" * 100_000, headers=JSON))


@law("grafana-oncall/quirk.token")
def test_a_token_outside_ascii_is_a_500(quirky: OnCall) -> None:
    assert_is_a_crash(quirky.as_user("tokén").send("GET", NOTES))


@law("grafana-oncall/quirk.delay")
@pytest.mark.parametrize("delay", [[1], {}, 10**15])
def test_a_delay_that_is_no_number_or_too_far_away_is_a_500(quirky: OnCall, delay: object) -> None:
    assert_is_a_crash(quirky.send("POST", one(GROUPS, quirky.group, "silence"), json={"delay": delay}))
    assert quirky.got(GROUPS, quirky.group)["state"] == "firing"


@law("grafana-oncall/quirk.chunked")
def test_a_body_in_chunks_is_taken_as_empty(quirky: OnCall) -> None:
    answer = quirky.send("POST", NOTES, content=iter([b'{"text": "x"}']), headers=JSON)
    required = ["This field is required."]
    assert (answer.status_code, answer.json()) == (400, {"alert_group_id": required, "text": required})
