"""`mockserver.running()` and `mockserver.connect()`."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading

import httpx
import pytest

import mockserver
from mockserver.client import Mock, Unreachable
from mockserver.client.vendors import SCHEMES, TOKENS
from mockserver.core.errors import ConfigurationError
from mockserver.hosting import Host, Transport, settings_for
from mockserver.providers import REGISTRY
from tests.client.conftest import DOCUMENT, IMPORT, NOTE, NOTES
from tests.conftest import MakeLiveServer
from tests.receiver import receiving
from tests.test_cli import environ

INCIDENT = {"idempotency_key": "k", "visibility": "public", "severity_id": "01FC31EQM04W15VJSB8MKJV5NT"}


def served(mock: Mock) -> bool:
    """Whether a thread serves the mock."""
    name = f"mockserver {mock.incident_io.client.base_url}".rstrip("/")
    return any(thread.name == name for thread in threading.enumerate())


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_script_needs_one_line_and_no_thread() -> None:
    with mockserver.running() as mock:
        assert mock.incident_io.client.post(IMPORT, json=DOCUMENT).status_code == 201
        assert not served(mock)


def test_a_base_url_is_served_from_its_first_use_to_the_end() -> None:
    with mockserver.running() as mock:
        vendor = mock.sandbox("mine").grafana_oncall
        vendor.client.post(NOTES, json=NOTE)
        base_url = vendor.base_url
        assert base_url.endswith("/_mock/sandboxes/mine")
        assert httpx.get(base_url + NOTES, headers=vendor.headers).json()["count"] == 2
        assert vendor.client.get(NOTES).json()["count"] == 2
        assert served(mock)
    assert not served(mock)
    with pytest.raises(httpx.ConnectError):
        httpx.get(base_url + NOTES)


@pytest.mark.parametrize("transport", ["direct", "socket"])
def test_webhooks_that_wait_to_be_sent_again_end_with_the_mock(transport: Transport) -> None:
    before = set(threading.enumerate())
    with mockserver.running(transport=transport) as mock:
        mock.webhooks.send_to(f"http://127.0.0.1:{unused_port()}/")
        assert mock.incident_io.client.post("/v2/incidents", json=INCIDENT).status_code == 200
        assert "webhooks" in {thread.name for thread in set(threading.enumerate()) - before}
    assert set(threading.enumerate()) <= before


def test_over_a_socket_every_client_takes_the_socket() -> None:
    with mockserver.running(transport="socket") as mock:
        assert mock.incident_io.client.get("/v2/incidents").headers["date"]


def test_an_asynchronous_script_has_the_same() -> None:
    async def script() -> int:
        async with mockserver.running() as mock:
            answer = await mock.incident_io.client.post(IMPORT, json=DOCUMENT)
            return answer.status_code

    assert asyncio.run(script()) == 201


def test_rate_limits_are_off_unless_asked_for() -> None:
    for rate_limits, limited in ((False, 200), (0.002, 429)):
        with mockserver.running(rate_limits=rate_limits) as mock:
            statuses = [mock.incident_io.client.get("/v2/incidents").status_code for _ in range(4)]
            assert statuses[-1] == limited


def test_a_wrong_setting_is_told_and_leaves_no_port_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="no transport"):
        Host(settings_for(), "carrier pigeon")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError), mockserver.running(fixtures="/nowhere"):
        pass


def test_webhooks_over_http_go_out_of_a_mock_that_had_no_thread_yet() -> None:
    with mockserver.running() as mock, receiving() as receiver:
        mock.webhooks.send_to(receiver.url)
        assert mock.incident_io.client.post(IMPORT, json=DOCUMENT).status_code == 201
        document = mock.incident_io.client.get("/v1/postmortem_documents").json()["postmortem_documents"][0]
        mock.incident_io.client.put(
            f"/v1/postmortem_documents/{document['id']}", json={"status": "in_review"}
        )
        assert b"event_type" in receiver.next().body


def test_a_mock_that_runs_elsewhere_has_the_same_verbs(make_live_server: MakeLiveServer) -> None:
    live = make_live_server(control_token="secret")
    with mockserver.connect(live.base_url, token="secret", sandbox="mine") as mock:
        mock.fault(status=503, times=1)
        answers = [mock.grafana_oncall.client.get(NOTES).status_code for _ in range(2)]
        assert answers == [503, 200]
        mock.delete()
    with (
        mockserver.connect(live.base_url) as mock,
        pytest.raises(mockserver.client.Refused, match="wants its token"),
    ):
        mock.reset()


def test_nobody_at_the_address_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with mockserver.connect(f"http://127.0.0.1:{port}") as mock, pytest.raises(Unreachable, match=str(port)):
        mock.reset()


def test_the_client_knows_every_vendor_s_credential() -> None:
    for name, provider in REGISTRY.items():
        assert SCHEMES.get(name, "") + TOKENS[name] == provider.credential
    assert set(TOKENS) == set(REGISTRY)


def test_importing_the_package_imports_nothing_else() -> None:
    program = (
        "import sys, mockserver; print(sorted(name for name in sys.modules if name.startswith('mockserver')))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environ())
    assert ended.stdout == "['mockserver']\n"


def test_what_the_package_does_not_have_is_told() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'walking'"):
        _ = mockserver.walking
