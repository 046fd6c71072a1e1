"""The suite as plain pytest, by the name of its package, wherever one stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.drills.suite import environment


@pytest.mark.parametrize("package", ["contract_tests", "contract_tests.grafana_oncall.test_delete"])
def test_the_suite_s_flags_are_known_by_the_name_of_its_package(package: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", package, "--target", "http://127.0.0.1:1"],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, "http://127.0.0.1:1 cannot be reached" in ended.stdout) == (3, True), (
        ended.stdout
    )


def test_sessions_that_do_not_name_the_suite_do_not_have_its_flags(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): ...\n")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--target", "http://127.0.0.1:1"],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, "unrecognized arguments: --target" in ended.stderr) == (4, True), ended.stderr
