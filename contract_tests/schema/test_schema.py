"""Fuzzed traffic over the served documents, and a second opinion on every answer to it.

On a mock of our own only: fuzzing a deployment changes and deletes what it finds.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.mocks import running_mock
from contract_tests.schema.judges import SecondJudge, fuzz

EXAMPLES = int(os.environ.get("CONTRACT_FUZZ_EXAMPLES", "30"))
SEED = int(os.environ.get("CONTRACT_FUZZ_SEED", "1"))
OPERATIONS = {"grafana-oncall": 30, "incident-io": 32}
UNFIT = {
    "grafana-oncall": (),
    # A method that a path does not have is no route there: an empty 404 (seen September 2026) and no 405. A deleted
    # follow-up is still shown, in the status `deleted`; no other operation of this vendor deletes.
    "incident-io": ("unsupported_method", "use_after_free"),
}


@pytest.mark.parametrize("provider", OPERATIONS)
def test_schemathesis_finds_nothing_and_openapi_core_agrees_on_every_answer(
    provider: str, target: str | None, deployment: Deployment, tmp_path: Path
) -> None:
    if target is not None:
        pytest.skip("fuzzing would change and delete what it finds on the target")
    credentials = {
        "grafana-oncall": deployment.oncall_token,
        "incident-io": f"Bearer {deployment.incident_key}",
    }
    with running_mock("--rate-limit", "off", "--check-responses", "--seed", "1") as base_url:
        document_url = f"{base_url}/_mock/openapi/{provider}"
        fuzzed = fuzz(
            document_url,
            base_url,
            credentials[provider],
            tmp_path,
            examples=EXAMPLES,
            seed=SEED,
            unfit=UNFIT[provider],
        )
        document = httpx.get(document_url).json()
    assert fuzzed.code == 0, fuzzed.output
    assert f"Tested: {OPERATIONS[provider]}" in fuzzed.output
    statuses = Counter(entry["response"]["status"] for entry in fuzzed.entries)
    assert max(statuses) < 500
    assert {201, 404} <= set(statuses)
    verdicts = list(SecondJudge(document, base_url).verdicts(fuzzed.entries))
    assert len(verdicts) > 0.8 * len(fuzzed.entries) > 100
    assert [verdict for verdict in verdicts if verdict] == []
