"""Filling a world's tables from the records that a person wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.core.store import DuplicateKey, Table

Fixtures = Mapping[str, Sequence[Any]]


class FixtureError(Exception):
    """A record of the right shape that does not fit its world, e.g. a user of an organization that is not there."""

    def __init__(self, collection: str, position: int, key: str, problem: str) -> None:
        super().__init__(f"{collection}[{position}].{key}: {problem}")
        self.collection = collection
        self.position = position
        self.key = key
        self.problem = problem


def fill(
    tables: Mapping[str, Table[Any]], fixtures: Fixtures, references: Mapping[tuple[str, str], str]
) -> None:
    """Inserts every record of the fixtures, collection by collection in the order of `tables`.

    `references` says which key of which collection names a record of which other one, or several of them. Raises
    FixtureError for a reference to nothing and for an id that is given twice. A collection that is not given is empty.
    """
    given = {collection: fixtures.get(collection, ()) for collection in tables}
    known = {collection: {record.id for record in records} for collection, records in given.items()}
    for (collection, key), target in references.items():
        for position, record in enumerate(given[collection]):
            for named in _named(getattr(record, key)):
                if named not in known[target]:
                    raise FixtureError(collection, position, key, f"there is no {named!r} in {target}")
    for collection, table in tables.items():
        for position, record in enumerate(given[collection]):
            try:
                table.insert(record)
            except DuplicateKey:
                raise FixtureError(collection, position, "id", f"{record.id!r} is there twice") from None


def _named(value: str | Sequence[str] | None) -> Sequence[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
