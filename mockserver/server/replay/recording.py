"""A recording: one exchange a line, as JSON. docs/replay.md describes the format."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.core.errors import ConfigurationError

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_IN_A_REQUEST_LINE = re.compile(r"[!-~]*")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_PLACEHOLDER = re.compile(r"<\d+ bytes>")


@dataclass(frozen=True, slots=True)
class Body:
    """`content` is None where there was no body; `recorded` is false where only its size was written down."""

    content: bytes | None = None
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """`path` and `query` as they stood in the request line."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Body


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    status: int
    headers: Mapping[str, str]
    body: Body


@dataclass(frozen=True, slots=True)
class Exchange:
    """`caller` is who sent it, by a name that a credential can be given for."""

    line: int
    name: str
    caller: str | None
    request: RecordedRequest
    response: RecordedResponse


def read_recording(file: Path) -> list[Exchange]:
    """Every exchange of the file, in order; empty lines are skipped. Raises ConfigurationError with file and line."""
    try:
        lines = file.read_text("utf-8").split("\n")
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: is not UTF-8 (byte {error.start})") from None
    exchanges = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                exchanges.append(_exchange(number, line))
            except Slip as slip:
                raise ConfigurationError(f"{file}:{number}: {slip}") from None
    if not exchanges:
        raise ConfigurationError(f"{file}: holds no exchange")
    return exchanges


class Slip(Exception):
    """What is wrong with a line."""


def _exchange(number: int, line: str) -> Exchange:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise Slip(f"is not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise Slip("is nested too deep") from None
    return exchange_of(number, entry)


def exchange_of(number: int, entry: object) -> Exchange:
    """What a line says. Raises Slip."""
    if not isinstance(entry, dict):
        raise Slip("must be an object")
    name = _text(entry, "name", "name")
    if not name:
        raise Slip("name must not be empty")
    caller = entry.get("as")
    if caller is not None and not isinstance(caller, str):
        raise Slip("as must be text or null")
    return Exchange(
        number, name, caller, _request(_object(entry, "request")), _response(_object(entry, "response"))
    )


def _request(entry: Mapping[str, Any]) -> RecordedRequest:
    method = _text(entry, "method", "request.method")
    if not _TOKEN.fullmatch(method):
        raise Slip(f"request.method {method!r} is no method")
    path, query = (_text(entry, "path", "request.path"), entry.get("query") or "")
    if not isinstance(query, str):
        raise Slip("request.query must be text")
    for key, value in (("path", path), ("query", query)):
        if not _IN_A_REQUEST_LINE.fullmatch(value):
            raise Slip(f"request.{key} must be percent-encoded")
    if not path.startswith("/"):
        raise Slip("request.path must begin with a slash")
    return RecordedRequest(method, path, query, _headers(entry, "request"), _body(entry, "request"))


def _response(entry: Mapping[str, Any]) -> RecordedResponse:
    status = entry.get("status")
    if type(status) is not int or not 100 <= status <= 599:
        raise Slip("response.status must be a number from 100 to 599")
    return RecordedResponse(status, _headers(entry, "response"), _body(entry, "response"))


def _object(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = entry.get(key)
    if not isinstance(value, dict):
        raise Slip(f"{key} must be an object" if key in entry else f"{key} is missing")
    return value


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str):
        raise Slip(f"{where} must be text" if key in entry else f"{where} is missing")
    return value


def _headers(entry: Mapping[str, Any], side: str) -> Mapping[str, str]:
    headers = entry.get("headers", {})
    if not isinstance(headers, dict):
        raise Slip(f"{side}.headers must be an object")
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise Slip(f"{side}.headers: {name!r} is no header")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise Slip(f"{side}.headers.{name} must be text of one line")
    return headers


def _body(entry: Mapping[str, Any], side: str) -> Body:
    body = entry.get("body")
    if body is None:
        return Body()
    if isinstance(body, str):
        # Lone surrogates stand for themselves, as they did in whatever wrote them down.
        return Body(recorded=False) if _PLACEHOLDER.fullmatch(body) else Body(_encoded(body))
    if isinstance(body, dict) and list(body) == ["base64"] and isinstance(body["base64"], str):
        try:
            return Body(base64.b64decode(body["base64"], validate=True))
        except binascii.Error:
            raise Slip(f"{side}.body.base64 is not base64") from None
    raise Slip(f'{side}.body must be null, text or {{"base64": text}}')


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
