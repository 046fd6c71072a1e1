"""Changes to the query of a request."""

from __future__ import annotations

from typing import Any

from contract_tests.mutants.changes import (
    requery,
)


def rename(**names: str) -> Any:
    """Parameters are taken for others; dots in a keyword stand for brackets."""
    renamed = {_bracket(old): _bracket(new) for old, new in names.items()}
    return requery(lambda pairs: [(renamed.get(name, name), value) for name, value in pairs])


def _bracket(name: str) -> str:
    field, found, operator = name.partition("__")
    return f"{field}[{operator}]" if found else name


def revalue(name: str, change: Any) -> Any:
    return requery(lambda pairs: [(key, change(value) if key == name else value) for key, value in pairs])
