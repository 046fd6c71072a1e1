"""Where the specs and fixtures are: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

from pathlib import Path

import mockserver

_PACKAGE = Path(mockserver.__file__).parent


def folder(name: str) -> Path:
    """`specs` or `fixtures`, as shipped."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
