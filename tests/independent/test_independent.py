"""The suite judges a second implementation of each vendor's API, so that it is not fitted to the mock.

Each is judged as a deployment of somebody else's, with other people who write there at the same time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from tests.independent import grafana_oncall, incident_io
from tests.independent.serving import serving

ROOT = Path(__file__).parents[2]

# What each serves.
SCOPES = {
    "grafana_oncall": ["/api/v1/postmortem"],
    "incident_io": ["/v2/incidents/*/actions/import_postmortem_document", "/v1/postmortem_documents"],
}


def judged(provider: ModuleType, folder: Path) -> tuple[int, Counter[str], str]:
    """Exit code, how many laws had which verdict, and what was printed."""
    vendor = provider.__name__.rpartition(".")[2]
    report = folder / "report.xml"
    with serving(provider.new_app(neighbours=True)) as url:
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-p", "no:randomly", "-q", f"contract_tests/{vendor}"),
                *("--target", url, "--write-permanent", "--ledger", str(folder / "ledger.jsonl")),
                *(flag for scope in SCOPES[vendor] for flag in ("--scope", scope)),
                f"--junitxml={report}",
            ],
            cwd=ROOT,
            env=environment(provider.DESCRIPTION),
            capture_output=True,
            text=True,
        )
    verdicts: Counter[str] = Counter()
    if report.exists():
        cases = ElementTree.parse(report).findall(".//testcase/properties/property[@name='verdict']")
        verdicts.update(case.get("value", "") for case in cases)
    return ended.returncode, verdicts, ended.stdout


def environment(description: Mapping[str, str]) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("CONTRACT_")}
    return {**own, **description, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize(("provider", "laws"), [(grafana_oncall, 700), (incident_io, 265)])
def test_a_second_implementation_keeps_every_law(provider: ModuleType, laws: int, tmp_path: Path) -> None:
    code, verdicts, printed = judged(provider, tmp_path)
    assert code == 0, printed
    assert verdicts.keys() == {"kept", "not-judged"}, printed
    assert verdicts["kept"] >= laws, printed
