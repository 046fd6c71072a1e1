from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import JSON, LIST, UNKNOWN, OnCall, at
from contract_tests.laws import law
from contract_tests.shared import age

EVERY_ANSWER = {
    "Content-Type": "application/json",
    "X-Frame-Options": "DENY",
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NEVER = ["WWW-Authenticate", "Location", "ETag", "Retry-After", "RateLimit-Reset"]
LIST_METHODS = "GET, POST, HEAD, OPTIONS"
DETAIL_METHODS = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"

Ask = Callable[[OnCall], httpx.Response]


def of_a_postmortem(method: str, **request: object) -> Ask:
    return lambda user: user.send(method, at(user.create()["id"]), **request)


OF_THE_LIST: dict[str, Ask] = {
    "200 list": lambda user: user.send("GET", LIST),
    "200 to a browser": lambda user: user.send("GET", LIST, headers={"Origin": "https://example.org"}),
    "201": lambda user: user.post(),
    "400 validation": lambda user: user.send("POST", LIST, json={}),
    "400 parse error": lambda user: user.post_raw(b"{"),
    "403": lambda user: user.as_user(None).send("GET", LIST),
    "404 format": lambda user: user.send("GET", LIST, params={"format": "xml"}),
    "405": lambda user: user.send("PUT", LIST),
    "406": lambda user: user.send("GET", LIST, headers={"Accept": "text/html"}),
    "413": lambda user: user.post_raw(b" " * (16 * 1024 * 1024 + 1)),
    "415": lambda user: user.post_raw(b"x", "text/plain"),
    "200 options": lambda user: user.send("OPTIONS", LIST),
}
OF_A_POSTMORTEM: dict[str, Ask] = {
    "200 get": of_a_postmortem("GET"),
    "200 put": of_a_postmortem("PUT", json={"text": "x"}),
    "200 patch": of_a_postmortem("PATCH", json={}),
    "400 put": of_a_postmortem("PUT", json={}),
    "403 put": lambda user: user.as_user(None).send("PUT", at(UNKNOWN)),
    "404 get": lambda user: user.send("GET", at(UNKNOWN)),
    "405 post": of_a_postmortem("POST"),
    "406 delete": of_a_postmortem("DELETE", headers={"Accept": "text/html"}),
    "415 put": of_a_postmortem("PUT", content=b"x", headers={"Content-Type": "text/plain"}),
    "200 options of one": of_a_postmortem("OPTIONS"),
}
WITHOUT_JSON: dict[str, Ask] = {
    "204": of_a_postmortem("DELETE"),
    "404 html": lambda user: user.send("GET", "/api/v1/nosuch/"),
}


@law("grafana-oncall/header.every-answer")
@pytest.mark.parametrize("kind", OF_THE_LIST | OF_A_POSTMORTEM)
def test_every_json_answer_has_the_same_headers(oncall: OnCall, kind: str) -> None:
    answer = (OF_THE_LIST | OF_A_POSTMORTEM)[kind](oncall)
    assert answer.status_code == int(kind[:3])
    assert {name: answer.headers.get(name) for name in EVERY_ANSWER} == EVERY_ANSWER


@law("grafana-oncall/header.allow")
@pytest.mark.parametrize("kind", OF_THE_LIST)
def test_answers_of_the_list_name_its_methods(oncall: OnCall, kind: str) -> None:
    assert OF_THE_LIST[kind](oncall).headers.get("Allow") == LIST_METHODS


@law("grafana-oncall/header.allow")
@pytest.mark.parametrize("kind", OF_A_POSTMORTEM | {"204": None})
def test_answers_of_a_postmortem_name_its_methods(oncall: OnCall, kind: str) -> None:
    assert (OF_A_POSTMORTEM | WITHOUT_JSON)[kind](oncall).headers.get("Allow") == DETAIL_METHODS


@law("grafana-oncall/header.never")
@pytest.mark.parametrize("kind", OF_THE_LIST | OF_A_POSTMORTEM | WITHOUT_JSON)
def test_an_answer_has_no_header_that_the_engine_never_sends(oncall: OnCall, kind: str) -> None:
    answer = (OF_THE_LIST | OF_A_POSTMORTEM | WITHOUT_JSON)[kind](oncall)
    assert answer.status_code == int(kind[:3])
    assert [name for name in NEVER if name in answer.headers] == []


@law("grafana-oncall/form.id")
def test_an_id_is_p_and_twelve_characters_without_o_and_zero(oncall: OnCall) -> None:
    for _ in range(40):
        assert re.fullmatch("P[A-NP-Z1-9]{12}", oncall.create()["id"])


@law("grafana-oncall/form.created-at")
def test_created_at_is_utc_with_six_digits_of_a_second(oncall: OnCall) -> None:
    for _ in range(40):
        form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"
        assert re.fullmatch(form, oncall.create()["created_at"])


@law("grafana-oncall/form.created-at")
def test_created_at_is_the_time_of_creation(oncall: OnCall) -> None:
    answer = oncall.post()
    assert abs(age(answer.json()["created_at"], answer)) < 120, "or the clocks differ"


@law("grafana-oncall/form.created-at")
def test_later_postmortems_have_later_times(oncall: OnCall) -> None:
    times = [datetime.fromisoformat(oncall.create()["created_at"]) for _ in range(10)]
    assert times == sorted(times)
    assert times[0] < times[-1]


@law("grafana-oncall/form.created-at")
def test_a_fraction_of_zero_is_left_out(stranger: OnCall, deployment: Deployment) -> None:
    shown = stranger.read(deployment.need("oncall_other_organization_full_second_postmortem"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["created_at"])


@law("grafana-oncall/form.created-at")
def test_created_at_is_the_same_in_every_answer(oncall: OnCall) -> None:
    created = oncall.create()
    put = oncall.send("PUT", at(created["id"]), json={"text": "after"}, headers=JSON).json()
    listed = {it["id"]: it for it in oncall.listed(alert_group_id=oncall.group)}[created["id"]]
    shown = oncall.read(created["id"])
    assert {it["created_at"] for it in (created, put, listed, shown)} == {created["created_at"]}


@law("grafana-oncall/header.behind-https")
def test_behind_a_gateway_with_https_an_answer_says_to_stay_with_it(oncall: OnCall) -> None:
    secure = oncall.send("GET", LIST, headers={"X-Forwarded-Proto": "https"})
    assert secure.headers["Strict-Transport-Security"] == "max-age=360000"


@law("grafana-oncall/form.language")
@pytest.mark.parametrize("language", ["de", "fr-FR, fr;q=0.9", "*", "xx-nonsense"])
def test_a_refusal_is_in_the_same_words_in_every_language(oncall: OnCall, language: str) -> None:
    def refusals(headers: dict[str, str]) -> list[tuple[int, str]]:
        nobody = oncall.as_user(None)
        answers = [
            oncall.send("GET", at(UNKNOWN), headers=headers),
            oncall.send("POST", LIST, json={}, headers=headers),
            oncall.send("PUT", LIST, json={}, headers=headers),
            nobody.send("GET", LIST, headers=headers),
        ]
        return [(answer.status_code, answer.text) for answer in answers]

    assert refusals({"Accept-Language": language}) == refusals({})


@law("grafana-oncall/get.unconditional")
@pytest.mark.parametrize(
    "condition",
    [
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"If-None-Match": "*"},
        {"If-None-Match": '"a"'},
    ],
)
def test_a_condition_hides_nothing(oncall: OnCall, condition: dict[str, str]) -> None:
    created = oncall.create("before")
    oncall.send("PUT", at(created["id"]), json={"text": "after"})
    shown = oncall.send("GET", at(created["id"]), headers=condition)
    listed = oncall.send("GET", LIST, params={"alert_group_id": oncall.group}, headers=condition)
    assert (shown.status_code, listed.status_code) == (200, 200)
    assert shown.json()["text"] == "after"
    assert {it["id"]: it["text"] for it in listed.json()["results"]}[created["id"]] == "after"
