"""Fuzzed traffic over the documents, and a second opinion on every answer to it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.guard.header import GUARD
from contract_tests.guard.meaning import VENDORS
from contract_tests.judging import Judging
from contract_tests.mocks import running_mock
from contract_tests.options import Options
from contract_tests.schema.judges import Fuzzing, SecondJudge, fuzz
from contract_tests.schema.shared import SHARED, TAG
from contract_tests.schema.widened import widened
from contract_tests.transport import not_passed_on

SEED = os.environ.get("CONTRACT_FUZZ_SEED")
EXAMPLES = os.environ.get("CONTRACT_FUZZ_EXAMPLES")
ON_A_MOCK, ON_A_TARGET = 20, 5
OPERATIONS = {"grafana-oncall": 30, "incident-io": 32}
UNFIT = {
    "grafana-oncall": (),
    # A method that a path does not have is no route there: an empty 404 (seen September 2026) and no 405. A deleted
    # follow-up is still shown, in the status `deleted`; no other operation of this vendor deletes.
    "incident-io": ("unsupported_method", "use_after_free"),
}
# What nobody can remove again is not drawn, whatever a run may write.
LASTING = [
    operation.name
    for vendor in VENDORS
    for operation in vendor.operations
    if operation.kind == "create" and operation.lasting
]
MAY_ADD = ("incident-io",)
PROVIDER = pytest.mark.parametrize("provider", OPERATIONS)


def authorization(deployment: Deployment, provider: str) -> str:
    if provider == "grafana-oncall":
        return deployment.need("oncall_token")
    return f"Bearer {deployment.need('incident_key')}"


@pytest.fixture
def fuzzed_mock(target: str | None, door: Callable[[str], str]) -> Iterator[str]:
    if target is not None:
        pytest.skip("not judged: the target is no mock of our own")
    with running_mock("--rate-limit", "off", "--check-responses", "--seed", "1") as url:
        yield door(url)


def how(options: Options, provider: str, deployment: Deployment, tag: str = "") -> Fuzzing:
    on_target = options.target is not None
    told = {SHARED: "1", TAG: tag} if on_target else {}
    return Fuzzing(
        examples=int(EXAMPLES or (ON_A_TARGET if on_target else ON_A_MOCK)),
        seed=int(SEED or options.seed),
        unfit=UNFIT[provider],
        reading=on_target and not options.write,
        paths=[f"^{scope}".replace("*", "[^/]+") for scope in options.scopes],
        config="deployment.toml" if on_target else "fuzzing.toml",
        timeout=options.answer_timeout + (options.patience if on_target else 0) + 5,
        without=LASTING if on_target else (),
        environment=deployment.as_variables() | told,
    )


@PROVIDER
def test_schemathesis_finds_nothing_and_openapi_core_agrees_on_every_answer(
    provider: str,
    documents: Mapping[str, Mapping[str, Any]],
    deployment: Deployment,
    fuzzed_mock: str,
    options: Options,
    tmp_path: Path,
) -> None:
    document, credential = documents[provider], authorization(deployment, provider)
    fuzzed = fuzz(document, fuzzed_mock, credential, tmp_path, how(options, provider, deployment))
    verdicts = list(SecondJudge(document, fuzzed_mock).verdicts(fuzzed.entries))
    broken = [verdict for verdict in verdicts if verdict]
    assert (fuzzed.code, broken) == (0, []), "\n".join([*broken, fuzzed.output])
    assert f"Tested: {OPERATIONS[provider]}" in fuzzed.output
    statuses = Counter(entry["response"]["status"] for entry in fuzzed.entries)
    assert max(statuses) < 500
    assert {201, 404} <= set(statuses)
    assert len(verdicts) > 0.8 * len(fuzzed.entries) > 100


@PROVIDER
def test_on_a_target_schemathesis_finds_nothing_and_openapi_core_agrees(
    provider: str,
    documents: Mapping[str, Mapping[str, Any]],
    deployment: Deployment,
    door: Callable[[str], str],
    origin: str,
    options: Options,
    judging: Judging,
    tmp_path: Path,
) -> None:
    if options.target is None:
        pytest.skip("not judged: there is no target, and the mock has a test of its own")
    document, credential = documents[provider], authorization(deployment, provider)
    document = widened(document) if provider in MAY_ADD else document
    base_url = door(origin)
    fuzzed = fuzz(document, base_url, credential, tmp_path, how(options, provider, deployment, judging.tag))
    kept_back = {
        header["value"]
        for entry in fuzzed.entries
        for header in entry["response"]["headers"]
        if header["name"].lower() == GUARD.lower()
    }
    for said in kept_back:
        if not said.startswith(("refused", "outside-scope")):
            not_passed_on(said, strict=False)
    broken = [verdict for verdict in SecondJudge(document, base_url).verdicts(fuzzed.entries) if verdict]
    assert (fuzzed.code, broken) == (0, []), "\n".join([*broken, fuzzed.output])
