"""Which operations were used, and how they answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.server.journal.entries import Entry
from mockserver.server.journal.nearmisses import Route


def coverage(entries: Iterable[Entry], routes: Sequence[Route]) -> dict[str, Any]:
    """Every operation of the documents, used or not. What a fault had a hand in counts as `faulted`, too."""
    statuses: dict[tuple[str, str, str], Counter[str]] = {}
    faulted: Counter[tuple[str, str, str]] = Counter()
    unmatched = 0
    for entry in entries:
        if entry.operation is None or entry.unmatched:
            unmatched += 1
            continue
        key = (entry.provider.name, entry.operation.path, entry.operation.method)
        statuses.setdefault(key, Counter())[str(entry.answer.status)] += 1
        faulted[key] += entry.fault is not None
    operations = []
    for route in sorted(routes, key=lambda route: (route.provider.name, route.path)):
        for method, identity in route.operations.items():
            key = (route.provider.name, route.path, method)
            counted = statuses.get(key, Counter())
            operations.append(
                {
                    "provider": route.provider.name,
                    "operation": identity,
                    "method": method,
                    "path": route.path,
                    "calls": counted.total(),
                    "statuses": dict(sorted(counted.items())),
                    "faulted": faulted[key],
                }
            )
    used = sum(1 for operation in operations if operation["calls"])
    return {"operations": operations, "used": used, "total": len(operations), "unmatched": unmatched}
