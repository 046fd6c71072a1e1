"""A small suite of its own under pytest's eyes, with verdicts switched on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract_tests.verdicts.verdict import Run
from contract_tests.verdicts.written import read_json

PLUGIN = """
import os
from datetime import date
from pathlib import Path
import pytest
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.kinds import KINDS
from contract_tests.verdicts.deviations import read_deviations
from contract_tests.verdicts.plugin import Settings, Verdicts
from contract_tests.verdicts.verdict import Facts

HERE = Path(__file__).parent / "away" / "contract_tests"
SECRET = "not-a-real-token"

def exchanges_of(nodeid):
    file = HERE / "sent" / (nodeid.partition("::")[2] or "none")
    paths = file.read_text().split() if file.exists() else []
    return [
        Exchange(
            Asked("GET", path, (("Authorization", SECRET),)),
            Answered(200, (("Content-Type", "text/plain"),), b"\\xff" + SECRET.encode()),
        )
        for path in paths
    ]

def pytest_configure(config):
    for mark in (*KINDS, "law", "grafana_oncall"):
        config.addinivalue_line("markers", mark)
    known = HERE / "known.yaml"
    settings = Settings(
        target=os.environ.get("TARGET"),
        today=date(2026, 5, 1),
        fail_on=set(os.environ.get("FAIL_ON", "documented,observed,assumed").split(",")),
        seed=7,
        known=read_deviations(known) if known.exists() else (),
        bundles=HERE / "bundles",
        report_json=HERE / "report.json",
        report_html=HERE / "report.html",
        report_junit=HERE / "report.xml",
        terminal=os.environ.get("SCREEN", "own"),
    )
    verdicts = Verdicts(
        settings,
        exchanges_of=exchanges_of,
        redact=lambda text: text.replace(SECRET, "<oncall_token>"),
        facts=lambda: Facts(leftovers=tuple(os.environ.get("LEFTOVERS", "").split())),
    )
    config.pluginmanager.register(verdicts, "contract-verdicts")
"""


class Suite:
    """Tests to be run; `run` gives back what the report says, and keeps how pytest ended and what it printed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "away" / "contract_tests"
        (self.folder / "sent").mkdir(parents=True)
        (root / "with_verdicts.py").write_text(PLUGIN, "utf-8")

    def run(self, tests: str, *options: str, **environment: str) -> Run:
        head = "import pytest\nfrom contract_tests.laws import law\n"
        (self.folder / "test_it.py").write_text(head + tests, "utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "with_verdicts",
            "-p",
            "xdist",
            "-p",
            "no:cacheprovider",
        ]
        paths = os.pathsep.join([str(Path(__file__).parents[2]), str(self.root)])
        clean = {name: it for name, it in os.environ.items() if not name.startswith(("CONTRACT_", "PYTEST_"))}
        clean |= {"PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
        ended = subprocess.run(
            [*command, "--import-mode=importlib", f"--rootdir={self.root}", *options, "away"],
            capture_output=True,
            text=True,
            cwd=self.root,
            env=clean,
        )
        self.code, self.out = ended.returncode, ended.stdout
        return read_json(self.folder / "report.json")


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)
