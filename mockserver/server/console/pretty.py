"""JSON for a reader: indented and coloured, but token for token what was on the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from markupsafe import Markup

from mockserver.server.console.visible import visible

DEEPEST = 60
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPENING, _CLOSING = ("{", "["), ("}", "]")
_EMPTY = Markup()
_SPAN = Markup('<span class="{}">{}</span>')


def is_json(text: str) -> bool:
    """Whether it is an object or a list, and not nested too deeply to be shown as one."""
    if text.lstrip()[:1] not in _OPENING:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def highlighted(text: str) -> Markup:
    """`text` is JSON. Numbers, escapes and repeated keys stay as they were sent."""
    return _EMPTY.join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    """Markup is spans alone; plain text among them is escaped when they are joined."""
    pieces = _TOKEN.findall(text)
    depth = 0
    for at, piece in enumerate(pieces):
        following = pieces[at + 1] if at + 1 < len(pieces) else ""
        if piece in _OPENING:
            depth += 1
            yield piece if following in _CLOSING else piece + _line(depth)
        elif piece in _CLOSING:
            depth -= 1
            yield piece if at and pieces[at - 1] in _OPENING else _line(depth) + piece
        elif piece == ",":
            yield piece + _line(depth)
        elif piece == ":":
            yield ": "
        elif piece.startswith('"'):
            yield _SPAN.format("key" if following == ":" else "text", visible(piece))
        else:
            yield _SPAN.format("literal", visible(piece))


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, DEEPEST)
