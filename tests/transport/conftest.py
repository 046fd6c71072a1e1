from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from mockserver.server.app import MockServer
from mockserver.transport import AsyncDirectTransport, Direct, DirectTransport

ONCALL = {"Authorization": "meowmeowmeow"}
INCIDENT = {"Authorization": "Bearer inc-test-key"}
NOTES = "/api/v1/postmortems/"
GROUP = "/api/v1/alert_groups/I68T24C13IFW1/"


@dataclass
class Way:
    """A way into `server` without a socket, and what was slept on it."""

    direct: Direct
    slept: list[float] = field(default_factory=list)

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(
            transport=DirectTransport(self.direct, self.slept.append), base_url=self.direct.base_url, **more
        )

    def async_client(self, **more: Any) -> httpx.AsyncClient:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return httpx.AsyncClient(
            transport=AsyncDirectTransport(self.direct, sleep), base_url=self.direct.base_url, **more
        )

    def fault(self, **act: Any) -> None:
        with self.client() as client:
            added = client.post("/_mock/faults", json={"match": {}, "act": act})
        assert added.status_code == 201, added.text


@pytest.fixture
def way(server: MockServer) -> Way:
    return Way(Direct(server))


@pytest.fixture
def direct_client(way: Way) -> Iterator[httpx.Client]:
    with way.client() as client:
        yield client
