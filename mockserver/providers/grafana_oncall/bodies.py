"""Request bodies as Grafana OnCall's framework reads them: JSON, urlencoded and multipart, by content type."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from mockserver.core import jsontext
from mockserver.core.errors import Malformed, UnsupportedMedia

MOST_FIELDS = 1000
_MEDIA_TYPE = re.compile(r"\s*([^/;\s]+)/([^/;\s]+)\s*(?:;|$)")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_NO_CHARSETS = frozenset({"idna", "punycode", "raw_unicode_escape", "unicode_escape"})


def read_body(content_type: str | None, body: bytes) -> Any:
    """The payload of a request, an empty one if no bytes were sent, whatever they were said to be.

    Raises UnsupportedMedia and Malformed.
    """
    if not body:
        return {}
    if content_type == "application/json":
        try:
            return jsontext.parse(body.decode())
        except ValueError as error:
            raise Malformed("JSON", str(error)) from None
    declared = content_type or ""
    matched = _MEDIA_TYPE.match(declared)
    media_type = f"{matched[1]}/{matched[2]}".lower() if matched else ""
    if media_type == "application/json":
        return _read_json(_text(declared, body))
    if media_type == "application/x-www-form-urlencoded":
        return _read_urlencoded(body)
    if media_type == "multipart/form-data":
        return _read_multipart(declared, body)
    raise UnsupportedMedia(declared)


def _text(content_type: str, body: bytes) -> str:
    named = _CHARSET.search(content_type) if content_type else None
    charset = named[1].lower() if named else "utf-8"
    try:
        return body.decode("utf-8" if charset in _NO_CHARSETS else charset)
    except LookupError:
        return _text("", body)
    except ValueError as error:
        raise Malformed("JSON", str(error)) from None


def _read_json(text: str) -> Any:
    try:
        return jsontext.parse(text)
    except ValueError as error:
        raise Malformed("JSON", str(error)) from None


def _read_urlencoded(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Malformed("Form", f"more than {MOST_FIELDS} fields") from None
    return dict(pairs)


def _read_multipart(content_type: str, body: bytes) -> dict[str, Any]:
    """Fields as text; a part with a file name is no text and stands as an object."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise Malformed("Multipart form", "Invalid boundary in multipart: None")
    parts = _Parts()
    parser = MultipartParser(boundary, parts.callbacks())
    try:
        parser.write(body)
        parser.finalize()
    except MultipartParseError as error:
        raise Malformed("Multipart form", str(error)) from None
    return parts.fields


class _Parts:
    """Collects what the multipart parser reports; nothing goes to disk."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self._count = 0
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""
        self._data = bytearray()

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name_data,
            "on_header_value": self._header_value_data,
            "on_header_end": self._header_end,
            "on_part_data": self._part_data,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_FIELDS:
            raise Malformed("Multipart form", f"more than {MOST_FIELDS} fields")
        self._disposition = b""
        self._data = bytearray()

    def _header_name_data(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_value_data(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def _end(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if not name:
            return
        is_file = b"filename" in options
        self.fields[name] = {} if is_file else self._data.decode("utf-8", "replace")
