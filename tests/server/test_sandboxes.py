from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.server.app import MockServer
from tests.conftest import MakeServer
from tests.inprocess import InProcess

ONCALL = {"Authorization": "meowmeowmeow"}
INCIDENT = {"Authorization": "Bearer inc-test-key"}
LIST = "/api/v1/postmortems/"
IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"
NEW = {"alert_group_id": "IQUIET1PAGE11", "text": "new"}


def create(client: httpx.Client, prefix: str = "", **headers: str) -> httpx.Response:
    return client.post(prefix + LIST, json=NEW, headers={**ONCALL, **headers})


def count(client: httpx.Client, prefix: str = "", **headers: str) -> int:
    found = client.get(prefix + LIST, headers={**ONCALL, **headers}).json()["count"]
    assert isinstance(found, int)
    return found


def test_a_sandbox_is_chosen_by_header_or_by_base_url_and_made_on_first_use(client: httpx.Client) -> None:
    create(client, **{"X-Mock-Sandbox": "a"})
    assert count(client, **{"X-Mock-Sandbox": "a"}) == 2
    assert count(client, "/_mock/sandboxes/a") == 2
    assert count(client, "/_mock/sandboxes/b") == 1
    assert count(client) == 1
    assert count(client, "/_mock/sandboxes/default") == 1


def test_a_prefix_wins_over_a_header(client: httpx.Client) -> None:
    create(client, "/_mock/sandboxes/a", **{"X-Mock-Sandbox": "b"})
    assert (count(client, "/_mock/sandboxes/a"), count(client, "/_mock/sandboxes/b")) == (2, 1)


def test_links_of_a_prefixed_request_stay_in_its_sandbox(client: httpx.Client) -> None:
    prefix = "/_mock/sandboxes/a"
    create(client, prefix)
    page = client.get(f"{prefix}{LIST}?perpage=1", headers=ONCALL).json()
    assert page["next"] == f"{client.base_url}{prefix}{LIST}?page=2&perpage=1"
    assert client.get(page["next"], headers=ONCALL).json()["previous"] is not None
    document = client.post(prefix + IMPORT, json={"title": "T", "content": ""}, headers=INCIDENT)
    assert document.headers["location"].startswith(f"{client.base_url}{prefix}/v1/postmortem_documents/")


@pytest.mark.parametrize("name", ["", ".hidden", "a b", "a" * 65, "ä", "a;b", "..", "a%00"])
def test_a_name_that_is_none_is_told(client: httpx.Client, name: str) -> None:
    answers = [client.get(f"/_mock/sandboxes/{name}{LIST}", headers=ONCALL)] if name != ".." else []
    if name and name.isascii():
        answers.append(client.get(LIST, headers={**ONCALL, "X-Mock-Sandbox": name}))
    for answer in answers:
        assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_a_path_below_a_prefix_that_nobody_owns_is_refused_by_its_vendor(client: httpx.Client) -> None:
    assert "<h1>Not Found</h1>" in client.get("/_mock/sandboxes/a/api/v1/nowhere/").text
    assert client.get("/_mock/sandboxes/a/v2/nowhere").content == b""


def test_sandboxes_are_listed_the_idlest_first_with_what_they_were_sent(client: httpx.Client) -> None:
    create(client, "/_mock/sandboxes/a")
    count(client, "/_mock/sandboxes/b")
    count(client)
    listed = client.get("/_mock/sandboxes").json()
    assert [entry["name"] for entry in listed] == ["a", "b", "default"]
    assert listed[0]["bytes"] == len(httpx.Request("POST", "http://x", json=NEW).content)
    assert listed[1]["bytes"] == 0


def test_one_sandbox_is_reset_and_the_others_stay(client: httpx.Client) -> None:
    for path, headers in (
        ("/_mock/sandboxes/a/reset", {}),
        ("/_mock/reset", {"X-Mock-Sandbox": "a"}),
        ("/_mock/sandboxes/a/_mock/reset", {}),
    ):
        for prefix in ("/_mock/sandboxes/a", "/_mock/sandboxes/b"):
            create(client, prefix)
        others = count(client, "/_mock/sandboxes/b")
        assert client.post(path, headers=headers).status_code == 204
        assert (count(client, "/_mock/sandboxes/a"), count(client, "/_mock/sandboxes/b")) == (1, others)


def test_a_deleted_sandbox_is_gone_from_the_list_and_fresh_when_used_again(client: httpx.Client) -> None:
    create(client, "/_mock/sandboxes/a")
    assert client.delete("/_mock/sandboxes/a").status_code == 204
    assert "a" not in [entry["name"] for entry in client.get("/_mock/sandboxes").json()]
    assert client.delete("/_mock/sandboxes/a").status_code == 404
    assert count(client, "/_mock/sandboxes/a") == 1


