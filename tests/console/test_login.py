from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from mockserver.server.app import MockServer
from mockserver.server.console.login import (
    GUESS_SECONDS,
    MOST_GUESSES,
    MOST_SESSIONS,
    SESSION_SECONDS,
    Login,
)
from mockserver.server.console.rendering import POLICY
from mockserver.server.control.app import control_app
from mockserver.server.faults.catalogue import catalogue_of
from mockserver.server.sandboxing import Sandboxing
from mockserver.server.settings import Settings
from tests.conftest import BOTH
from tests.console.conftest import HTML
from tests.console.markup import Page
from tests.inprocess import InProcess

TOKEN = "open sesame"
HOST = "http://127.0.0.1:4010"
HERE = {**HTML, "Origin": HOST}


@pytest.fixture
def browser(shared_server: MockServer) -> Iterator[httpx.Client]:
    """Of a control API that wants a token, and of nothing else: documents need not be read again for it."""
    settings = Settings(providers=BOTH, control_token=TOKEN, base_url=HOST)
    catalogue = catalogue_of(shared_server.providers, shared_server.documents)
    app = Sandboxing(control_app(settings, shared_server.documents, shared_server.engine, catalogue))
    with httpx.Client(transport=InProcess(app), base_url=HOST, headers=HTML) as client:
        yield client


def log_in(browser: httpx.Client, token: str = TOKEN) -> httpx.Response:
    return browser.post("/_mock/console/login", data={"token": token}, headers=HERE)


def test_a_browser_without_a_session_is_sent_to_the_login(browser: httpx.Client) -> None:
    for path in ("/_mock/", "/_mock/console/state", "/_mock/console/nothing"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/_mock/console/login")
    page = browser.get("/_mock/console/login")
    assert page.status_code == 200
    assert Page(page.text).wrong == []
    assert page.headers["Content-Security-Policy"] == POLICY
    for file in Page(page.text).loaded:
        assert browser.get(file).status_code == 200


def test_who_is_no_browser_is_refused_as_before(browser: httpx.Client) -> None:
    answer = browser.get("/_mock/", headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert "X-Mock-Token" in answer.json()["error"]
    assert browser.post("/_mock/reset", headers=HERE).status_code == 403
    assert browser.get("/_mock/events", headers={"Accept": "text/event-stream"}).status_code == 403


def test_the_token_opens_a_session_that_a_strict_cookie_carries(browser: httpx.Client) -> None:
    answer = log_in(browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/_mock/")
    cookie = answer.headers["Set-Cookie"].lower()
    assert "mock_session_4010=" in cookie
    for wanted in ("httponly", "samesite=strict", "path=/_mock", f"max-age={SESSION_SECONDS}"):
        assert wanted in cookie
    assert TOKEN not in answer.headers["Set-Cookie"]
    assert "Requests" in browser.get("/_mock/").text
    assert browser.get("/_mock/sandboxes/default/_mock/").status_code == 200


def test_a_session_writes_only_for_pages_of_this_server(browser: httpx.Client) -> None:
    log_in(browser)
    path = "/_mock/console/sandboxes"
    form = {"do": "make", "name": "mine"}
    for headers in (
        {},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:4011"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ):
        assert browser.post(path, data=form, headers=headers).status_code == 403, headers
    assert browser.post(path, data=form, headers={"Origin": HOST}).status_code == 303
    assert browser.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_who_has_logged_out_is_out_even_with_the_cookie(browser: httpx.Client) -> None:
    log_in(browser)
    cookie = dict(browser.cookies)
    assert browser.post("/_mock/console/logout", headers=HERE).status_code == 303
    assert dict(browser.cookies) == {}
    browser.cookies.update(cookie)
    assert browser.get("/_mock/").status_code == 303


def test_a_wrong_token_opens_nothing_and_is_not_said_again(browser: httpx.Client) -> None:
    answer = log_in(browser, "guess-<b>")
    assert answer.status_code == 403
    assert "That is not the token." in answer.text
    assert "guess" not in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "body", [b"", b"token", b"token=%ff%fe", b"other=1", b"\xff" * 10, b"token=" + "é".encode()]
)
def test_what_is_no_form_with_the_token_is_a_wrong_token(body: bytes, browser: httpx.Client) -> None:
    assert browser.post("/_mock/console/login", content=body, headers=HERE).status_code == 403


def test_a_form_longer_than_forms_are_is_not_read(browser: httpx.Client) -> None:
    body = b"token=" + b"x" * 100_000
    assert browser.post("/_mock/console/login", content=body, headers=HERE).status_code == 413


def test_the_login_of_a_page_from_elsewhere_is_refused(browser: httpx.Client) -> None:
    answer = browser.post(
        "/_mock/console/login", data={"token": TOKEN}, headers={**HTML, "Origin": "http://evil.test"}
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("cookie", ["", "x", "é", "x" * 4_000])
def test_a_made_up_cookie_is_none(cookie: str, browser: httpx.Client) -> None:
    headers = [("Accept", "text/html"), ("Cookie", f"mock_session_4010={cookie}".encode())]
    answer = browser.get("/_mock/", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 303


def test_a_server_without_a_token_has_no_login(client: httpx.Client) -> None:
    assert client.get("/_mock/console/login").status_code == 404


class Timer:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_guesses_are_bounded_for_everybody_and_given_back_in_time() -> None:
    timer = Timer()
    login = Login(TOKEN, cookie="c", timer=timer)
    assert [login.open("wrong") for _ in range(MOST_GUESSES)] == [None] * MOST_GUESSES
    assert login.exhausted
    assert login.open(TOKEN) is None
    timer.now = GUESS_SECONDS + 0.1
    assert login.open(TOKEN) is not None
    assert not login.exhausted


def test_right_tokens_are_not_counted() -> None:
    login = Login(TOKEN, cookie="c", timer=Timer())
    assert all(login.open(TOKEN) for _ in range(3 * MOST_GUESSES))


def test_sessions_are_random_and_bounded_and_end() -> None:
    timer = Timer()
    login = Login(TOKEN, cookie="c", timer=timer)
    sessions = [login.open(TOKEN) or "" for _ in range(MOST_SESSIONS + 1)]
    assert len(set(sessions)) == MOST_SESSIONS + 1
    assert min(map(len, sessions)) >= 43
    known = [login.knows(session) for session in sessions]
    assert known == [False] + [True] * MOST_SESSIONS
    timer.now = SESSION_SECONDS + 1
    assert not login.knows(sessions[-1])
