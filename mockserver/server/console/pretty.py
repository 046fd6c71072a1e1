"""JSON for a reader: indented and coloured, but token for token what was on the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from markupsafe import Markup

from mockserver.server.console.visible import visible

DEEPEST = 60
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_SPAN = Markup('<span class="{}">{}</span>')


def is_json(text: str) -> bool:
    """Whether it is an object or a list, and not nested too deeply to be shown as one."""
    if not text.lstrip()[:1] in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def highlighted(text: str) -> Markup:
    """`text` is JSON. Numbers, escapes and repeated keys stay as they were sent."""
    return Markup("").join(_pieces(text))


def _pieces(text: str) -> Iterator[Markup]:
    tokens = _TOKEN.findall(text)
    depth = 0
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        if token in ("{", "["):
            depth += 1
            yield Markup(token)
            if following not in ("}", "]"):
                yield _line(depth)
        elif token in ("}", "]"):
            depth -= 1
            if at and tokens[at - 1] not in ("{", "["):
                yield _line(depth)
            yield Markup(token)
        elif token == ",":
            yield Markup(",") + _line(depth)
        elif token == ":":
            yield Markup(": ")
        elif token.startswith('"'):
            yield _SPAN.format("key" if following == ":" else "text", visible(token))
        else:
            yield _SPAN.format("literal", visible(token))


def _line(depth: int) -> Markup:
    return Markup("\n" + "  " * min(depth, DEEPEST))
