"""Where a replay sends to: a mock in this process, or a deployment. Requests go out as they were recorded."""

from __future__ import annotations

import asyncio
import http.client
import re
import ssl
from collections.abc import Collection, Iterable, MutableMapping
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp

from mockserver.core.errors import ConfigurationError, MockError
from mockserver.server.loopback import is_loopback
from mockserver.server.replay.comparing import Seen

TIMEOUT = 30.0
_URL = re.compile(r"[!-~]+")
Headers = list[tuple[str, str]]


class Unreachable(MockError):
    """The target does not take connections or does not answer in time."""


class Target(Protocol):
    """`base_url` is what its links begin with."""

    base_url: str

    def send(self, method: str, path: str, headers: Headers, body: bytes | None) -> Seen:
        """`path` with its query. Raises Unreachable."""

    def close(self) -> None: ...


class InProcess:
    """An application, spoken to without a socket."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self.base_url = base_url
        self._app = app
        self._runner = asyncio.Runner()

    def send(self, method: str, path: str, headers: Headers, body: bytes | None) -> Seen:
        raw_path, _, query = path.partition("?")
        sent = [("Host", urlsplit(self.base_url).netloc), *headers]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(raw_path),
            "raw_path": raw_path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            # An HTTP server drops the blanks before a header's value.
            "headers": [
                (name.lower().encode(), value.lstrip(" \t").encode("latin-1")) for name, value in sent
            ],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 80),
        }
        return self._runner.run(_answer(self._app, scope, body or b""))

    def close(self) -> None:
        self._runner.close()


async def _answer(app: ASGIApp, scope: MutableMapping[str, Any], body: bytes) -> Seen:
    upload = iter([{"type": "http.request", "body": body, "more_body": False}])
    messages: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return next(upload, {"type": "http.disconnect"})

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    try:
        await app(scope, receive, send)
    except Exception:
        if not messages:
            raise
        # The mock has crashed and said so in the vendor's words; that answer is what gets compared.
    headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in messages[0]["headers"])
    content = b"".join(message.get("body", b"") for message in messages[1:])
    return Seen(messages[0]["status"], _folded(headers), content)


class Deployment:
    """A server behind a URL, a connection for each exchange; redirects are answers, not followed."""

    def __init__(self, url: str, allowed_hosts: Collection[str] = (), *, timeout: float = TIMEOUT) -> None:
        """Raises ConfigurationError for what is no URL and for a host that nobody has allowed."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ConfigurationError("--target: is no URL") from None
        if "@" in parts.netloc:
            raise ConfigurationError("--target: credentials do not belong into the URL")
        plain = _URL.fullmatch(url) and parts.scheme in ("http", "https")
        if not plain or not host or parts.query or parts.fragment:
            raise ConfigurationError(
                f"--target {url}: must be http:// or https://, a host, and perhaps a path"
            )
        if not is_loopback(host) and host not in {allowed.lower() for allowed in allowed_hosts}:
            raise ConfigurationError(
                f"--target {url}: {host} is another machine; a replay writes there only with --allow-host {host}"
            )
        self.base_url = url.rstrip("/")
        self._host, self._port, self._timeout = host, port, timeout
        self._prefix = parts.path.rstrip("/")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None

    def send(self, method: str, path: str, headers: Headers, body: bytes | None) -> Seen:
        connection = self._connection()
        try:
            try:
                connection.connect()
            except (OSError, UnicodeError) as error:
                raise Unreachable(f"{self.base_url} cannot be reached: {_reason(error)}") from None
            try:
                connection.putrequest(method, self._prefix + path, skip_accept_encoding=True)
                for name, value in headers:
                    connection.putheader(name, value)
                connection.endheaders(body)
                response = connection.getresponse()
                return Seen(response.status, _folded(response.getheaders()), response.read())
            except TimeoutError:
                raise Unreachable(
                    f"{self.base_url} gave no answer within {self._timeout:g} seconds"
                ) from None
            except (OSError, http.client.HTTPException) as error:
                return Seen(None, {}, b"", f"no answer: {_reason(error)}")
        finally:
            connection.close()

    def close(self) -> None:
        return None

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._tls)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0]


def _folded(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names in lower case, repeated ones in one."""
    folded: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        folded[key] = f"{folded[key]}, {value}" if key in folded else value
    return folded
