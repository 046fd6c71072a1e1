from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

# What a run within this process imports is forgotten at its end, and then imported twice: not this.
import httpcore  # noqa: F401
import pytest

import mockserver.hosting  # noqa: F401

# Of a package that is installed, pytest finds the plugin itself.
INSTALLED = any(entry.value == "mockserver.pytest_plugin" for entry in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "mockserver.pytest_plugin")


class Suite:
    """Somebody's test suite in a folder of its own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester

    def run(self, text: str, *arguments: str) -> pytest.RunResult:
        """The text as one file of tests, run in this process."""
        self.pytester.makepyfile(test_it=text)
        return self.pytester.runpytest_inprocess(
            *PLUGIN, "-p", "no:randomly", "-p", "no:cacheprovider", "--strict-markers", *arguments
        )

    def run_apart(self, text: str, *arguments: str) -> pytest.RunResult:
        """The same in a process of its own."""
        self.pytester.makepyfile(test_it=text)
        return self.pytester.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider", *arguments)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return Suite(pytester)
