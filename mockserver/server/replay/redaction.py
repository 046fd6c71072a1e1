"""Keeps credentials out of everything that a replay shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

REDACTED = "<credential>"
SECRET_HEADERS = frozenset(["authorization", "proxy-authorization", "cookie", "x-mock-token"])
# A longer one is taken out wherever it stands, a shorter one where it stands alone: else every text that happens to
# hold its letters would become unreadable.
_LONG = 8


class Redactor:
    """`secrets` are header values: with a scheme before them or without."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {form for secret in secrets for form in _forms(secret)}
        patterns = [
            re.escape(form) if len(form) >= _LONG else rf"(?<!\w){re.escape(form)}(?!\w)"
            for form in sorted(found, key=len, reverse=True)
        ]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def text(self, text: str) -> str:
        return self._pattern.sub(REDACTED, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """The same value with every text in it, keys too, redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return value


def secrets_of(headers: Mapping[str, str]) -> Iterable[str]:
    return (value for name, value in headers.items() if name.lower() in SECRET_HEADERS)


def _forms(secret: str) -> Iterable[str]:
    """A header's value whole and without its scheme, quotes and blanks, also as a URL or JSON spells it."""
    whole = secret.strip(" \t")
    for plain in (whole, whole.partition(" ")[2].strip(" \t"), whole.strip("\"'")):
        if plain:
            yield from (plain, quote(plain, safe=""), quote_plus(plain), json.dumps(plain)[1:-1])
