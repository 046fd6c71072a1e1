from __future__ import annotations

import ast
import sys
from pathlib import Path

import mockserver.core

CORE = Path(mockserver.core.__file__).parent


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def test_the_core_needs_the_standard_library_only() -> None:
    files = list(CORE.glob("*.py"))
    assert len(files) > 5
    for file in files:
        assert imported(file) <= sys.stdlib_module_names | {"mockserver"}, file.name
