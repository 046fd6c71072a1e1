"""The control API under fire: its document fuzzed by schemathesis, and openapi-core's word on every answer."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from contract_tests.schema.judges import Fuzzing, SecondJudge, fuzz
from mockserver.server.journal.journal import JournalBounds
from tests.conftest import MakeLiveServer
from tests.control.test_document import DOCUMENT, METHODS

EXAMPLES = int(os.environ.get("CONTROL_FUZZ_EXAMPLES", "3"))
SEED = int(os.environ.get("CONTRACT_FUZZ_SEED", "1"))
ENDLESS = ["follow_events"]
CONFIGURATION = Path(__file__).with_name("fuzzing.toml")


def test_schemathesis_finds_nothing_and_openapi_core_agrees_on_every_answer(
    make_live_server: MakeLiveServer, tmp_path: Path
) -> None:
    live = make_live_server(max_sandboxes=50, journal=JournalBounds(entries=30))
    base_url = f"{live.base_url}/_mock"
    how = Fuzzing(examples=EXAMPLES, seed=SEED, without=ENDLESS, config=str(CONFIGURATION))
    fuzzed = fuzz(DOCUMENT, base_url, "none", tmp_path, how)
    verdicts = list(SecondJudge(DOCUMENT, base_url).verdicts(fuzzed.entries))
    broken = [verdict for verdict in verdicts if verdict]
    assert (fuzzed.code, broken) == (0, []), "\n".join([*broken, fuzzed.output])
    operations = sum(method in item for item in DOCUMENT["paths"].values() for method in METHODS)
    assert f"Tested: {operations - len(ENDLESS)}" in fuzzed.output
    statuses = Counter(entry["response"]["status"] for entry in fuzzed.entries)
    assert max(statuses) < 500
    assert {200, 201, 204, 400, 404, 405} <= set(statuses)
    assert len(verdicts) > 0.8 * len(fuzzed.entries) > 100
