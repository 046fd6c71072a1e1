"""Which bodies a rule is about."""

from __future__ import annotations

from typing import Any

from jsonpath_rfc9535 import JSONPathError, JSONPathQuery

from mockserver.server.faults.calls import NO_JSON, Asked
from mockserver.server.faults.matching import Test, glob


def of_body(path: JSONPathQuery, wanted: object) -> Test:
    """Some place that the path leads to holds the value: a text is a glob, anything else is equal as JSON is."""
    fits = glob([wanted]) if isinstance(wanted, str) else None

    def holds(value: Any) -> bool:
        if fits is not None:
            return isinstance(value, str) and bool(fits(value))
        return same(value, wanted)

    def test(asked: Asked) -> bool:
        if asked.payload is NO_JSON:
            return False
        try:
            return any(holds(node.value) for node in path.find(asked.payload))
        except (JSONPathError, RecursionError):
            return False

    return test


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is 1.0, and true is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)
