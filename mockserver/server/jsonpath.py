"""Where in a document a JSONPath (RFC 9535) leads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mockserver.core.later import later

if TYPE_CHECKING:
    from mockserver.server.jsonpathfinding import found
else:
    found = later("mockserver.server.jsonpathfinding", "found")

Location = tuple[str | int, ...]
_NAME = r"\.[A-Za-z_]\w*|\['[^'\\]*'\]"
_NAMES = re.compile(rf"\$(?:{_NAME})*")
_EACH = re.compile(_NAME)


class NoPath(ValueError):
    """The text is no JSONPath."""


def locations(path: str, document: Any) -> Sequence[Location]:
    """A path of names alone, as nearly all in overlays are, is followed without the library for all others.

    Raises NoPath.
    """
    if not _NAMES.fullmatch(path):
        return found(path, document)
    names = [name[1:] if name[0] == "." else name[2:-2] for name in _EACH.findall(path)]
    node = document
    for name in names:
        if not isinstance(node, dict) or name not in node:
            return ()
        node = node[name]
    return (tuple(names),)
