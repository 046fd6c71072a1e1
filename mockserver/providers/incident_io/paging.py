"""Pages of lists: so many records, and the id that leads to the next page, if there is one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mockserver.core.store import Table

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """`more` is whether records follow; `size` what was asked for."""

    records: Sequence[Record]
    size: int
    more: bool = False


def oldest_first(table: Table[Record], index: str, value: Hashable, size: int, after: Any) -> Page[Record]:
    """`after` is the order of the record that the page follows, None for the first page."""
    start = 0 if after is None else table.through(index, value, after)
    records = table.page(index, value, start, size + 1)
    return Page(records[:size], size, len(records) > size)


def newest_first(table: Table[Record], index: str, value: Hashable, size: int, after: Any) -> Page[Record]:
    end = table.count(index, value) if after is None else table.before(index, value, after)
    start = max(0, end - size)
    return Page(table.page(index, value, start, end - start)[::-1], size, start > 0)


def sifted(
    table: Table[Record],
    index: str,
    value: Hashable,
    size: int,
    after: Any,
    fits: Callable[[Record], bool],
) -> Page[Record]:
    """Oldest first, only what fits; looks at no more records than it takes to fill the page."""
    start = 0 if after is None else table.through(index, value, after)
    found: list[Record] = []
    for record in _stretches(table, index, value, start, size + 1):
        if fits(record):
            found.append(record)
            if len(found) > size:
                break
    return Page(found[:size], size, len(found) > size)


def _stretches(
    table: Table[Record], index: str, value: Hashable, start: int, length: int
) -> Iterator[Record]:
    while records := table.page(index, value, start, length):
        yield from records
        start += length


def meta(page: Page[Any]) -> dict[str, Any]:
    """`after` is left out on the last page."""
    found: dict[str, Any] = {"page_size": page.size}
    if page.more:
        found["after"] = page.records[-1].id
    return found
