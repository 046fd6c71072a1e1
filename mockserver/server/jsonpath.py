"""Where in a document a JSONPath (RFC 9535) leads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any

from mockserver.core.later import later

if TYPE_CHECKING:
    from mockserver.server.jsonpathfinding import found
else:
    found = later("mockserver.server.jsonpathfinding", "found")

Location = tuple[str | int, ...]
_QUOTED = r"'[^'\\]*'"
_SEGMENT = rf"\.[A-Za-z_]\w*|\[{_QUOTED}(?:, *{_QUOTED})*\]"
_NAMES = re.compile(rf"\$(?:{_SEGMENT})*")
_EACH = re.compile(_SEGMENT)
_INSIDE = re.compile(_QUOTED)


class NoPath(ValueError):
    """The text is no JSONPath."""


def locations(path: str, document: Any) -> Sequence[Location]:
    """A path of names alone, as nearly all in overlays are, is followed without the library for all others.

    Raises NoPath.
    """
    if not _NAMES.fullmatch(path):
        return found(path, document)
    reached: list[Location] = [()]
    for segment in _EACH.findall(path):
        quoted = _INSIDE.findall(segment)
        names = [name[1:-1] for name in quoted] if quoted else [segment[1:]]
        reached = [(*at, name) for at in reached for name in names if _has(document, at, name)]
    return reached


def _has(document: Any, at: Location, name: str) -> bool:
    node = reduce(getitem, at, document)
    return isinstance(node, dict) and name in node
