"""Keeps credentials out of everything that is shown: of journals, replays and logs."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

REDACTED = "<credential>"
SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-mock-token"}
    | {"x-api-key", "api-key", "x-auth-token"}
)
# A longer one is taken out wherever it stands, a shorter one where it stands alone: else every text that happens to
# hold its letters would become unreadable.
_LONG = 8
# Of a text that was cut, so much of a credential at its end gives it away.
_TELLING = 4
_SCHEME = re.compile(r"(?i)(basic|bearer|digest|token|apikey|api-key)( +)(?=.)")
_WEBHOOK_SECRET = re.compile(
    r"whsec_(?:[\w+/=-]|%2[BF]|%3D|\\/|\\u00[0-7][0-9a-f])+", re.IGNORECASE | re.ASCII
)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\/")


class Redactor:
    """`secrets` are header values: with a scheme before them or without. One in `beginnings` was cut: what follows it
    up to the next blank or quote is a part of it."""

    def __init__(self, secrets: Iterable[str], beginnings: Iterable[str] = ()) -> None:
        cut = {form.lower() for secret in beginnings for form in _forms(secret)}
        found = {form.lower() for secret in secrets for form in _forms(secret)} | cut
        self._forms = {
            form: _pattern(form) + (r"[^\s\"']*" if form in cut else "")
            for form in sorted(found, key=len, reverse=True)
        }

    def text(self, text: str) -> str:
        lowered = text.lower()
        patterns = [pattern for form, pattern in self._forms.items() if form in lowered]
        if patterns:
            text = re.sub("|".join(patterns), REDACTED, text, flags=re.IGNORECASE)
        return _WEBHOOK_SECRET.sub(REDACTED, text) if "whsec_" in lowered else text

    def hidden(self, text: str) -> str:
        """The same, also for a credential that is spelled with needless escapes: such a text is shown without them."""
        shown = self.text(text)
        for spelled in (unquote_plus(shown, "latin-1") if "%" in shown else "", _unescaped(shown)):
            if spelled and (found := self.text(spelled)) != spelled:
                return found
        return shown

    def data(self, data: bytes) -> bytes:
        return self.hidden(data.decode("latin-1")).encode("latin-1")

    def end(self, data: bytes) -> bytes:
        """The same for what was cut off at its end, where a credential may have been cut in two."""
        shown = self.data(data)
        tail = shown[-max(map(len, self._forms), default=0) :].decode("latin-1").lower()
        for form in self._forms:
            for length in range(min(len(form), len(tail)), _TELLING - 1, -1):
                if tail.endswith(form[:length]):
                    return shown[:-length] + REDACTED.encode()
        return shown

    def header(self, name: str, value: str) -> str:
        """Of a header that holds a credential, nothing but the scheme is shown."""
        if name.lower() not in SECRET_HEADERS:
            return self.hidden(value)
        scheme = _SCHEME.match(value)
        return (scheme[0] if scheme else "") + REDACTED if value.strip() else value

    def value(self, value: Any) -> Any:
        """The same value with every text in it, keys too, redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        return value


def secrets_of(headers: Mapping[str, str]) -> Iterable[str]:
    return (value for name, value in headers.items() if name.lower() in SECRET_HEADERS)


def _pattern(form: str) -> str:
    return re.escape(form) if len(form) >= _LONG else rf"(?<!\w){re.escape(form)}(?!\w)"


def _unescaped(text: str) -> str:
    """The text as it reads without JSON's escapes; "" if there are none."""
    if "\\u" not in text and "\\/" not in text:
        return ""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else "/", text)
    return plain.encode("latin-1", "replace").decode("latin-1")


def _forms(secret: str) -> Iterator[str]:
    """A header's value whole and without its scheme, quotes and blanks, also as a URL or JSON spells it."""
    for plain in _words(secret):
        for read in _readings(plain):
            yield from (read, quote(read, safe=""), quote_plus(read), json.dumps(read)[1:-1])
            yield json.dumps(read, ensure_ascii=False)[1:-1]


def _words(secret: str) -> Iterator[str]:
    whole = secret.strip(" \t")
    scheme, _, rest = whole.partition(" ")
    word = rest.strip(" \t")
    yield from (plain for plain in (whole, word, whole.strip("\"'")) if plain)
    if scheme.lower() == "basic":
        try:
            named = base64.b64decode(word, validate=True).decode("latin-1")
        except (binascii.Error, ValueError):
            return
        yield from (plain for plain in (named, named.partition(":")[2]) if plain)


def _readings(plain: str) -> Iterator[str]:
    """The text, and what becomes of it where bytes are read as another encoding than they were written in."""
    yield plain
    if not plain.isascii():
        yield plain.encode("utf-8", "surrogatepass").decode("latin-1")
        try:
            yield plain.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return
