"""For what an HTTP client would not send, or not show."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit


def speak(base_url: str, head: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, bytes]:
    """Sends a request as it stands and reads until the other side closes. Returns the status and what followed
    the headers.
    """
    address = urlsplit(base_url)
    lines = [head, f"Host: {address.netloc}", "Connection: close", *(f"{k}: {v}" for k, v in headers.items())]
    request = "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body
    secure = address.scheme == "https"
    place = (address.hostname or "", address.port or (443 if secure else 80))
    with socket.create_connection(place, timeout=30) as plain:
        connection = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=place[0]) if secure else plain
        )
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    start, _, rest = answer.partition(b"\r\n\r\n")
    return int(start.split(b" ", 2)[1]), rest
