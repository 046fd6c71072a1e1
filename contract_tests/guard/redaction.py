"""Nothing that leaves for a report, a log or a terminal holds a credential."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange, Headers

MARK = "[redacted]"
SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
    | {"x-mock-token"}
)
_IN_QUERY = re.compile(
    r"(?i)([?&;](?:access_|auth_|id_|refresh_)?(?:token|api[_-]?key|key|authorization|auth|secret|password|signature)=)"
    r"[^&;#\s\"'<>]+"
)
_IN_QUERY_BYTES = re.compile(_IN_QUERY.pattern.encode())
_SHORTEST = 4  # shorter values are words, and stand everywhere


class Redactor:
    """Knows the credentials of a run, in every form in which they get about."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST}
        self._forms = sorted(forms, key=len, reverse=True)
        encoded = {form.encode("utf-8", "surrogateescape") for form in forms}
        latin = {form.encode("latin-1") for form in forms if all(ord(letter) < 256 for letter in form)}
        self._bytes = sorted(encoded | latin, key=len, reverse=True)

    @classmethod
    def of(cls, deployment: Deployment, more: Iterable[str] = ()) -> Redactor:
        return cls([*deployment.credentials().values(), *more])

    def text(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, MARK)
        return _IN_QUERY.sub(rf"\g<1>{MARK}", text)

    def data(self, data: bytes) -> bytes:
        for form in self._bytes:
            if form in data:
                data = data.replace(form, MARK.encode())
        return _IN_QUERY_BYTES.sub(rb"\g<1>" + MARK.encode(), data)

    def value(self, value: Any) -> Any:
        """Anything that JSON can hold."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        return value

    def headers(self, headers: Headers) -> Headers:
        return tuple(
            (self.text(name), MARK if name.lower() in SECRET_HEADERS and value else self.text(value))
            for name, value in headers
        )

    def exchange(self, exchange: Exchange) -> Exchange:
        asked, answered = exchange.asked, exchange.answered
        return replace(
            exchange,
            asked=Asked(
                self.text(asked.method),
                self.text(asked.target),
                self.headers(asked.headers),
                self.data(asked.body),
            ),
            answered=answered
            and Answered(answered.status, self.headers(answered.headers), self.data(answered.body)),
            label=self.text(exchange.label),
            note=self.text(exchange.note),
            names={self.text(name): self.text(value) for name, value in exchange.names.items()},
        )

    def as_json(self, exchange: Exchange) -> dict[str, Any]:
        """An exchange without its secrets, as a report holds it; a body that is no UTF-8 is in base64."""
        shown = self.exchange(exchange)
        answered = shown.answered
        return {
            "label": shown.label,
            "started": shown.started,
            "seconds": round(shown.seconds, 6),
            "note": shown.note,
            "names": dict(shown.names),
            "request": {
                "method": shown.asked.method,
                "target": shown.asked.target,
                "headers": [list(pair) for pair in shown.asked.headers],
                **_body(shown.asked.body),
            },
            "response": answered
            and {
                "status": answered.status,
                "headers": [list(pair) for pair in answered.headers],
                **_body(answered.body),
            },
        }


def _body(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}


def _forms(secret: str) -> Iterator[str]:
    """A secret, and what becomes of it in URLs, JSON, HTML, a shell, a traceback, or base64."""
    whole = secret.strip()
    for word in {whole, whole.removeprefix("Bearer ").removeprefix("Basic ").removeprefix("Token ")}:
        if not word:
            continue
        plain = [word, *_quoted(word), html.escape(word)]
        plain += [html.escape(word, quote=False), repr(word)[1:-1], shlex.quote(word)]
        for ascii_only in (True, False):
            escaped = json.dumps(word, ensure_ascii=ascii_only)[1:-1]
            plain += [escaped, escaped.replace("/", r"\/")]
        yield from plain
        yield from (re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), form) for form in plain)
        yield from _base64(word.encode("utf-8", "surrogateescape"))


def _quoted(word: str) -> Iterator[str]:
    for safe in ("", "/"):
        yield quote(word, safe=safe, errors="surrogateescape")
    yield quote_plus(word, errors="surrogateescape")


def _base64(word: bytes) -> Iterator[str]:
    """What stands in base64 for a word, alone or between other bytes: the letters that it alone decides."""
    for ahead in range(3):
        coded = base64.b64encode(b"\0" * ahead + word).decode()
        first = -(-ahead * 8 // 6)
        last = (ahead + len(word)) * 8 // 6
        core = coded[first:last]
        if len(core) >= 2 * _SHORTEST:
            yield core
            yield core.replace("+", "-").replace("/", "_")
