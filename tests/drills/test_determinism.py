"""A seed repeats what is drawn."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drills.suite import environment


def told(provider: str, seed: int, folder: Path) -> list[tuple[str, str, int]]:
    """Test, outcome and how many requests it sent, of the state machine of a vendor."""
    report = folder / f"{seed}-{len(list(folder.iterdir()))}.json"
    flags = (
        "--kind",
        "model",
        "--provider",
        provider,
        "-k",
        "whatever or as_the_model_does",
        "--seed",
        str(seed),
    )
    ended = subprocess.run(
        [sys.executable, "-m", "mockserver", "test", *flags, "--report-json", str(report)],
        cwd=folder,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    verdicts = json.loads(report.read_text())["verdicts"]
    return [(verdict["id"], verdict["outcome"], verdict["requests"]) for verdict in verdicts]


@pytest.mark.parametrize("provider", ["grafana-oncall", "incident-io"])
def test_the_same_seed_sends_the_same_and_another_seed_does_not(provider: str, tmp_path: Path) -> None:
    first = told(provider, 7, tmp_path)
    assert first
    assert told(provider, 7, tmp_path) == first
    assert told(provider, 8, tmp_path) != first
