"""One request and one answer, as plain values that know nothing of a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl

# In bytes; what a longer body says is never read.
LARGEST_BODY = 16 * 1024 * 1024


class Headers:
    """Request headers; names in any case, values as the text that latin-1 makes of the bytes."""

    __slots__ = ("raw",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self.raw = raw

    def all(self, name: str) -> list[str]:
        wanted = name.lower().encode("latin-1")
        return [value.decode("latin-1") for key, value in self.raw if key.lower() == wanted]

    def first(self, name: str) -> str | None:
        values = self.all(name)
        return values[0] if values else None

    def joined(self, name: str) -> str | None:
        """Repeated headers folded into one, as a gateway hands them to a WSGI application."""
        values = self.all(name)
        return ",".join(values) if values else None


@dataclass(frozen=True)
class Request:
    """`path` and `query` are as they stood in the request line, still percent-encoded. `mount` is what stood before the
    path to choose a sandbox, and stands before it again in links. A `body` longer than the server reads is empty and
    `oversized`."""

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=lambda: Headers(()))
    body: bytes = b""
    oversized: bool = False
    mount: str = ""

    @cached_property
    def arguments(self) -> list[tuple[str, str]]:
        """The query's pairs in order, blank values kept; undecodable bytes become U+FFFD."""
        return parse_qsl(self.query, keep_blank_values=True, errors="replace")

    def argument(self, name: str) -> str | None:
        """The last value given for `name`, None if there is none."""
        found = None
        for key, value in self.arguments:
            if key == name:
                found = value
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` in the order in which they go out; Content-Length is the server's to add."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
