"""What a browser makes of thousands of requests, and of those that mean harm."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from mockserver.core.exchange import Headers, Request
from tests.console.chromium import Page
from tests.console.conftest import ENTRIES, ONCALL
from tests.console.test_hostile import HOSTILE
from tests.live import LiveServer

pytestmark = pytest.mark.browser


def test_what_is_hostile_is_text_and_does_nothing(
    page: Page, live: LiveServer, send: Callable[..., httpx.Response]
) -> None:
    created = []
    for text in HOSTILE[:13]:
        created.append(
            send(
                "POST",
                "/api/v1/postmortems/",
                headers={**ONCALL, "X-Odd": text.encode().replace(b"\n", b" ")},
                json={"alert_group_id": "IQUIET1PAGE11", "text": text},
            ).json()
        )
        send("GET", "/x", params={"q": text})
    numbers = [entry.id for entry in live.mock.sandboxes.default.journal]
    paths = [
        "/_mock/",
        *(f"/_mock/console/requests/{number}" for number in numbers),
        "/_mock/console/state/grafana-oncall/postmortems",
        *(f"/_mock/console/state/grafana-oncall/postmortems/{made['id']}" for made in created),
    ]
    for path in paths:
        page.open(live.base_url + path)
        assert page.evaluate(
            "[window.ran, document.querySelectorAll('main img, main svg, [onfocus]').length]"
        ) == [
            None,
            0,
        ]
    page.open(f"{live.base_url}/_mock/")
    for _ in numbers[:6]:
        page.key("j")
        page.wait("document.querySelector('#side .exchange') !== null")
    assert page.evaluate("window.ran") is None
    assert page.complaints() == []


def test_the_policy_would_stop_what_escaping_had_let_through(page: Page, live: LiveServer) -> None:
    page.open(f"{live.base_url}/_mock/")
    page.evaluate(
        "document.querySelector('main').innerHTML = '<img src=x onerror=\"window.ran = 1\">"
        '<p style="color: red" id=red>\'; new Promise(done => setTimeout(done, 100))'
    )
    assert page.evaluate("window.ran") is None
    assert page.evaluate("getComputedStyle(document.getElementById('red')).color") != "rgb(255, 0, 0)"
    assert any("Content Security Policy" in complaint for complaint in page.complaints())


def test_thousands_of_entries_cost_a_page_a_hundred_rows(page: Page, live: LiveServer) -> None:
    """Whatever the journal holds; and a burst of requests costs a few looks, not one each."""
    engine = live.mock.engine
    key = Headers([(b"authorization", b"meowmeowmeow")])

    def ask(count: int) -> None:
        for number in range(count):
            engine.answer("default", Request("GET", "/api/v1/postmortems/", f"page={number}", key))

    ask(ENTRIES)
    page.open(f"{live.base_url}/_mock/")
    assert page.evaluate("document.querySelectorAll('#rows .req').length") == 100
    assert "5\u202f000 requests" in page.evaluate("document.querySelector('#count').textContent")
    page.click("[data-older]")
    page.wait("document.querySelectorAll('#rows .req').length === 200")
    page.key("/")
    page.type("page=4321")
    page.wait("document.querySelectorAll('#rows .req').length === 1")
    page.evaluate(
        "document.querySelector('#contains').value = ''; document.querySelector('#filter').requestSubmit()"
    )
    page.wait("document.querySelectorAll('#rows .req').length === 100")
    page.evaluate(
        "window.looks = 0; const ask = window.fetch; window.fetch = (...a) => { window.looks++; return ask(...a); }; 0"
    )
    ask(3_000)
    page.wait("document.querySelector('#rows .target')?.textContent.endsWith('page=2999')")
    assert page.evaluate("document.querySelectorAll('#rows .req').length") <= 1_000
    assert page.evaluate("window.looks") < 100
    assert page.complaints() == []
