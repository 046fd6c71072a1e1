from __future__ import annotations

from collections.abc import Callable

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import INACTIVE, INVALID_TOKEN, LIST, NOT_FOUND, OnCall, at
from contract_tests.laws import law

OPERATIONS = pytest.mark.parametrize(
    ("method", "detail"),
    [("GET", False), ("POST", False), ("GET", True), ("PUT", True), ("PATCH", True), ("DELETE", True)],
)


@law("grafana-oncall/auth.raw-token")
def test_the_token_alone_opens_every_operation(oncall: OnCall) -> None:
    headers = {"Authorization": oncall.token or ""}
    body = {"alert_group_id": oncall.group, "text": "x"}
    created = oncall.send("POST", LIST, json=body, headers=headers)
    path = at(created.json()["id"])
    statuses = [
        created.status_code,
        *(oncall.http.request("GET", it, headers=headers).status_code for it in (LIST, path)),
        *(oncall.http.request(it, path, headers=headers, json=body).status_code for it in ("PUT", "PATCH")),
        oncall.http.request("DELETE", path, headers=headers).status_code,
    ]
    assert statuses == [201, 200, 200, 200, 200, 204]


@law("grafana-oncall/auth.raw-token")
@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION"])
def test_the_name_of_the_header_may_be_written_in_any_case(oncall: OnCall, name: str) -> None:
    assert oncall.http.get(LIST, headers={name: oncall.token or ""}).status_code == 200


BAD_TOKENS: dict[str, Callable[[str], str]] = {
    "empty": lambda token: "",
    "unknown": lambda token: "not-a-token-of-anybody",
    "truncated": lambda token: token[:-1],
    "lengthened": lambda token: token + "x",
    "upper-cased": str.upper,
    "double-quoted": lambda token: f'"{token}"',
    "single-quoted": lambda token: f"'{token}'",
    "Bearer": lambda token: f"Bearer {token}",
    "Token": lambda token: f"Token {token}",
    "Basic": lambda token: f"Basic {token}",
    "twice": lambda token: f"{token}, {token}",
}


@law("grafana-oncall/auth.bad-token")
@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_answers_403(oncall: OnCall, kind: str) -> None:
    bad = BAD_TOKENS[kind](oncall.token or "")
    if bad == oncall.token:
        pytest.skip("not judged: upper-cased or not, the token is the same")
    answer = oncall.as_user(bad).send("GET", LIST)
    assert (answer.status_code, answer.json()) == (403, INVALID_TOKEN)


@law("grafana-oncall/auth.bad-token")
@pytest.mark.parametrize("name", ["token", "Authorization", "authorization", "api_key", "access_token"])
def test_a_token_in_the_query_string_answers_403(oncall: OnCall, nobody: OnCall, name: str) -> None:
    answer = nobody.send("GET", LIST, params={name: oncall.token})
    assert (answer.status_code, answer.json()) == (403, INVALID_TOKEN)


@law("grafana-oncall/auth.bad-token")
def test_a_token_in_another_header_or_a_cookie_answers_403(oncall: OnCall, nobody: OnCall) -> None:
    token = oncall.token or ""
    for headers in ({"X-Api-Key": token}, {"X-Authorization": token}, {"Cookie": f"Authorization={token}"}):
        answer = nobody.send("GET", LIST, headers=headers)
        assert (answer.status_code, answer.json()) == (403, INVALID_TOKEN)


@law("grafana-oncall/auth.bad-token")
@OPERATIONS
@pytest.mark.parametrize("token", [None, "not-a-token-of-anybody"])
def test_every_operation_wants_a_token(oncall: OnCall, method: str, detail: bool, token: str | None) -> None:
    created = oncall.create("before")
    before = oncall.mine(alert_group_id=oncall.group)
    path = at(created["id"]) if detail else LIST
    body = {"alert_group_id": oncall.group, "text": "after"}
    answer = oncall.as_user(token).send(method, path, json=body)
    assert (answer.status_code, answer.json()) == (403, INVALID_TOKEN)
    assert oncall.mine(alert_group_id=oncall.group) == before


@law("grafana-oncall/auth.bad-token")
def test_an_unsupported_method_wants_a_token_too(nobody: OnCall) -> None:
    for method, path in (("PUT", LIST), ("OPTIONS", LIST), ("POST", at("P658FE5K87EWZ"))):
        answer = nobody.send(method, path)
        assert (answer.status_code, answer.json()) == (403, INVALID_TOKEN)


@law("grafana-oncall/auth.inactive-user")
@OPERATIONS
def test_an_inactive_user_answers_403(
    oncall: OnCall, deployment: Deployment, method: str, detail: bool
) -> None:
    created = oncall.create("before")
    inactive = oncall.as_user(deployment.need("oncall_inactive_token"))
    path = at(created["id"]) if detail else LIST
    answer = inactive.send(method, path, json={"alert_group_id": oncall.group, "text": "after"})
    assert (answer.status_code, answer.json()) == (403, INACTIVE)
    assert oncall.read(created["id"])["text"] == "before"


@law("grafana-oncall/auth.deleted-organization")
def test_a_token_of_a_deleted_organization_answers_404(oncall: OnCall, deployment: Deployment) -> None:
    gone = oncall.as_user(deployment.need("oncall_deleted_organization_token"))
    for method, path in (("GET", LIST), ("POST", LIST), ("GET", at("P658FE5K87EWZ"))):
        answer = gone.send(method, path, json={})
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        assert "Allow" not in answer.headers
