"""What was asked of a server and what it answered: the one shape in which every part of the suite speaks of traffic."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Headers = tuple[tuple[str, str], ...]
# How zlib is to read what a Content-Encoding names.
CODINGS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
LONGEST = 64 * 1024 * 1024


def header(headers: Headers, name: str) -> str | None:
    """The first value of a header, whatever the case of its name."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class Asked:
    method: str
    target: str  # as it stood in the request line: path and query, percent signs and all
    headers: Headers = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, decoded once."""
        return unquote(urlsplit(self.target).path, errors="surrogateescape")

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def header(self, name: str) -> str | None:
        return header(self.headers, name)

    def json(self) -> Any:
        """Raises ValueError if the body is no JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return header(self.headers, name)

    def json(self) -> Any:
        """Raises ValueError if the body is no JSON."""
        return json.loads(self.body)

    def unpacked(self) -> Answered:
        """The same with a body to read, if it came compressed; the headers stay as they came."""
        coding = CODINGS.get((self.header("Content-Encoding") or "").strip().lower())
        if coding is None:
            return self
        try:
            return replace(self, body=zlib.decompressobj(coding).decompress(self.body, LONGEST))
        except zlib.error:
            return self


@dataclass(frozen=True)
class Exchange:
    """`answered` is None when no answer came; `note` says why, or what the guard did."""

    asked: Asked
    answered: Answered | None
    label: str = ""  # the test, or whatever else sent it
    started: float = 0.0  # seconds since the epoch
    seconds: float = 0.0
    note: str = ""
    names: Mapping[str, str] = field(default_factory=dict)  # e.g. operation, effect
