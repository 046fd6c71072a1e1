"""Request bodies as Grafana OnCall's framework reads them: JSON, urlencoded and multipart, by content type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from mockserver.core import jsontext
from mockserver.core.errors import Malformed, UnsupportedMedia
from mockserver.core.later import later

if TYPE_CHECKING:
    from mockserver.providers.grafana_oncall.multipart import read_multipart
else:
    read_multipart = later("mockserver.providers.grafana_oncall.multipart", "read_multipart")

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
        return read_multipart(declared, body)
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
