"""The four kinds of test and the vendors, told from where a test stands: contract_tests/<folder>/test_….py."""

from __future__ import annotations

from pathlib import Path

KINDS = ("laws", "model", "schema", "concurrency")
VENDORS = ("grafana_oncall", "incident_io")

_HERE = Path(__file__).resolve().parent


def marks_of(path: Path, name: str) -> tuple[str, ...]:
    """The kind of a test and, if its folder, its file or its id says so, the vendor it is about."""
    try:
        parts = path.resolve().relative_to(_HERE).parts
    except ValueError:
        return ()
    if len(parts) < 2:
        return ()
    kind = "laws" if parts[0] in VENDORS else parts[0]
    told = "/".join((*parts, name)).replace("-", "_")
    return (*([kind] if kind in KINDS else []), *(vendor for vendor in VENDORS if vendor in told))
