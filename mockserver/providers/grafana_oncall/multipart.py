"""Multipart bodies as Grafana OnCall's framework reads them."""

from __future__ import annotations

from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from mockserver.core.errors import Malformed
from mockserver.providers.grafana_oncall.bodies import MOST_FIELDS


def read_multipart(content_type: str, body: bytes) -> dict[str, Any]:
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
