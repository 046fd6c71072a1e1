from __future__ import annotations

import re
from collections import Counter, deque
from importlib import resources
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from mockserver.server.app import MockServer
from mockserver.server.console.rendering import POLICY
from tests.console.conftest import HTML, ONCALL, Look
from tests.console.markup import Page

PAGES = [
    "/_mock/",
    "/_mock/?contains=disk&status=2xx&method=POST&provider=grafana-oncall",
    "/_mock/?status=nonsense",
    "/_mock/?part=rows",
    "/_mock/console/state",
    "/_mock/console/state/grafana-oncall/postmortems",
    "/_mock/console/state/grafana-oncall/silences",
    "/_mock/console/state/incident-io/incidents?text=checkout&page=1",
    "/_mock/console/state/incident-io/incidents/01FEX2SFX00B5SYBT0EQ0HRV6G",
    "/_mock/console/webhooks",
    "/_mock/console/clock",
    "/_mock/console/faults",
    "/_mock/console/coverage",
    "/_mock/console/rules",
    "/_mock/console/rules?grade=assumed&text=import",
    "/_mock/console/sandboxes",
]
MISSING = [
    "/_mock/console/requests/r0",
    "/_mock/console/requests/nonsense",
    "/_mock/console/requests/r99999999999999999999999",
    "/_mock/console/state/nobody/things",
    "/_mock/console/state/incident-io/things",
    "/_mock/console/state/incident-io/incidents/NOPE",
    "/_mock/sandboxes/nobody/_mock/",
    "/_mock/sandboxes/nobody/_mock/console/state",
]


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_loads_nothing_and_leads_nowhere_that_is_not_ours(path: str, look: Look) -> None:
    page = look(path)
    assert [name for name, count in Counter(page.ids).items() if count > 1] == []
    assert [field for field in page.inputs if field not in page.labels] == []


@pytest.mark.parametrize("path", [*PAGES, *MISSING])
def test_a_page_comes_with_a_strict_policy_and_is_not_kept(path: str, reader: httpx.Client) -> None:
    answer = reader.get(path)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_said_on_a_page_and_makes_nothing(
    path: str, reader: httpx.Client, server: MockServer
) -> None:
    answer = reader.get(path)
    assert answer.status_code == 404
    assert Page(answer.text).wrong == []
    assert [sandbox.name for sandbox in server.sandboxes] in ([], ["default"])


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
def test_who_does_not_ask_for_a_page_gets_the_index(accept: str, client: httpx.Client) -> None:
    answer = client.get("/_mock/", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Vary"] == "Accept"
    assert answer.json()["events"] == "/_mock/events"


@pytest.mark.usefixtures("traffic")
def test_every_link_of_every_page_leads_somewhere(reader: httpx.Client) -> None:
    """Of addresses that differ in ids alone, a few stand for all."""
    waiting, seen, kinds = deque(["/_mock/"]), set[str](), Counter[str]()
    broken = []
    while waiting:
        path = waiting.popleft()
        answer = reader.get(path)
        if answer.status_code != 200 or "text/html" not in answer.headers["Content-Type"]:
            if answer.status_code != 200:
                broken.append((path, answer.status_code))
            continue
        if path.startswith("/_mock/docs/"):
            continue
        page = Page(answer.text)
        for link in [
            *page.links,
            *page.loaded,
            *(action for method, action in page.forms if method == "get"),
        ]:
            target, _, fragment = urljoin(path, link).partition("#")
            if not link.partition("#")[0]:
                assert not fragment or fragment.replace("%2F", "/") in page.ids, f"{path} has no {link}"
            kind = re.sub(r"[^/?&=]{10,}|\d+", "*", target)
            if target not in seen and kinds[kind] < 4 and "logout" not in target:
                seen.add(target)
                kinds[kind] += 1
                waiting.append(target)
    assert broken == []
    assert len(seen) > 60


@pytest.mark.usefixtures("traffic")
def test_the_list_shows_requests_the_newest_first_and_leads_to_each_in_full(look: Look) -> None:
    page = look("/_mock/")
    shown = [link for link in page.links if "/console/requests/r" in link]
    numbers = [int(link.rpartition("r")[2]) for link in shown]
    assert len(numbers) == 6
    assert numbers == sorted(numbers, reverse=True)
    text = look(shown[-1]).text
    assert "create_postmortem" in text
    assert "The disk was full." in text
    assert "Copy as curl" in text


@pytest.mark.usefixtures("traffic")
def test_credentials_are_on_no_page(look: Look, server: MockServer) -> None:
    texts = [look("/_mock/").source]
    for entry in server.sandboxes.default.journal:
        texts.append(look(f"/_mock/console/requests/{entry.id}").source)
    texts.append(look("/_mock/console/state/grafana-oncall/users").source)
    texts.append(look("/_mock/console/state/grafana-oncall/users/U4DNY931HHJS5").source)
    texts.append(look("/_mock/console/state/incident-io/api_keys/01GBA8J19SMXQWPJMX3P2ESC00").source)
    whole = "\n".join(texts)
    assert "meowmeowmeow" not in whole
    assert "inc-test-key" not in whole
    assert "uthorization: &lt;credential&gt;" in whole


def test_a_list_without_requests_says_how_to_make_one(look: Look, server: MockServer) -> None:
    page = look("/_mock/")
    assert "Nothing has been asked yet" in page.text
    assert f"curl {server.settings.base_url}/api/v1/postmortems/" in page.text


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("status=404", ["/nowhere", "/api/v1/postmortems/NOPE/"]),
        ("status=2xx&provider=incident-io", ["/v1/postmortem_documents"]),
        ("operation=create_postmortem", ["/api/v1/postmortems/"]),
        ("method=POST", ["/api/v1/postmortems/"]),
        ("contains=DISK+was", ["/api/v1/postmortems/", "/api/v1/postmortems/"]),
        ("sign=unmatched", ["/nowhere"]),
        ("sign=changed", ["/api/v1/postmortems/"]),
        ("status=abc", []),
    ],
)
@pytest.mark.usefixtures("traffic")
def test_the_list_is_filtered_by_its_address_alone(query: str, paths: list[str], look: Look) -> None:
    source = look(f"/_mock/?{query}").source
    assert re.findall(r'class="target" title="([^"]*)"', source) == paths


