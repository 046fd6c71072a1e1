"""One exchange in full, as a page shows it: what was asked, what was answered, why, and what it changed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.server.console.curl import as_curl
from mockserver.server.console.pretty import is_json
from mockserver.server.journal.entries import Entry
from mockserver.server.redaction import REDACTED, SECRET_HEADERS

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Body:
    """`kind` is `none`, `json`, `text` or `base64`."""

    kind: str
    text: str
    size: int

    @classmethod
    def of(cls, raw: bytes) -> Body:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return cls("base64", b64encode(raw).decode(), len(raw))
        kind = "none" if not text else "json" if is_json(text) else "text"
        return cls(kind, text, len(raw))


@dataclass(frozen=True, slots=True)
class Exchange:
    entry: Entry
    asked: Body
    answered: Body
    request_headers: Pairs
    answer_headers: Pairs
    curl: str
    verdict: str
    why: Mapping[str, Any]


def exchange(entry: Entry, base_url: str, why: Mapping[str, Any]) -> Exchange:
    """`why` is what the explanation says."""
    return Exchange(
        entry=entry,
        asked=Body.of(entry.request.body),
        answered=Body.of(entry.answer.body),
        request_headers=redacted(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in entry.request.headers.raw
        ),
        answer_headers=redacted(entry.answer.headers),
        curl=as_curl(entry.request, base_url),
        verdict=verdict(entry),
        why=why,
    )


def redacted(headers: Iterable[tuple[str, str]]) -> Pairs:
    return [(name, REDACTED if name.lower() in SECRET_HEADERS else value) for name, value in headers]


def verdict(entry: Entry) -> str:
    if entry.fault is not None:
        return "fault"
    if entry.operation is None:
        return "unmatched"
    if entry.refusal is not None:
        return "refused"
    return "failed" if entry.answer.status >= 500 else "done"
