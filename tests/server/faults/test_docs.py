"""docs/faults.md, held to the letter: its commands are run, its rules are added, its file is read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from mockserver.server.faults.files import profile_names
from mockserver.server.faults.reading import ACTS, OF_BOTH, OF_REQUESTS
from tests.conftest import MakeServer
from tests.test_cli import serving

PAGE = (Path(__file__).parents[3] / "docs" / "faults.md").read_text("utf-8")
PRINTED = "http://127.0.0.1:4010"
# Each row's sentence, and its rule.
EXAMPLES = re.findall(r"^\| (.+) \| `(\{\"match\".+\})` \|$", PAGE, re.MULTILINE)


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tour is told in curl commands")
def test_every_command_prints_what_the_page_shows() -> None:
    block = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)[0]
    first, *steps = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    assert first.startswith("mockserver serve ")
    with serving(*first.split()[2:]) as (base_url, _):
        for step in steps:
            command, _, output = step.partition("\n")
            ended = subprocess.run(
                command.replace(PRINTED, base_url), shell=True, capture_output=True, text=True, check=True
            )
            assert ended.stdout.strip() == output.strip()


@pytest.mark.parametrize("what, rule", EXAMPLES, ids=[what for what, _ in EXAMPLES])
def test_every_rule_of_the_page_is_one(client: httpx.Client, what: str, rule: str) -> None:
    answer = client.post("/_mock/faults", json=json.loads(rule))
    assert answer.status_code == 201, (what, answer.text)


def test_the_page_has_examples_and_names_every_key_and_profile() -> None:
    assert len(EXAMPLES) >= 8
    for key in (*OF_REQUESTS, *OF_BOTH, "event"):
        assert f"`{key}`" in section("match"), key
    for key in ACTS:
        assert f"`{key}`" in section("act") or f'"{key}"' in section("act"), key
    assert re.findall(r"^\| `([a-z-]+)` \|", section("Profiles"), re.MULTILINE) == [
        "flaky",
        "slow",
        "rate-limited",
        "outage",
        "maintenance",
    ]
    assert len(profile_names()) == 5


def test_the_file_of_the_page_is_read(make_server: MakeServer, tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    ids = [rule.id for rule in make_server(faults=(file,)).sandboxes.default.faults]
    assert ids == ["third-import", "slow.answers"]
