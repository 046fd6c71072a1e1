"""How a mock is reached: over a socket, or however else whoever runs it says."""

from __future__ import annotations

from typing import Protocol

import httpx

# A busy machine is no failure.
PATIENCE = 30.0


class Reach(Protocol):
    """`address` is what requests are addressed to, `token` the control token, if one is wanted."""

    @property
    def address(self) -> str: ...

    @property
    def token(self) -> str | None: ...

    def base_url(self) -> str:
        """The address once any client of this machine is answered there."""

    def transport(self) -> httpx.BaseTransport: ...

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """A new one: connections belong to one event loop."""

    def close(self) -> None: ...


class Remote:
    """A server at a URL, this machine's or another's."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.address = url.rstrip("/")
        self.token = token
        self._pool = httpx.HTTPTransport(verify=self._verify)

    @property
    def _verify(self) -> bool:
        """Nothing is verified over plain HTTP, and loading certificates takes longer than a test."""
        return self.address.startswith("https:")

    def base_url(self) -> str:
        return self.address

    def transport(self) -> httpx.BaseTransport:
        return _Lent(self._pool)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        # Without connections that stay: nobody has to close them in the loop that they were opened in.
        return httpx.AsyncHTTPTransport(verify=self._verify, limits=httpx.Limits(max_keepalive_connections=0))

    def close(self) -> None:
        self._pool.close()


class _Lent(httpx.BaseTransport):
    """Somebody else's connections: closing a client of them leaves them open."""

    def __init__(self, pool: httpx.BaseTransport) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._pool.handle_request(request)
