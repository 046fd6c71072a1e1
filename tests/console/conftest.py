from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from mockserver.server.app import MockServer, create_server
from mockserver.server.journal.journal import JournalBounds
from mockserver.server.settings import Settings
from tests.conftest import BOTH
from tests.console import chromium
from tests.console.chromium import Browser
from tests.console.markup import Page
from tests.inprocess import InProcess
from tests.live import LiveServer, serving

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ONCALL = {"Authorization": "meowmeowmeow"}
INCIDENT = {"Authorization": "Bearer inc-test-key"}

ENTRIES = 5_000

Look = Callable[[str], Page]


@pytest.fixture
def reader(server: MockServer) -> Iterator[httpx.Client]:
    """What a browser sends, without a socket; redirects are not followed."""
    with httpx.Client(
        transport=InProcess(server.app), base_url=server.settings.base_url, headers=HTML
    ) as client:
        yield client


@pytest.fixture
def look(reader: httpx.Client) -> Look:
    """Opens a page that must be there, and read as markup without a fault."""

    def open_page(path: str) -> Page:
        answer = reader.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        page = Page(answer.text)
        assert page.wrong == []
        return page

    return open_page


@pytest.fixture
def traffic(client: httpx.Client) -> None:
    """A handful of requests to both vendors: r<n> to r<n+6> of the journal of the default sandbox."""
    created = client.post(
        "/api/v1/postmortems/",
        headers=ONCALL,
        json={"alert_group_id": "IQUIET1PAGE11", "text": "The disk was full."},
    )
    assert created.status_code == 201
    client.get("/api/v1/postmortems/", headers=ONCALL, params={"page": 1})
    client.get("/api/v1/postmortems/NOPE/", headers=ONCALL)
    client.get("/v1/postmortem_documents", headers=INCIDENT)
    client.get("/v2/incidents")
    client.get("/nowhere")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    executable = chromium.find()
    if executable is None:
        pytest.skip("there is no Chromium on this machine (CHROMIUM may name one)")
    with chromium.browsing(executable, tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[chromium.Page]:
    page = browser.page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[LiveServer]:
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
