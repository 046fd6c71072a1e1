"""The console as somebody uses it: in a browser, with keys and a mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from mockserver.core.exchange import Headers, Request
from mockserver.server.app import create_server
from mockserver.server.journal.journal import JournalBounds
from mockserver.server.settings import Settings
from tests.conftest import BOTH
from tests.console import chromium
from tests.console.chromium import Browser, Page
from tests.console.conftest import INCIDENT, ONCALL
from tests.console.test_hostile import HOSTILE
from tests.live import LiveServer, serving

pytestmark = pytest.mark.browser
ENTRIES = 5_000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    executable = chromium.find()
    if executable is None:
        pytest.skip("there is no Chromium on this machine (CHROMIUM may name one)")
    with chromium.browsing(executable, tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    bounds = JournalBounds(entries=ENTRIES, size=64 * 1024 * 1024)
    with serving(
        lambda base_url: create_server(
            Settings(providers=BOTH, base_url=base_url, rate_factor=None, journal=bounds)
        )
    ) as live:
        yield live


@pytest.fixture
def live(shared: LiveServer) -> LiveServer:
    """With room for many entries, and a fresh sandbox."""
    for sandbox in shared.mock.sandboxes:
        shared.mock.sandboxes.delete(sandbox.name)
    return shared


@pytest.fixture
def send(live: LiveServer) -> Iterator[Callable[..., httpx.Response]]:
    with httpx.Client(base_url=live.base_url) as client:
        yield client.request


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
