"""`mockserver test` as its users run it: in a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """A run that is over, and the folder that it ran in."""

    code: int
    printed: str
    folder: Path
    report: Mapping[str, Any]

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(verdict["outcome"] for verdict in self.report.get("verdicts", ()))

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.jsonl"

    @property
    def created(self) -> list[Mapping[str, Any]]:
        """The intents in the ledger."""
        lines = [json.loads(line) for line in self.ledger.read_text().splitlines() if line]
        return [line["intent"] for line in lines if "intent" in line]


def environment(description: Mapping[str, str]) -> dict[str, str]:
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CONTRACT_", "MOCKSERVER_", "PYTEST_"))
    }
    return {**own, **description, "PYTHONPATH": str(ROOT)}


def command(url: str, *flags: str, folder: Path) -> list[str]:
    written = ("--ledger", str(folder / "ledger.jsonl"), "--report-json", str(folder / "report.json"))
    return [sys.executable, "-m", "mockserver", "test", url, *written, *flags]


def judge(url: str, *flags: str, folder: Path, description: Mapping[str, str] | None = None) -> Ended:
    ended = subprocess.run(
        command(url, *flags, folder=folder),
        cwd=folder,
        env=environment(description or {}),
        capture_output=True,
        text=True,
        timeout=300,
    )
    report = folder / "report.json"
    content = json.loads(report.read_text()) if report.exists() else {}
    return Ended(ended.returncode, ended.stdout + ended.stderr, folder, content)


def clean_up(ended: Ended, description: Mapping[str, str]) -> tuple[int, str]:
    """`mockserver cleanup`: its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "cleanup", str(ended.ledger)],
        cwd=ended.folder,
        env=environment(description),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr
