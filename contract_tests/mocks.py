"""Mocks that the suite starts for itself."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import httpx

MOCK_COMMAND = "CONTRACT_MOCK_COMMAND"
RATE_FACTOR = 0.02


@dataclass(frozen=True)
class Throttled:
    """A mock whose rate limits are the vendors' times RATE_FACTOR, with all budgets whole."""

    http: httpx.Client
    oncall_limit: int = round(300 * RATE_FACTOR)
    incident_limit: int = round(1200 * RATE_FACTOR)
    incident_list_limit: int = max(1, round(60 * RATE_FACTOR))


def mock_command() -> list[str]:
    """What starts a mock: `mockserver serve`, or what CONTRACT_MOCK_COMMAND says, which takes the same flags."""
    given = os.environ.get(MOCK_COMMAND)
    return shlex.split(given) if given else [sys.executable, "-m", "mockserver", "serve"]


@contextmanager
def running_mock(*flags: str) -> Iterator[str]:
    """Starts `mockserver serve` on a free port, yields its base URL, ends it, and wants it to have ended well."""
    command = [*mock_command(), "--port", "0", "--log-level", "error", *flags]
    # Neither settings nor credentials of a deployment are the mock's business.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MOCKSERVER_")
        and not (name.startswith("CONTRACT_") and name.endswith(("_TOKEN", "_KEY")))
    }
    # In a folder of its own, where no config file of anybody's lies.
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder) as process,
    ):
        try:
            assert process.stdout is not None
            first_line = process.stdout.readline().strip()
            assert first_line.startswith("http"), f"the mock did not start; it said {first_line!r}"
            yield first_line
        finally:
            process.terminate()
            try:
                code = process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert code == 0, f"the mock ended with {code}"
