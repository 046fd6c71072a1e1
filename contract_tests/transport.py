"""How the suite's own client speaks.

Each request says which test sent it (`X-Contract-Test`, which the guard takes off), and what is created on somebody
else's deployment says so: a tag is added to texts on their way out and taken off again on their way back, so that laws
compare what they sent with what they got.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from contract_tests.guard.header import GUARD, LABEL, as_a_skip

TAGGED = ("text", "title", "name", "message")  # what people read of a record
ROOM = 200  # longer texts are probes of their length
SCAR = " (the tag at the end was lost)"


def current_test() -> str:
    """The id of the test that runs, as pytest tells everybody."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]


def label_of(nodeid: str) -> str:
    """What the guard knows a test by: its id, as a header can hold it."""
    return quote(nodeid, safe="/:.[]-_ ")


class Labelled(httpx.BaseTransport):
    """Adds the label, and turns what the guard itself answered into a skip, or on a mock into a failure.

    With `frank`, the guard's answers come through as they are: models know what to make of them.
    """

    def __init__(
        self, inner: httpx.BaseTransport, *, strict: bool, tag: str = "", frank: bool = False
    ) -> None:
        self._inner = inner
        self._strict = strict
        self._frank = frank
        self._tag = f" {tag}" if tag else ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers[LABEL] = label_of(current_test())
        sent: Texts = frozenset()
        if self._tag:
            request, sent = _tagged(request, self._tag)
        answer = self._inner.handle_request(request)
        if GUARD in answer.headers and not self._frank:
            answer.close()
            not_passed_on(answer.headers[GUARD], strict=self._strict)
        return _untagged(answer, self._tag, sent) if self._tag else answer

    def close(self) -> None:
        self._inner.close()


def not_passed_on(reason: str, *, strict: bool) -> None:
    """Ends a test whose request the guard kept, or could not deliver. On a mock of our own that is a failure."""
    if strict:
        pytest.fail(f"the request did not get through: {reason}")
    pytest.skip(as_a_skip(reason))


Texts = frozenset[tuple[str, str]]


def _tagged(request: httpx.Request, tag: str) -> tuple[httpx.Request, Texts]:
    """The same request with the tag in its texts, and which texts these were.

    Nothing is added where the bytes are the point: a body not written as httpx writes JSON, a text that begins or
    ends in white space, a long one.
    """
    body = request.read()
    if request.method not in ("POST", "PUT", "PATCH") or not body.startswith(b"{"):
        return request, frozenset()
    try:
        content = json.loads(body)
        plain = _encoded(content) == body
    except (ValueError, RecursionError):
        return request, frozenset()
    sent = set()
    for member in (content, content.get("incident")):
        for name in TAGGED if plain and isinstance(member, dict) else ():
            text = member.get(name)
            if isinstance(text, str) and text and text == text.strip() and len(text) <= ROOM:
                sent.add((name, text))
                member[name] = text + tag
    if not sent:
        return request, frozenset()
    headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
    changed = httpx.Request(
        request.method,
        request.url,
        headers=headers,
        content=_encoded(content),
        extensions=request.extensions,
    )
    return changed, frozenset(sent)


def _untagged(answer: httpx.Response, tag: str, sent: Texts) -> httpx.Response:
    """The same answer without the tag; a text that was sent with it and is back without it gets a scar."""
    body = answer.read()
    if not sent and tag.encode() not in body:
        return answer
    try:
        content = json.loads(body)
    except ValueError:
        return answer

    def cleaned(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: cleaned(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [cleaned(inner) for inner in value]
        if isinstance(value, str):
            return value + SCAR if (name, value) in sent else value.replace(tag, "")
        return value

    clean = _encoded(cleaned(content))
    # A length that was wrong stays wrong; that of a compressed body is no longer one of anything.
    right = "Content-Encoding" in answer.headers or answer.headers.get("Content-Length") == str(len(body))
    length = str(len(clean) if right else 0).encode()
    headers = [
        (name, length if name.lower() == b"content-length" and length != b"0" else value)
        for name, value in answer.headers.raw
        if name.lower() != b"content-encoding"
    ]
    return httpx.Response(answer.status_code, headers=headers, content=clean, extensions=answer.extensions)


def _encoded(content: Any) -> bytes:
    """As httpx writes JSON."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", "surrogatepass"
    )