def test_a_page_of_a_sandbox_leads_to_pages_of_that_sandbox(
    reader: httpx.Client, client: httpx.Client, look: Look
) -> None:
    client.get("/api/v1/postmortems/", headers={**ONCALL, "X-Mock-Sandbox": "mine"})
    page = look("/_mock/sandboxes/mine/_mock/")
    inside = [link for link in page.links if link.startswith("/_mock/sandboxes/mine/_mock/")]
    assert any("/console/requests/r" in link for link in inside)
    for link in inside:
        assert reader.get(link).status_code == 200


def test_looking_at_a_sandbox_is_no_use_of_it(client: httpx.Client, look: Look, server: MockServer) -> None:
    for name in ("first", "second"):
        client.get("/api/v1/postmortems/", headers={**ONCALL, "X-Mock-Sandbox": name})
    look("/_mock/sandboxes/first/_mock/")
    look("/_mock/sandboxes/first/_mock/console/state")
    assert [sandbox.name for sandbox in server.sandboxes][:2] == ["first", "second"]


@pytest.mark.parametrize("name", ["console.css", "console.js", "icon.svg"])
def test_what_pages_load_is_asked_for_anew_and_sent_once(name: str, reader: httpx.Client) -> None:
    first = reader.get(f"/_mock/console/assets/{name}")
    assert first.status_code == 200
    assert first.headers["Content-Security-Policy"] == POLICY
    again = reader.get(f"/_mock/console/assets/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["../rendering.py", "..%2Frendering.py", "%2e%2e/rendering.py", "nope.js", ""]
)
def test_no_other_file_is_to_be_had(name: str, reader: httpx.Client) -> None:
    assert reader.get(f"/_mock/console/assets/{name}").status_code == 404


def test_nothing_that_is_loaded_names_another_place() -> None:
    folder = resources.files("mockserver.server.console") / "assets"
    for file in folder.iterdir():
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//\w+\.\w|@import|url\(", text), file.name


def test_no_template_marks_anything_as_safe_or_turns_escaping_off() -> None:
    folder = resources.files("mockserver.server.console") / "templates"
    for file in folder.iterdir():
        text = file.read_text()
        assert not re.search(r"\|\s*safe|autoescape|Markup|<script(?! src=\"/_mock/)|\{%\s*raw", text), (
            file.name
        )
        unquoted = re.findall(r"\s[\w-]+=\{\{", text)
        assert unquoted == [], file.name


def test_the_front_page_is_the_same_for_browsers_of_any_taste(client: httpx.Client) -> None:
    for accept in (HTML["Accept"], "TEXT/HTML", "application/json;q=0.1, text/html"):
        assert "text/html" in client.get("/_mock/", headers={"Accept": accept}).headers["Content-Type"]


def test_addresses_in_links_are_below_the_control_api(look: Look) -> None:
    for link in look("/_mock/").links:
        assert urlsplit(link).path.startswith("/_mock") or link.startswith("#")
