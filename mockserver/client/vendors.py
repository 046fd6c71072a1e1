"""What a client of a vendor needs to be pointed at the mock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from mockserver.client.reach import PATIENCE, Reach

INCIDENT_IO = "incident-io"
GRAFANA_ONCALL = "grafana-oncall"
# Of the fixtures' first user, as each vendor's clients are given it.
TOKENS: Mapping[str, str] = {INCIDENT_IO: "inc-test-key", GRAFANA_ONCALL: "meowmeowmeow"}
SCHEMES: Mapping[str, str] = {INCIDENT_IO: "Bearer "}


class _Vendor:
    """`credential` is the token alone, as clients are configured with it; `headers` carry it as the vendor wants it."""

    def __init__(self, reach: Reach, sandbox: str, name: str) -> None:
        self._reach = reach
        self._mount = "" if sandbox == "default" else f"/_mock/sandboxes/{sandbox}"
        self.name = name
        self.credential = TOKENS[name]
        self.headers = {"Authorization": SCHEMES.get(name, "") + self.credential}

    @property
    def base_url(self) -> str:
        """Reaches this sandbox from any client of this machine, in any language."""
        return self._reach.base_url() + self._mount

    @property
    def _options(self) -> dict[str, Any]:
        return {
            "base_url": self._reach.address + self._mount,
            "headers": self.headers,
            "timeout": PATIENCE,
            "trust_env": False,
        }

    def _async_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self._reach.async_transport(), **self._options)


class Vendor(_Vendor):
    _client: httpx.Client | None = None
    _async: httpx.AsyncClient | None = None

    @property
    def client(self) -> httpx.Client:
        """Ready made, with base URL and credential: `client.get("/v2/incidents")`."""
        if self._client is None:
            self._client = httpx.Client(transport=self._reach.transport(), **self._options)
        return self._client

    @property
    def async_client(self) -> httpx.AsyncClient:
        if self._async is None:
            self._async = self._async_client()
        return self._async

    def close(self) -> None:
        if self._client is not None:
            self._client.close()


class AsyncVendor(_Vendor):
    _client: httpx.AsyncClient | None = None

    @property
    def client(self) -> httpx.AsyncClient:
        """Ready made, with base URL and credential: `await client.get("/v2/incidents")`."""
        if self._client is None:
            self._client = self._async_client()
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
