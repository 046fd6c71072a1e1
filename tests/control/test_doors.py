"""Every way to write a path of the control API leads past its guard, and none leads round it."""

from __future__ import annotations

import httpx
import pytest

from tests.conftest import MakeServer
from tests.control.wire import sent, status
from tests.inprocess import InProcess
from tests.live import LiveServer

ONCALL = {"Authorization": "meowmeowmeow"}
SPELLINGS = [
    "/_mock/reset",
    "/%5fmock/reset",
    "/%5Fmock/%72eset",
    "/_mock%2freset",
    "/_mock/reset#x",
    "/_mock/sandboxes/default/reset",
    "/_mock/sandboxes/default%2freset",
    "/_mock/sandboxes/default/_mock/reset",
    "/_mock/sandboxes/default/%5fmock/reset",
    "/_mock/sandboxes/%64efault/_mock/reset",
]
NONE_OF_OURS = [
    "//_mock/reset",
    "///_mock/reset",
    "/./_mock/reset",
    "/x/../_mock/reset",
    "/_mock;x/reset",
    "/_MOCK/reset",
    "/_mock%252freset",
    "/_mock/reset;x",
    "/_mock/reset%0a",
    "/_mock/reset%00",
    "/_mock//reset",
    "/_mock/./reset",
    "/_mock/sandboxes/../reset",
    "/_mock/sandboxes/x/_mock/sandboxes/default/_mock/reset",
    "/_mock/sandboxes/x/_mock/sandboxes/default/reset/",
    "/_mock/sandboxes/default//_mock/reset",
    "/_mock/sandboxes/%2e%2e/reset",
]


def records(live: LiveServer) -> int:
    answer = httpx.get(f"{live.base_url}/api/v1/postmortems/", headers=ONCALL).json()
    assert isinstance(answer["count"], int)
    return answer["count"]


def a_record_more(live: LiveServer) -> int:
    body = {"alert_group_id": "I68T24C13IFW1", "text": "kept"}
    httpx.post(f"{live.base_url}/api/v1/postmortems/", headers=ONCALL, json=body).raise_for_status()
    return records(live)


@pytest.mark.parametrize("path", SPELLINGS)
def test_every_spelling_of_a_control_path_is_guarded(live_server: LiveServer, path: str) -> None:
    kept = a_record_more(live_server)
    for foreign in (
        ["Host: evil.test"],
        [],
        ["Host: localhost", "Host: evil.test"],
        ["Host: localhost", "Origin: http://evil.test"],
        ["Host: localhost", "Origin: null", "Content-Type: text/plain"],
        ["Host: localhost", "Sec-Fetch-Site: cross-site"],
        ["Host: localhost", "X-Forwarded-For: 10.0.0.7"],
    ):
        version = "1.1" if foreign else "1.0"
        assert status(sent(live_server, f"POST {path} HTTP/{version}", *foreign)) == 403
    assert records(live_server) == kept
    assert status(sent(live_server, f"POST {path} HTTP/1.1", "Host: localhost")) == 204
    assert records(live_server) == 1


@pytest.mark.parametrize("path", NONE_OF_OURS)
def test_what_only_looks_like_a_control_path_does_nothing(live_server: LiveServer, path: str) -> None:
    kept = a_record_more(live_server)
    for host in ("localhost", "evil.test"):
        assert 400 <= status(sent(live_server, f"POST {path} HTTP/1.1", f"Host: {host}")) < 500
    assert records(live_server) == kept


def test_the_name_in_an_absolute_target_counts_and_not_the_header(live_server: LiveServer) -> None:
    def asked(target: str, *headers: str) -> int:
        return status(sent(live_server, f"GET {target} HTTP/1.1", *headers))

    assert asked("http://localhost/_mock/health", "Host: evil.test") == 200
    assert asked("http://evil.test/_mock/health", "Host: localhost") == 403
    assert asked("http://localhost@evil.test/_mock/health", "Host: localhost") == 403
    assert asked("http://evil.test@localhost/_mock/health", "Host: localhost") == 403
    assert asked("HTTP://evil.test:4010/_mock/sandboxes/x/_mock/health", "Host: localhost") == 403


@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
def test_an_offer_of_another_protocol_changes_nothing(live_server: LiveServer, protocol: str) -> None:
    offer = [f"Upgrade: {protocol}", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    foreign = sent(live_server, "GET /_mock/health HTTP/1.1", "Host: evil.test", *offer)
    assert status(foreign) == 403
    assert status(sent(live_server, "GET /_mock/health HTTP/1.1", "Host: localhost", *offer)) == 200


def test_on_an_open_address_another_machine_gets_the_vendors_and_not_the_controls(
    make_server: MakeServer,
) -> None:
    """`--host 0.0.0.0` without a token: the peer of the socket decides."""
    server = make_server(base_url="http://127.0.0.1:4010")
    with InProcess(server.app, client=("10.0.0.7", 40000)) as transport:
        host = [(b"host", b"127.0.0.1:4010"), (b"x-forwarded-for", b"127.0.0.1")]
        for path in SPELLINGS:
            assert transport.exchange("POST", path, host).status == 403
        vendors = transport.exchange(
            "GET", "/api/v1/postmortems/", [*host, (b"authorization", b"meowmeowmeow")]
        )
        assert vendors.status == 200


def test_a_page_from_elsewhere_makes_no_sandbox(client: httpx.Client) -> None:
    """A thousand images would, and everybody else's sandbox would have to go."""
    path = "/_mock/sandboxes/by-an-image/api/v1/postmortems/"
    refused = client.get(path, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})
    assert (refused.status_code, list(refused.json())) == (403, ["error"])
    names = [sandbox["name"] for sandbox in client.get("/_mock/sandboxes").json()]
    assert "by-an-image" not in names
    assert client.get(path, headers={**ONCALL, "Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/nothing", "/_mock/docs/grafana-oncall/"])
def test_no_answer_is_sniffed_framed_cached_or_read_by_another_page(client: httpx.Client, path: str) -> None:
    for headers in ({}, {"Host": "evil.test"}):
        answer = client.get(path, headers=headers)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert not [name for name in answer.headers if name.startswith("access-control-")]