def test_a_control_request_that_only_names_a_sandbox_does_not_make_one(client: httpx.Client) -> None:
    client.get("/_mock/health", headers={"X-Mock-Sandbox": "named"})
    assert "named" not in [entry["name"] for entry in client.get("/_mock/sandboxes").json()]
    assert client.post("/_mock/sandboxes/a b/reset").status_code == 400


def over(server: MockServer) -> httpx.Client:
    return httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url)


def test_beyond_the_limit_the_sandbox_idle_longest_makes_room(make_server: MakeServer) -> None:
    with over(make_server(max_sandboxes=3)) as client:
        for name in ("a", "b", "a", "c", "d"):
            create(client, f"/_mock/sandboxes/{name}")
        assert [entry["name"] for entry in client.get("/_mock/sandboxes").json()] == ["a", "c", "d"]
        assert count(client, "/_mock/sandboxes/a") == 3


def test_beyond_the_bytes_the_sandbox_idle_longest_makes_room(make_server: MakeServer) -> None:
    size = len(httpx.Request("POST", "http://x", json=NEW).content)
    with over(make_server(max_bytes=3 * size)) as client:
        for name in ("a", "b", "b", "c"):
            create(client, f"/_mock/sandboxes/{name}")
        assert [entry["name"] for entry in client.get("/_mock/sandboxes").json()] == ["b", "c"]
        assert sum(entry["bytes"] for entry in client.get("/_mock/sandboxes").json()) == 3 * size


def test_a_sandbox_that_alone_is_too_large_is_told_so_and_goes_on_after_a_reset(
    make_server: MakeServer,
) -> None:
    size = len(httpx.Request("POST", "http://x", json=NEW).content)
    with over(make_server(max_bytes=2 * size)) as client:
        assert [create(client).status_code for _ in range(3)] == [201, 201, 507]
        assert "--max-bytes" in create(client).json()["error"]
        assert count(client) == 3
        client.post("/_mock/reset")
        assert create(client).status_code == 201


OPENED = {
    "idempotency_key": "leak",
    "visibility": "public",
    "severity_id": "01FC31EQM04W15VJSB8MKJV5NT",
    "name": "Leaky",
}
Step = tuple[str, str, str, dict[str, Any] | None]
STEPS: st.SearchStrategy[Step] = st.sampled_from(
    [
        ("oncall", "POST", LIST, NEW),
        ("oncall", "POST", LIST, {"alert_group_id": "NOPE", "text": ""}),
        ("oncall", "GET", LIST + "?perpage=2", None),
        ("oncall", "PUT", LIST + "P658FE5K87EWZ/", {"text": "changed"}),
        ("oncall", "DELETE", LIST + "P658FE5K87EWZ/", None),
        ("oncall", "GET", LIST + "P658FE5K87EWZ/", None),
        ("incident", "POST", IMPORT, {"title": "T", "content": "c"}),
        ("incident", "POST", IMPORT, {}),
        ("none", "POST", IMPORT, {}),
        ("oncall", "POST", "/api/v1/alert_groups/IQUIET1PAGE11/resolve/", None),
        ("oncall", "POST", "/api/v1/alert_groups/IQUIET1PAGE11/unresolve/", None),
        ("oncall", "GET", "/api/v1/alert_groups/?state=resolved&perpage=3", None),
        ("oncall", "POST", "/api/v1/resolution_notes/", NEW),
        ("oncall", "GET", "/api/v1/resolution_notes/?alert_group_id=IQUIET1PAGE11", None),
        ("incident", "POST", "/v2/incidents", OPENED),
        ("incident", "GET", "/v2/incidents?page_size=2", None),
        ("incident", "GET", "/v1/postmortem_documents?page_size=2", None),
        ("incident", "POST", "/v3/follow_ups", {"incident_id": "01GBA8J19SMXQWPJMX3P2ESCVG", "title": "T"}),
        ("incident", "GET", "/v3/follow_ups?page_size=2", None),
    ]
)


def drive(client: httpx.Client, name: str, step: Step) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    vendor, method, path, body = step
    headers = {"oncall": ONCALL, "incident": INCIDENT, "none": {}}[vendor]
    answer = client.request(method, path, json=body, headers={**headers, "X-Mock-Sandbox": name})
    return answer.status_code, answer.headers.raw, answer.content


@pytest.fixture(scope="module")
def seeded(make_server: MakeServer) -> MockServer:
    return make_server(seed=3, rate_factor=0.03)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), STEPS), max_size=25))
def test_two_sandboxes_under_interleaved_traffic_answer_as_if_alone(
    seeded: MockServer, traffic: list[tuple[str, Step]]
) -> None:
    """Ids, times and rate budgets included: answers are compared to the byte."""
    with over(seeded) as client:
        seen = [(name, drive(client, name, step)) for name, step in traffic]
        for name in ("a", "b"):
            seeded.sandboxes.delete("a")
            seeded.sandboxes.delete("b")
            expected = [drive(client, name, step) for used, step in traffic if used == name]
            assert [answer for used, answer in seen if used == name] == expected
        seeded.sandboxes.delete("b")
