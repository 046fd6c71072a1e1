from __future__ import annotations

import httpx
import pytest

from mockserver import __version__
from mockserver.providers import REGISTRY
from mockserver.server.app import MockServer
from tests.conftest import MakeServer
from tests.inprocess import InProcess

ONCALL = {"Authorization": "meowmeowmeow"}


def listed(client: httpx.Client) -> int:
    count = client.get("/api/v1/postmortems/", headers=ONCALL).json()["count"]
    assert isinstance(count, int)
    return count


def test_health_tells_version_and_vendors(client: httpx.Client) -> None:
    answer = client.get("/_mock/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["version"] == __version__
    assert set(answer.json()["providers"]) == set(REGISTRY)


def test_a_reset_brings_the_fixtures_back_and_takes_everything_else_away(client: httpx.Client) -> None:
    body = {"alert_group_id": "I68T24C13IFW1", "text": "new"}
    made = client.post("/api/v1/postmortems/", headers=ONCALL, json=body)
    client.delete("/api/v1/postmortems/P658FE5K87EWZ/", headers=ONCALL)
    assert client.post("/_mock/reset").status_code == 204
    assert client.get("/api/v1/postmortems/P658FE5K87EWZ/", headers=ONCALL).status_code == 200
    assert client.get(f"/api/v1/postmortems/{made.json()['id']}/", headers=ONCALL).status_code == 404
    assert listed(client) == 1


def test_a_reset_gives_a_spent_allowance_back(make_server: MakeServer) -> None:
    server = make_server(rate_factor=0.004)
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        answers = [client.get("/api/v1/postmortems/", headers=ONCALL).status_code for _ in range(2)]
        assert answers == [200, 429]
        client.post("/_mock/reset")
        assert client.get("/api/v1/postmortems/", headers=ONCALL).status_code == 200


@pytest.mark.parametrize("name", REGISTRY)
def test_the_served_document_is_the_one_that_drives_the_server(
    client: httpx.Client, server: MockServer, name: str
) -> None:
    served = client.get(f"/_mock/openapi/{name}")
    assert served.headers["content-type"] == "application/json"
    assert served.json() == server.documents[name]


@pytest.mark.parametrize("name", REGISTRY)
def test_every_vendor_has_a_page_that_loads_nothing_from_elsewhere(client: httpx.Client, name: str) -> None:
    page = client.get(f"/_mock/docs/{name}/")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert f"../../openapi/{name}" in page.text
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js"):
        assert f'"../assets/{asset}"' in page.text
        assert client.get(f"/_mock/docs/assets/{asset}").status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    bare = client.get(f"/_mock/docs/{name}")
    assert (bare.status_code, bare.headers["location"]) == (307, f"/_mock/docs/{name}/")


def test_the_index_lists_where_everything_is(client: httpx.Client) -> None:
    for path in ("/_mock", "/_mock/"):
        index = client.get(path, follow_redirects=True).json()
        for group in ("documents", "pages"):
            for address in index[group].values():
                assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/_mock/nothing", 404),
        ("GET", "/_mock/openapi/nobody", 404),
        ("GET", "/_mock/docs/nobody/", 404),
        ("GET", "/_mock/docs/nobody", 404),
        ("GET", "/_mock/docs/assets/nothing.js", 404),
        ("GET", "/_mock/docs/assets/..%2f..%2f__init__.py", 404),
        ("GET", "/_mock/reset", 405),
        ("DELETE", "/_mock/health", 405),
    ],
)
def test_a_mistake_in_a_control_request_is_told_in_json(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


def test_the_control_api_refuses_hosts_and_pages_that_are_not_this_server(client: httpx.Client) -> None:
    for headers in ({"Host": "evil.test"}, {"Origin": "http://evil.test"}):
        for path in ("/_mock/health", "/_mock/docs/grafana-oncall/"):
            assert client.get(path, headers=headers).status_code == 403
        assert client.post("/_mock/reset", headers=headers).status_code == 403


def test_the_vendors_apis_do_not_care_how_they_are_addressed(client: httpx.Client) -> None:
    """Seen on a running engine: the Host header changes nothing, not even the links."""
    answer = client.get("/api/v1/postmortems/?perpage=1", headers={**ONCALL, "Host": "elsewhere.test"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/_mock/health", "/api/v1/postmortems/"])
def test_no_answer_lets_every_origin_read_it(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={**ONCALL, "Origin": "http://127.0.0.1:4010"})
    assert "access-control-allow-origin" not in answer.headers


def test_a_token_opens_the_control_api_and_nothing_else_does(make_server: MakeServer) -> None:
    server = make_server(control_token="a-token")
    with httpx.Client(transport=InProcess(server.app), base_url="http://mock.test") as client:
        assert client.get("/_mock/health").status_code == 403
        assert client.get("/_mock/health", headers={"X-Mock-Token": "another"}).status_code == 403
        assert client.get("/_mock/health", headers={"X-Mock-Token": "a-token"}).status_code == 200
    assert "a-token" not in repr(server)
