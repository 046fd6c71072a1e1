"""The console as somebody uses it: in a browser, with keys and a mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from mockserver.server.app import create_server
from mockserver.server.settings import Settings
from tests.console.chromium import Page
from tests.console.conftest import INCIDENT, ONCALL
from tests.live import LiveServer, serving

pytestmark = pytest.mark.browser


def rows(page: Page) -> list[str]:
    """What the list shows, the newest first: methods and paths."""
    script = (
        "[...document.querySelectorAll('#rows .req')].map(row =>"
        " row.querySelector('.method').textContent + ' ' + row.querySelector('.target').textContent)"
    )
    found: list[str] = page.evaluate(script)
    return found


def test_a_request_appears_while_somebody_looks(
    page: Page, live: LiveServer, send: Callable[..., httpx.Response]
) -> None:
    page.open(f"{live.base_url}/_mock/")
    page.evaluate("window.same = true")
    page.wait("document.querySelector('#live').textContent === 'Live'")
    send("GET", "/api/v1/postmortems/", headers=ONCALL)
    page.wait("document.querySelectorAll('#rows .req').length === 1")
    send("GET", "/nowhere")
    page.wait("document.querySelectorAll('#rows .req').length === 2")
    assert rows(page) == ["GET /nowhere", "GET /api/v1/postmortems/"]
    assert page.evaluate("window.same")
    assert page.evaluate("document.querySelector('#empty').hidden")
    assert page.complaints() == []


def test_a_still_list_stays_as_it_is_and_catches_up(
    page: Page, live: LiveServer, send: Callable[..., httpx.Response]
) -> None:
    send("GET", "/one")
    page.open(f"{live.base_url}/_mock/")
    page.key("l")
    page.wait("document.querySelector('#live').textContent === 'Still'")
    send("GET", "/two")
    assert rows(page) == ["GET /one"]
    page.click("#live")
    page.wait("document.querySelectorAll('#rows .req').length === 2")


def test_a_filter_holds_for_what_comes_in_too(
    page: Page, live: LiveServer, send: Callable[..., httpx.Response]
) -> None:
    send("GET", "/red")
    send("GET", "/blue")
    page.open(f"{live.base_url}/_mock/")
    page.key("/")
    page.type("RED")
    page.wait("document.querySelectorAll('#rows .req').length === 1")
    assert page.evaluate("location.search") == "?contains=RED"
    send("GET", "/blue-again")
    send("GET", "/red-again")
    page.wait("document.querySelectorAll('#rows .req').length === 2")
    assert rows(page) == ["GET /red-again", "GET /red"]
    assert page.complaints() == []


def test_keys_go_through_the_list_and_open_one_in_full(
    page: Page, live: LiveServer, send: Callable[..., httpx.Response]
) -> None:
    send(
        "POST",
        "/api/v1/postmortems/",
        headers=ONCALL,
        json={"alert_group_id": "IQUIET1PAGE11", "text": "The disk was full."},
    )
    send("GET", "/v2/incidents", headers=INCIDENT)
    page.open(f"{live.base_url}/_mock/")
    page.key("j")
    page.wait("document.querySelector('#side .exchange')?.textContent.includes('/v2/incidents')")
    page.key("j")
    page.wait("document.querySelector('#side .exchange')?.textContent.includes('The disk was full.')")
    assert page.evaluate("document.querySelectorAll('.req.chosen').length") == 1
    page.key("k")
    page.wait("document.querySelector('#side .exchange')?.textContent.includes('/v2/incidents')")
    page.key("j")
    page.key("Enter")
    page.wait("location.pathname.includes('/console/requests/r') && document.readyState === 'complete'")
    assert "The disk was full." in page.evaluate("document.querySelector('main').innerText")
    assert page.complaints() == []


def test_somebody_clicks_through_from_a_request_to_the_record_that_it_made(
    page: Page, live: LiveServer, send: Callable[..., httpx.Response]
) -> None:
    created = send(
        "POST",
        "/api/v1/postmortems/",
        headers=ONCALL,
        json={"alert_group_id": "IQUIET1PAGE11", "text": "The disk was full."},
    ).json()
    page.open(f"{live.base_url}/_mock/")
    page.click("#rows .req")
    page.wait("document.querySelector('#side .changes a') !== null")
    page.click("#side .changes a")
    page.wait(
        f"location.pathname.endsWith('/postmortems/{created['id']}') && document.readyState === 'complete'"
    )
    for link in ("state", "faults", "webhooks", "clock", "coverage", "rules", "sandboxes"):
        page.click(f"nav a[href$='console/{link}']")
        page.wait(f"location.pathname.endsWith('/console/{link}') && document.readyState === 'complete'")
        assert page.evaluate("document.querySelector('nav [aria-current]').href").endswith(link)
    assert page.complaints() == []


def test_a_fault_is_switched_on_and_off_by_hand(
    page: Page, live: LiveServer, send: Callable[..., httpx.Response]
) -> None:
    """The forms of a real browser pass the guard: it says where they come from."""
    page.open(f"{live.base_url}/_mock/console/faults")
    page.click("form.row-form button")
    page.wait("document.querySelector('.switch.on') !== null")
    assert send("GET", "/api/v1/postmortems/", headers=ONCALL).status_code == 500
    page.click(".switch")
    page.wait("document.querySelector('.switch:not(.on)') !== null")
    assert send("GET", "/api/v1/postmortems/", headers=ONCALL).status_code == 200
    assert page.complaints() == []


def test_the_theme_is_the_systems_until_somebody_chooses(page: Page, live: LiveServer) -> None:
    background = "getComputedStyle(document.documentElement).backgroundColor"
    page.open(f"{live.base_url}/_mock/")
    page.theme("light")
    light = page.evaluate(background)
    page.theme("dark")
    dark = page.evaluate(background)
    assert light != dark
    page.click("[data-theme-toggle]")
    assert page.evaluate(background) == light
    page.open(f"{live.base_url}/_mock/console/rules")
    assert page.evaluate(background) == light


def test_pages_are_read_and_filtered_without_a_script(
    page: Page, live: LiveServer, send: Callable[..., httpx.Response]
) -> None:
    send("GET", "/red")
    send("GET", "/blue")
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.navigate(f"{live.base_url}/_mock/")
    page.click(".filter button")
    page.wait("location.search.startsWith('?contains=') && document.readyState === 'complete'")
    page.navigate(f"{live.base_url}/_mock/?contains=red")
    assert rows(page) == ["GET /red"]
    assert page.evaluate("getComputedStyle(document.querySelector('.plain-only')).display") != "none"
    page.click("#rows .req")
    page.wait(
        "location.pathname.includes('/console/requests/r') && document.querySelector('details') !== null"
    )
    assert "curl" in page.evaluate("document.querySelector('main').textContent")


def test_somebody_logs_in_and_out(page: Page) -> None:
    with serving(
        lambda base_url: create_server(
            Settings(providers=("incident-io",), base_url=base_url, control_token="sesame")
        )
    ) as live:
        page.open(f"{live.base_url}/_mock/console/faults")
        assert page.evaluate("location.pathname") == "/_mock/console/login"
        page.type("sesame")
        page.key("Enter")
        page.wait("location.pathname === '/_mock/' && document.readyState === 'complete'")
        assert page.evaluate("document.cookie") == ""
        page.open(f"{live.base_url}/_mock/console/faults")
        page.click("form.row-form button")
        page.wait("document.querySelector('.switch.on') !== null")
        page.click("form[action$=logout] button")
        page.wait("location.pathname === '/_mock/console/login' && document.readyState === 'complete'")
        page.open(f"{live.base_url}/_mock/")
        assert page.evaluate("location.pathname") == "/_mock/console/login"
        assert page.complaints() == []


def test_no_page_is_wider_than_a_narrow_window(
    page: Page, live: LiveServer, send: Callable[..., httpx.Response], tmp_path: Path
) -> None:
    send("GET", "/" + "x" * 3_000)
    send("POST", "/api/v1/postmortems/", headers=ONCALL, json={"text": "y" * 3_000})
    page.size(420, 800)
    numbers = [entry.id for entry in live.mock.sandboxes.default.journal]
    for path in (
        "",
        *(f"console/requests/{number}" for number in numbers),
        "console/state",
        "console/state/incident-io/incidents",
        "console/state/incident-io/incidents/01FEX2SFX00B5SYBT0EQ0HRV6G",
        "console/faults",
        "console/webhooks",
        "console/coverage",
        "console/rules",
        "console/sandboxes",
    ):
        page.open(f"{live.base_url}/_mock/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 420, path
