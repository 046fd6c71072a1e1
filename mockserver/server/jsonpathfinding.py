"""JSONPaths of any kind, by a library that takes its time to load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jsonpath_rfc9535 import JSONPathError, find

from mockserver.server.jsonpath import Location, NoPath


def found(path: str, document: Any) -> Sequence[Location]:
    """Raises NoPath."""
    try:
        return [node.location for node in find(path, document)]
    except JSONPathError as error:
        raise NoPath(str(error)) from None
