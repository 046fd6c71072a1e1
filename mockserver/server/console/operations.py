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
    """`counts` has every status that the document promises or that was answered, and how often it was."""

    operation: Described
    counts: Mapping[str, int]

    @property
    def calls(self) -> int:
        return sum(self.counts.values())


def described(documents: Mapping[str, Mapping[str, Any]]) -> list[Described]:
    return [
        Described(vendor, item[method]["operationId"], method.upper(), path, tuple(item[method]["responses"]))
        for vendor, document in documents.items()
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def covered(operations: Iterable[Described], entries: Iterable[Entry]) -> list[Covered]:
    seen: dict[tuple[str, str], Counter[str]] = {}
    for entry in entries:
        if entry.operation is not None:
            key = (entry.provider.name, entry.operation.id)
            seen.setdefault(key, Counter())[str(entry.answer.status)] += 1
    rows = []
    for operation in operations:
        counted = seen.get((operation.vendor, operation.id), Counter())
        promised = [status for status in operation.statuses if status.isdecimal()]
        rows.append(Covered(operation, {status: counted[status] for status in sorted({*promised, *counted})}))
    return rows
