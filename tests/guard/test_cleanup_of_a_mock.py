"""A cleanup leaves a mock as the run found it."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx

from contract_tests.deployment import Deployment
from contract_tests.guard.cleanup import CleanUp, clean
from contract_tests.guard.guard import Guard, GuardSettings
from contract_tests.guard.ledger import Ledger, Run
from tests.guard.guarded import INTENT, NOW, POSTMORTEMS, RUN, TAG
from tests.live import LiveServer

FOLLOW_UPS = "/v3/follow_ups"


def oncall_ids(live: LiveServer) -> set[str]:
    with httpx.Client(base_url=live.base_url, headers={"Authorization": "meowmeowmeow"}) as http:
        lists = [
            http.get(path, params={"perpage": 500}).json()
            for path in (POSTMORTEMS, "/api/v1/resolution_notes/")
        ]
    return {record["id"] for one in lists for record in one["results"]}


def follow_ups(live: LiveServer) -> dict[str, str]:
    with httpx.Client(base_url=live.base_url, headers={"Authorization": "Bearer inc-test-key"}) as http:
        listed = http.get(FOLLOW_UPS, params={"page_size": 250}).json()
    return {one["id"]: one["status"] for one in listed["follow_ups"] if one["status"] != "deleted"}


def test_a_run_over_a_mock_leaves_it_as_it_was(live_server: LiveServer, tmp_path: Path) -> None:
    before = oncall_ids(live_server), follow_ups(live_server)
    incident = Deployment().incident_id
    settings = GuardSettings(ledger=tmp_path / "ledger", run=RUN, tag=TAG)
    with Guard(settings) as guard:
        with httpx.Client(base_url=guard.door(live_server.base_url, policy="own")) as http:
            for path in (POSTMORTEMS, "/api/v1/resolution_notes/", "/api/v1/postmortem_messages/"):
                made = http.post(
                    path,
                    json={"alert_group_id": "I68T24C13IFW1", "text": TAG},
                    headers={"Authorization": "editor-token"},
                )
                assert made.status_code == 201
            for number in range(3):
                made = http.post(
                    FOLLOW_UPS,
                    json={"incident_id": incident, "title": f"{TAG} {number}"},
                    headers={"Authorization": "Bearer inc-test-key"},
                )
                assert made.status_code == 201
            for theirs in before[0]:
                assert "X-Contract-Guard" in http.delete(f"{POSTMORTEMS}{theirs}/").headers
        assert len(guard.leftovers()) == 6
        assert guard.clean() == CleanUp(removed=6)
        assert guard.leftovers() == []
    assert (oncall_ids(live_server), follow_ups(live_server)) == before


KILLED = """
import json, sys, time, http.client
from pathlib import Path
from urllib.parse import urlsplit
from contract_tests.guard.guard import Guard, GuardSettings

target, ledger, run, tag = sys.argv[1:]
with Guard(GuardSettings(ledger=Path(ledger), run=run, tag=tag)) as guard:
    door = urlsplit(guard.door(target, policy="own"))
    http = http.client.HTTPConnection(door.hostname, door.port)
    while True:
        body = json.dumps({"alert_group_id": "I68T24C13IFW1", "text": tag})
        http.request("POST", "/api/v1/postmortems/", body,
                     {"Authorization": "meowmeowmeow", "Content-Type": "application/json"})
        http.getresponse().read()
        print("made", flush=True)
"""


def test_after_a_run_was_killed_its_ledger_is_enough(live_server: LiveServer, tmp_path: Path) -> None:
    before = oncall_ids(live_server)
    ledger = tmp_path / "ledger"
    command = [sys.executable, "-c", KILLED, live_server.base_url, str(ledger), RUN, TAG]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as run:
        assert run.stdout is not None
        for _ in range(5):
            assert run.stdout.readline() == "made\n"
        run.send_signal(signal.SIGKILL)
    assert len(oncall_ids(live_server) - before) >= 5
    done = clean(ledger, Deployment())
    assert oncall_ids(live_server) == before
    assert done.leftovers == []
    assert done.removed >= 5


def test_a_follow_up_that_nobody_has_heard_of_is_found_and_deleted(
    live_server: LiveServer, tmp_path: Path
) -> None:
    before = follow_ups(live_server)
    incident = Deployment().incident_id
    path = tmp_path / "ledger"
    with Ledger(path, Run(live_server.base_url, RUN, TAG, NOW)) as ledger:
        ledger.intend(
            replace(
                INTENT,
                operation="Follow-ups V3_Create",
                resource="follow_up",
                path=FOLLOW_UPS,
                into=(incident,),
                removed_at=f"{FOLLOW_UPS}/{{id}}",
                credential="incident_key",
                tagged=True,
            )
        )
    with httpx.Client(
        base_url=live_server.base_url, headers={"Authorization": "Bearer inc-test-key"}
    ) as http:
        body = {"incident_id": incident, "title": f"words {TAG}"}
        assert http.post(FOLLOW_UPS, json=body).status_code == 201
    assert follow_ups(live_server) != before
    assert clean(path, Deployment()) == CleanUp(removed=1)
    assert follow_ups(live_server) == before
