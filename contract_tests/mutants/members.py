"""Changes to the members of records in answers."""

from __future__ import annotations

from typing import Any

from contract_tests.mutants.changes import Json, each


def leave_out(*names: str) -> Any:
    def change(record: Json) -> None:
        for name in names:
            record.pop(name, None)

    return each(change)


def become(**values: Any) -> Any:
    """Members that are there get another value, or what a function makes of theirs."""

    def change(record: Json) -> None:
        for name, value in values.items():
            if name in record:
                record[name] = value(record[name]) if callable(value) else value

    return each(change)
