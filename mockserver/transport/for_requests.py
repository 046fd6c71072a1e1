"""For requests, which has to be installed: `session.mount(direct.base_url, DirectAdapter(direct))`."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from mockserver.server.engine import Reply
from mockserver.transport.direct import Direct
from mockserver.transport.effects import arrival, body_of, raw_headers

Timeout = float | tuple[float | None, float | None] | None


class DirectAdapter(BaseAdapter):
    """`sleep` is what a fault's delay is waited with."""

    def __init__(self, direct: Direct, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self._direct = direct
        self._sleep = sleep
        self._builder = HTTPAdapter()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Verification, certificates and proxies have nothing to do here."""
        method = request.method or "GET"
        reply = self._direct.exchange(method, request.path_url.encode(), _raw(request), _body(request))
        coming = arrival(reply, method, _patience(timeout))
        if coming.wait:
            self._sleep(coming.wait)
        if coming.ending == "timeout":
            raise requests.ReadTimeout("Read timed out.", request=request)
        if coming.ending == "reset":
            raise requests.ConnectionError(
                "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
                request=request,
            )
        answer = self._builder.build_response(
            request, _received(method, reply, cut=coming.ending == "truncate")
        )
        if not stream:
            _ = answer.content  # breaks off here where the body is cut short
        return answer

    def close(self) -> None:
        self._builder.close()


def _patience(timeout: Timeout) -> float | None:
    return timeout[1] if isinstance(timeout, tuple) else timeout


def _raw(request: requests.PreparedRequest) -> list[tuple[bytes, bytes]]:
    """With the Host that requests leaves to the connection."""
    headers = [(_bytes(name), _bytes(value)) for name, value in request.headers.items()]
    if "Host" not in request.headers:
        headers.insert(0, (b"host", urlsplit(request.url or "").netloc.encode()))
    return headers


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def _body(request: requests.PreparedRequest) -> bytes:
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    return body.read() if hasattr(body, "read") else b"".join(body)


def _received(method: str, reply: Reply, *, cut: bool) -> HTTPResponse:
    status, body = reply.answer.status, body_of(reply, method)
    reason = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    return HTTPResponse(
        io.BytesIO(body[: len(body) // 2] if cut else body),
        HTTPHeaderDict(
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw_headers(reply)]
        ),
        status,
        reason=reason,
        preload_content=False,
        enforce_content_length=True,
        request_method=method,
    )
