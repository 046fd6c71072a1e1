"""Changes to the fields of a body that is sent."""

from __future__ import annotations

from typing import Any

from contract_tests.mutants.changes import (
    dumped,
    rebody,
)


def filled(**values: Any) -> Any:
    """What is missing in a body is filled in."""
    return rebody(lambda body: {**values, **body})


def coerced(*names: str) -> Any:
    """Members of another type become text."""
    return rebody(
        lambda body: {
            k: dumped(v).decode() if k in names and not isinstance(v, str | None) else v
            for k, v in body.items()
        }
    )


def nulls(name: str, value: str) -> Any:
    return rebody(lambda body: {**body, name: value} if name in body and body[name] is None else body)
