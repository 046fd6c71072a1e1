"""What makes `pytest --pyargs contract_tests --target URL` know the suite's flags.

Pytest looks for flags in the conftest files of paths alone, and not of packages. This is loaded by every session of
whoever has installed the suite, so it does no more.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

HERE = Path(__file__).parent


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    known = early_config.known_args_namespace
    if known.pyargs and any(name.split(".")[0] == HERE.name for name in known.file_or_dir):
        known.file_or_dir.append(
            str(HERE)
        )  # of the first look at the arguments, which only serves to find conftests
