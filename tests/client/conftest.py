from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest

from mockserver.client import Mock
from mockserver.hosting import Host, Transport, settings_for

IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"
NOTES = "/api/v1/postmortems/"
GROUP = "/api/v1/alert_groups/I68T24C13IFW1/"
DOCUMENT = {"title": "INC-123: Post-incident review", "content": "## Summary"}
NOTE = {"alert_group_id": "IQUIET1PAGE11", "text": "new"}


@pytest.fixture(scope="session")
def hosts() -> Iterator[dict[str, Host]]:
    hosts = {transport: Host(settings_for(), transport) for transport in get_args(Transport)}
    yield hosts
    for host in hosts.values():
        host.close()


@pytest.fixture(params=get_args(Transport))
def host(request: pytest.FixtureRequest, hosts: dict[str, Host]) -> Host:
    """A mock without a socket, and one over a socket."""
    return hosts[request.param]


@pytest.fixture
def mock(host: Host, request: pytest.FixtureRequest) -> Iterator[Mock]:
    """The default sandbox of `host`, fresh."""
    mock = Mock(host)
    mock.reset()
    mock.faults.clear()
    yield mock
    for other in mock.others:
        other.delete()
