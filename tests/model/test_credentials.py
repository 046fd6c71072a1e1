"""When an answer that holds a credential tells it, and when somebody has only written the same text before."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import find
from hypothesis.errors import NoSuchExample

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model import probes
from contract_tests.model.credentials import Credentials
from contract_tests.model.incident_io import IncidentIoShadow
from contract_tests.schema import hooks

KEY, OTHER = "inc-test-key", "inc-no-scope-key"
CONTEXT: Any = None
BEARER = (("Authorization", f"Bearer {KEY}"),)


def credentials(*, others: bool = False) -> Credentials:
    return Credentials([KEY, OTHER, "short"], others=others)


def read(told: str, headers: tuple[tuple[str, str], ...] = BEARER) -> tuple[Asked, Answered]:
    return Asked("GET", "/v3/follow_ups", headers), Answered(200, (), told.encode())


@pytest.mark.parametrize("token", [KEY, OTHER])
def test_a_known_credential_in_any_answer_is_told(token: str) -> None:
    assert credentials().are_told(*read(f"all of {token} here"))
    asked, _ = read("")
    assert credentials().are_told(asked, Answered(200, (("X-Key", token),)))


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"title": f"see {OTHER}"}).encode(),
        json.dumps({"labels": [OTHER]}).replace("-", "\\u002d").encode(),
        f"title={OTHER.replace('-', '%2D')}".encode(),
        b"\xff" + OTHER.encode(),
    ],
)
def test_what_somebody_has_written_before_is_not_told_when_it_is_shown(body: bytes) -> None:
    watch = credentials()
    assert watch.are_told(*read(f'{{"title": "{OTHER}"}}'))
    watch.sent(Asked("POST", "/v3/follow_ups", BEARER, body))
    assert not watch.are_told(*read(f'{{"title": "{OTHER}"}}'))
    assert watch.are_told(*read(f'{{"title": "{KEY}"}}'))


def test_the_model_hears_what_is_written_even_if_no_answer_comes() -> None:
    shadow = IncidentIoShadow(Deployment())
    shown = Answered(404, (("Content-Type", "application/json"), ("X-Seen", OTHER)), b"{}")
    seen = Exchange(Asked("GET", "/v3/follow_ups/01HNOBODY", BEARER), shown)
    assert any("credential" in complaint for complaint in shadow.judge(seen))
    write = Asked("POST", "/v3/follow_ups", BEARER, json.dumps({"title": OTHER}).encode())
    assert shadow.judge(Exchange(write, None)) == []
    assert not any("credential" in complaint for complaint in shadow.judge(seen))


@pytest.mark.parametrize(
    "offered", [f"Bearer {KEY}", KEY, f'"{KEY}"', "Bearer nobodys-key", f"Basic {KEY.upper()}"]
)
def test_a_refusal_that_repeats_what_was_offered_tells_it_whatever_was_written(offered: str) -> None:
    watch, token = credentials(others=True), offered.rpartition(" ")[2].strip('"')
    asked, _ = read("", (("Authorization", offered),))
    watch.sent(Asked("POST", "/v3/follow_ups", BEARER, json.dumps({"title": token}).encode()))
    assert watch.are_told(asked, Answered(401, (), f"Unknown key: {token}".encode()))
    assert not watch.are_told(asked, Answered(401, (), b"Unknown key"))


def test_a_refusal_may_quote_the_words_of_its_request() -> None:
    asked = Asked("POST", "/v3/follow_ups", BEARER, json.dumps({"status": OTHER}).encode())
    assert not credentials().are_told(asked, Answered(422, (), f"{OTHER} is no status".encode()))
    path = Asked("GET", f"/v3/follow_ups/{OTHER}", BEARER)
    assert not credentials().are_told(path, Answered(404, (), f"no {OTHER}".encode()))


def test_links_repeat_a_query_and_refusals_do_not() -> None:
    asked = Asked("GET", f"/api/v1/postmortems/?token={KEY}")
    assert not credentials().are_told(asked, Answered(200, (), f"/?page=2&token={KEY}".encode()))
    assert credentials().are_told(asked, Answered(403, (), f"no: ?token={KEY}".encode()))


def test_where_others_write_too_what_is_read_may_hold_anything() -> None:
    watch = credentials(others=True)
    assert not watch.are_told(*read(f"never use {OTHER}"))
    created = Asked("POST", "/v3/follow_ups", BEARER, b"{}")
    assert watch.are_told(created, Answered(201, (), OTHER.encode()))


def test_a_text_that_is_short_may_stand_anywhere() -> None:
    assert not credentials().are_told(*read("in short"))


def test_no_text_is_drawn_that_holds_a_credential() -> None:
    """Hypothesis draws what it finds in our sources now and then; the credentials of the mock are among it."""
    assert KEY in probes.CREDENTIALS
    assert find(probes.texts(), lambda text: "plain" in text)
    with pytest.raises(NoSuchExample):
        find(probes.texts(never=["plain"]), lambda text: "plain" in text)


@pytest.mark.parametrize(
    "drawn",
    [
        {"body": {"labels": ["a", f"see {OTHER}"]}},
        {"query": {"after": OTHER}},
        {"path_parameters": {"id": OTHER}},
    ],
)
def test_schemathesis_is_not_to_write_a_credential(drawn: dict[str, Any]) -> None:
    nothing: dict[str, Any] = {"path_parameters": {}, "query": {}, "body": {"title": "no key"}}
    assert hooks.filter_case(CONTEXT, SimpleNamespace(**nothing))
    assert not hooks.filter_case(CONTEXT, SimpleNamespace(**{**nothing, **drawn}))
