"""The contract suite, as anybody runs it, against several workers with one state."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared.served import STORES, serving, store_flags


@pytest.mark.parametrize("store", STORES)
def test_the_contract_suite_finds_nothing_wrong(store: str, tmp_path: Path) -> None:
    kinds = ("--kind", "model", "--kind", "concurrency")
    with store_flags(store) as flags, serving("--workers", "3", *flags) as served:
        command = [
            sys.executable,
            "-m",
            "mockserver",
            "test",
            served.base_url,
            "--write",
            "--write-permanent",
        ]
        ended = subprocess.run(
            [*command, *kinds, "--connections", "4", "--rate", "1000/s"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 0, ended.stdout[-5000:]
