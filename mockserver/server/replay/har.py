"""An HTTP Archive as a recording: a journal's, which says who called, or a browser's."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mockserver.core.errors import ConfigurationError
from mockserver.server.replay.recording import Exchange, Slip, exchange_of

# What stands in a recording for a body that was not written down.
_NOT_RECORDED = "<0 bytes>"


@dataclass(frozen=True, slots=True)
class Archive:
    """`unlimited` is true where it says of itself that it was recorded without rate limits."""

    exchanges: list[Exchange]
    unlimited: bool


def read_har(file: Path) -> Archive:
    """Every entry, in order. Raises ConfigurationError with the number of the entry."""
    try:
        content = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{file}: is not JSON") from None
    try:
        entries = list(content["log"]["entries"])
        ours = content["log"].get("_mock", {})
        unlimited = "rate_limit" in ours and ours["rate_limit"] is None
    except (KeyError, TypeError, AttributeError):
        raise ConfigurationError(f"{file}: is no HTTP Archive") from None
    exchanges = []
    for number, entry in enumerate(entries, start=1):
        try:
            exchanges.append(exchange_of(number, _line(entry)))
        except Slip as slip:
            raise ConfigurationError(f"{file}: entry {number}: {slip}") from None
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ConfigurationError(f"{file}: entry {number}: is none of an HTTP Archive") from None
    if not exchanges:
        raise ConfigurationError(f"{file}: holds no exchange")
    return Archive(exchanges, unlimited)


def _line(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry as a line of a recording. What was cut, or made wrong on purpose, is not compared; nor is it sent
    where it did nothing that those after it could see."""
    request, response, ours = entry["request"], entry["response"], entry.get("_mock") or {}
    url = urlsplit(request["url"])
    cut = {str(part).partition(".")[0] for part in ours.get("cut") or ()}
    status = response["status"]
    wrong = bool(ours.get("fault")) or not 100 <= status <= 599
    sent = "request" not in cut and (not wrong or bool(ours.get("changed")))
    compared = not wrong and "answer" not in cut
    named = f"{ours['provider']}.{ours.get('operation') or 'unmatched'}" if "provider" in ours else ""
    return {
        "name": named or f"har.{request['method']} {url.path}",
        "as": ours.get("as"),
        "request": {
            "method": request["method"],
            "path": url.path or "/",
            "query": url.query,
            "headers": _headers(request["headers"]),
            "body": _sent_body(request) if sent else _NOT_RECORDED,
        },
        "response": {
            "status": status if 100 <= status <= 599 else 500,
            "headers": _headers(response["headers"]),
            "body": _content(response["content"], request["method"]) if compared else _NOT_RECORDED,
        },
    }


def _headers(pairs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Repeated ones in one; those that HTTP/2 puts in the place of a request line are none."""
    folded: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for pair in pairs:
        name, value = pair["name"], pair["value"]
        if not name.startswith(":"):
            key = spelled.setdefault(name.lower(), name)
            folded[key] = f"{folded[key]}, {value}" if key in folded else value
    return folded


def _sent_body(request: Mapping[str, Any]) -> Any:
    posted = request.get("postData")
    if not posted:
        return None
    if "text" not in posted:
        return _NOT_RECORDED
    return _body(posted["text"], posted.get("_encoding"))


def _content(content: Mapping[str, Any], method: str) -> Any:
    if method == "HEAD":
        return None
    if content.get("text") is None:
        return _NOT_RECORDED if content.get("size", 0) > 0 else None
    return _body(content["text"], content.get("encoding"))


def _body(text: str, encoding: str | None) -> Any:
    if encoding == "base64":
        return {"base64": text}
    # Else a text could look like what stands for a body that is not there.
    return {"base64": b64encode(text.encode("utf-8", "surrogatepass")).decode()} if text else None
