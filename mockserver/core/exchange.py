"""One request and one answer, as plain values that know nothing of a server.

They are written once and read by many; they are not frozen only because every request would pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

# In bytes; what a longer body says is never read.
LARGEST_BODY = 16 * 1024 * 1024
# A query up to this long is remembered as it was read: clients ask the same again and again.
LONGEST_REMEMBERED = 256


class Headers:
    """Request headers. Names are in lower case, as every HTTP server hands them on; a name that is asked for may be in
    any case. Values are the text that latin-1 makes of the bytes."""

    __slots__ = ("raw",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self.raw = raw

    def all(self, name: str) -> list[str]:
        wanted = name.lower().encode("latin-1")
        return [value.decode("latin-1") for key, value in self.raw if key == wanted]

    def first(self, name: str) -> str | None:
        wanted = name.lower().encode("latin-1")
        for key, value in self.raw:
            if key == wanted:
                return value.decode("latin-1")
        return None

    def joined(self, name: str) -> str | None:
        """Repeated headers folded into one, as a gateway hands them to a WSGI application."""
        wanted = name.lower().encode("latin-1")
        found = None
        for key, value in self.raw:
            if key == wanted:
                found = value if found is None else found + b"," + value
        return None if found is None else found.decode("latin-1")


@dataclass(slots=True)
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

    @property
    def arguments(self) -> Sequence[tuple[str, str]]:
        return arguments_of(self.query)

    def argument(self, name: str) -> str | None:
        """The last value given for `name`, None if there is none."""
        found = None
        if self.query:
            for key, value in self.arguments:
                if key == name:
                    found = value
        return found


def arguments_of(query: str) -> Sequence[tuple[str, str]]:
    """A query's pairs in order, blank values kept; undecodable bytes become U+FFFD."""
    if not query:
        return ()
    return (_remembered if len(query) <= LONGEST_REMEMBERED else _pairs)(query)


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(query, keep_blank_values=True, errors="replace"))


_remembered = lru_cache(maxsize=256)(_pairs)


@dataclass(slots=True)
class Answer:
    """`headers` in the order in which they go out; Content-Length is the server's to add.

    `told` is what the body says, with the name of its schema in the place of each record that has been held against
    that already (`core.views`); None where only the body itself can tell.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    told: Any = field(default=None, compare=False, repr=False)
