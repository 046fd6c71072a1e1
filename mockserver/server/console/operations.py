"""The operations of the served documents, and how often a journal has seen each with which status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.server.documents import METHODS
from mockserver.server.journal.entries import Entry


@dataclass(frozen=True, slots=True)
class Described:
    """`statuses` are those that the document promises."""

    vendor: str
    id: str
    method: str
    path: str
    statuses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """`seen` counts answers by status; `missing` are the promised statuses that were not seen."""

    operation: Described
    seen: Mapping[int, int]
    missing: tuple[str, ...]

    @property
    def calls(self) -> int:
        return sum(self.seen.values())


def described(documents: Mapping[str, Mapping[str, Any]]) -> list[Described]:
    return [
        Described(vendor, item[method]["operationId"], method.upper(), path, tuple(item[method]["responses"]))
        for vendor, document in documents.items()
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def covered(operations: Iterable[Described], entries: Iterable[Entry]) -> list[Covered]:
    counts: dict[tuple[str, str], Counter[int]] = {}
    for entry in entries:
        if entry.operation is not None:
            key = (entry.provider.name, entry.operation.id)
            counts.setdefault(key, Counter())[entry.answer.status] += 1
    return [
        Covered(operation, dict(sorted(seen.items())), _missing(operation, seen))
        for operation in operations
        for seen in [counts.get((operation.vendor, operation.id), Counter())]
    ]


def _missing(operation: Described, seen: Mapping[int, int]) -> tuple[str, ...]:
    answered = {str(status) for status in seen}
    return tuple(status for status in operation.statuses if status.isdigit() and status not in answered)
