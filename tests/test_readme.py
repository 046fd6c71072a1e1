"""The README's tour, held to the letter: every command is run, every line of output compared."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.test_cli import serving

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
PRINTED = "http://127.0.0.1:4010"
VOLATILE = re.compile(r"^(date: .*|content-length: \d+)\n", re.MULTILINE)


def tour() -> list[tuple[str, str]]:
    """Each command of the tour with the output that the page shows for it, in order."""
    section = README.partition("## Two minutes\n")[2].partition("\n## ")[0]
    steps = []
    for block in re.findall(r"```console\n(.*?)```", section, re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = re.sub(r"\\\n\s*", "", step).partition("\n")
            steps.append((command, output.strip()))
    return steps


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tour is told in curl commands")
def test_every_command_of_the_tour_prints_what_the_readme_shows() -> None:
    (_, table), *steps = tour()
    assert len(steps) >= 6
    with serving("--seed", "1") as (base_url, lines):
        assert "\n".join([base_url, *lines]).replace(base_url, PRINTED) == table
        for command, output in steps:
            assert command.startswith("curl -s")
            ended = subprocess.run(
                command.replace(PRINTED, base_url), shell=True, capture_output=True, text=True, check=True
            )
            seen = ended.stdout.replace("\r\n", "\n").replace(base_url, PRINTED)
            assert VOLATILE.sub("", seen).strip() == VOLATILE.sub("", output).strip()


def test_every_file_that_the_readme_points_to_is_there() -> None:
    root = Path(__file__).parents[1]
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (root / target).is_file(), target
