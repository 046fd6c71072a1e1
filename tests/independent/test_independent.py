"""The suite judges a second implementation of each vendor's API, so that it is not fitted to the mock.

Each is judged by every kind of test, as a deployment of somebody else's, with other people who write there meanwhile.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from tests.drills.suite import judge
from tests.independent import grafana_oncall, incident_io
from tests.independent.serving import serving

# What each serves.
SCOPES = {
    grafana_oncall: ["/api/v1/postmortem"],
    incident_io: ["/v2/incidents/*/actions/import_postmortem_document", "/v1/postmortem_documents"],
}
LEAST = {
    grafana_oncall: {"laws": 700, "model": 10, "concurrency": 25, "schema": 1},
    incident_io: {"laws": 260, "model": 9, "schema": 1},
}


@pytest.mark.parametrize("provider", [grafana_oncall, incident_io])
def test_a_second_implementation_keeps_the_contract(provider: ModuleType, tmp_path: Path) -> None:
    scopes = [flag for scope in SCOPES[provider] for flag in ("--scope", scope)]
    with serving(provider.new_app(neighbours=True)) as url:
        ended = judge(url, "--write-permanent", *scopes, folder=tmp_path, description=provider.DESCRIPTION)
    assert ended.code == 0, ended.printed
    assert ended.outcomes.keys() == {"kept", "not-judged"}, ended.printed
    kept = Counter(one["kind"] for one in ended.report["verdicts"] if one["outcome"] == "kept")
    assert {kind: kept[kind] for kind in LEAST[provider] if kept[kind] < LEAST[provider][kind]} == {}
