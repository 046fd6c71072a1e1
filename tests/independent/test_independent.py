"""The suite judges a second implementation of each vendor's API, so that it is not fitted to the mock.

Each is judged as a deployment of somebody else's, with other people who write there at the same time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from tests.independent import grafana_oncall, incident_io
from tests.independent.serving import serving

ROOT = Path(__file__).parents[2]

# The modules of laws that are about what each serves.
ONCALL = [
    *("test_bodies", "test_content", "test_create_and_get", "test_delete", "test_fields", "test_list"),
    *("test_headers_and_forms", "test_messages", "test_methods_and_paths", "test_pages", "test_rights"),
    *("test_service_accounts", "test_text", "test_tokens", "test_update"),
]
INCIDENT_IO = [
    *("test_bodies", "test_document", "test_document_status", "test_documents", "test_errors", "test_import"),
    *("test_keys_and_order", "test_attach", "test_document_content"),
]
# Laws in them that ask for resolution notes and users.
ELSEWHERE = (
    "resolution_note or has_a_role_like_a_user or the_address_of_a_grafana or account_is_no_current_user"
)


def judged(provider: ModuleType, modules: Sequence[str], report: Path) -> tuple[int, Counter[str], str]:
    """Exit code, how many laws had which verdict (and why if they had none), and what was printed."""
    vendor = provider.__name__.rpartition(".")[2]
    with serving(provider.new_app(neighbours=True)) as url:
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-p", "no:randomly", "-q", f"--junitxml={report}"),
                *("--target", url, "--write-permanent", "-k", f"not ({ELSEWHERE})"),
                *(f"contract_tests/{vendor}/{module}.py" for module in modules),
            ],
            cwd=ROOT,
            env=environment(provider.DESCRIPTION),
            capture_output=True,
            text=True,
        )
    verdicts: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        outcome = next(iter(case), None)
        verdicts["kept" if outcome is None else outcome.get("message", outcome.tag)] += 1
    return ended.returncode, verdicts, ended.stdout


def environment(description: Mapping[str, str]) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("CONTRACT_")}
    return {**own, **description, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize(
    ("provider", "modules", "laws"), [(grafana_oncall, ONCALL, 775), (incident_io, INCIDENT_IO, 360)]
)
def test_a_second_implementation_keeps_every_law(
    provider: ModuleType, modules: list[str], laws: int, tmp_path: Path
) -> None:
    code, verdicts, printed = judged(provider, modules, tmp_path / "report.xml")
    kept = verdicts.pop("kept")
    assert code == 0, printed
    assert kept >= laws
    assert [reason for reason in verdicts if not reason.startswith("not judged: ")] == []
    assert verdicts.total() <= 20
