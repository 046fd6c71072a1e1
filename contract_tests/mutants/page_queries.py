"""Changes to what a request says of pages."""

from __future__ import annotations

from typing import Any

from contract_tests.mutants.changes import (
    requery,
)


def repage(name: str, change: Any) -> Any:
    return requery(lambda pairs: [(n, change(v) if n == name and v.isdecimal() else v) for n, v in pairs])
