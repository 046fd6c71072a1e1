"""A message written anew, for handlers that answer, or send on, something of their own."""

from __future__ import annotations

from http import HTTPStatus

from contract_tests.exchange import Answered, Asked, Headers

_FRAMING = frozenset({"content-length", "transfer-encoding"})


def request_bytes(asked: Asked) -> bytes:
    headers = [pair for pair in asked.headers if pair[0].lower() not in _FRAMING]
    announced = len(headers) < len(asked.headers)
    if asked.body or announced:
        headers.append(("Content-Length", str(len(asked.body))))
    return _head(f"{asked.method} {asked.target} HTTP/1.1", headers) + asked.body


def answer_bytes(answered: Answered, method: str) -> bytes:
    """The header Content-Length keeps its place, and says what is true; to HEAD it stays as it is."""
    try:
        reason = HTTPStatus(answered.status).phrase
    except ValueError:
        reason = ""
    line = f"HTTP/1.1 {answered.status} {reason}"
    if method == "HEAD":
        return _head(line, answered.headers)
    if answered.status < 200 or answered.status in (204, 304):
        return _head(line, [pair for pair in answered.headers if pair[0].lower() not in _FRAMING])
    length = ("Content-Length", str(len(answered.body)))
    headers: list[tuple[str, str]] = []
    for name, value in answered.headers:
        if name.lower() not in _FRAMING:
            headers.append((name, value))
        elif length[1] and not any(key.lower() == "content-length" for key, _ in headers):
            headers.append((name if name.lower() == "content-length" else length[0], length[1]))
    if not any(key.lower() == "content-length" for key, _ in headers):
        headers.append(length)
    return _head(line, headers) + answered.body


def _head(line: str, headers: Headers | list[tuple[str, str]]) -> bytes:
    lines = [line, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")
