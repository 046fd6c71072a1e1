"""The operations of the served documents, and how often a journal has seen each with which status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.server.documents import METHODS


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
    """`counts` has every status that the document promises or that was answered, and how often it was; a fault had a
    hand in `faulted` of these."""

    operation: Described
    counts: Mapping[str, int]
    faulted: int

    @property
    def calls(self) -> int:
        return sum(self.counts.values())


def described(documents: Mapping[str, Mapping[str, Any]]) -> list[Described]:
    return [
        Described(
            vendor,
            item[method]["operationId"],
            method.upper(),
            path,
            tuple(item[method].get("responses", ())),
        )
        for vendor, document in documents.items()
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def covered(operations: Iterable[Described], counted: Mapping[str, Any]) -> list[Covered]:
    """`counted` is what the control API says at /_mock/coverage."""
    seen = {
        (row["provider"], row["method"], row["path"]): (row["statuses"], row["faulted"])
        for row in counted["operations"]
    }
    rows = []
    for operation in operations:
        counts, faulted = seen.get((operation.vendor, operation.method, operation.path), ({}, 0))
        promised = [status for status in operation.statuses if status.isdecimal()]
        every = {status: counts.get(status, 0) for status in sorted({*promised, *counts})}
        rows.append(Covered(operation, every, faulted))
    return rows
