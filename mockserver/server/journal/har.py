"""Entries as HTTP Archive 1.2, for browsers' tools and for `mockserver replay`. What begins with `_` is ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote

from mockserver import __version__
from mockserver.server.journal.showing import Body, Shown
from mockserver.server.settings import Settings

# What a URL may hold as it is; a percent sign stands for what is encoded already.
_PATH = "/%:@!$&'()*+,;=-._~"
_QUERY = f"{_PATH}?"


def archive(entries: Iterable[Shown], settings: Settings, *, dropped: int) -> dict[str, Any]:
    """`dropped` entries had to make room, and are not among these."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "postmortem-mockserver", "version": __version__},
            "entries": [_entry(shown, settings.base_url) for shown in entries],
            "_mock": {"dropped": dropped, "rate_limit": settings.rate_factor},
        }
    }


def _entry(shown: Shown, base_url: str) -> dict[str, Any]:
    entry = shown.entry
    took = round(max(entry.took, 0.0) * 1000, 3)
    return {
        "startedDateTime": entry.at.isoformat(timespec="milliseconds"),
        "time": took,
        "request": _request(shown, base_url),
        "response": _response(shown),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "comment": f"cut: {', '.join(entry.cut)}" if entry.cut else "",
        "_mock": {
            "id": entry.id,
            "sandbox": entry.sandbox,
            "provider": entry.provider.name,
            "operation": shown.operation,
            "as": shown.caller,
            "fault": None if entry.fault is None else shown.sentence(entry.fault),
            "cut": list(entry.cut),
            "changed": shown.changed(),
        },
    }


def _request(shown: Shown, base_url: str) -> dict[str, Any]:
    path, query = quote(shown.path, safe=_PATH), quote(shown.query, safe=_QUERY)
    url = f"{base_url}{quote(shown.entry.request.mount, safe=_PATH)}{path}"
    request: dict[str, Any] = {
        "method": shown.method,
        "url": f"{url}?{query}" if query else url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(shown.request_headers),
        "queryString": _pairs(parse_qsl(shown.query, keep_blank_values=True, errors="replace")),
        "headersSize": -1,
        "bodySize": len(shown.request_body.content),
    }
    if shown.request_body.content:
        request["postData"] = {
            "mimeType": _first(shown.request_headers, "content-type"),
            "text": shown.request_body.written,
            "params": [],
            **_encoding(shown.request_body, "_encoding"),
        }
    return request


def _response(shown: Shown) -> dict[str, Any]:
    body, status = shown.answer_body, shown.entry.answer.status
    return {
        "status": status,
        "statusText": _phrase(status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(shown.answer_headers),
        "content": {
            "size": len(body.content),
            "mimeType": _first(shown.answer_headers, "content-type"),
            "text": body.written,
            **_encoding(body, "encoding"),
        },
        "redirectURL": _first(shown.answer_headers, "location"),
        "headersSize": -1,
        "bodySize": 0 if shown.method == "HEAD" else len(body.content),
    }


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _first(headers: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _encoding(body: Body, key: str) -> dict[str, str]:
    """HAR 1.2 knows an encoding for answers only."""
    return {} if body.text is not None else {key: "base64"}
