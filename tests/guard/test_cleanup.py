"""A cleanup takes away what the run has made, all of it, and nothing else."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.guard.allow import NotAllowed
from contract_tests.guard.cleanup import CleanUp, clean
from contract_tests.guard.guard import Guard, GuardSettings
from contract_tests.guard.ledger import Intent, Ledger, LedgerError, Run, State, read_ledger
from contract_tests.guard.ownership import digest
from tests.guard.servers import Line, serving
from tests.live import LiveServer

POSTMORTEMS = "/api/v1/postmortems/"
FOLLOW_UPS = "/v3/follow_ups"
RUN, TAG = "run-1234", "[made by run-1234]"
DEPLOYMENT = Deployment(oncall_token="admins", oncall_editor_token="editors")
NOW = time.time()
INTENT = Intent(
    operation="create_postmortem",
    resource="postmortem",
    path=POSTMORTEMS,
    into=("IABC",),
    removed_at=f"{POSTMORTEMS}{{id}}/",
    credential="oncall_editor_token",
    text=digest("words"),
    tagged=False,
    label="",
    at=NOW,
)


def postmortem(id: str, text: str = "words", at: float = NOW) -> dict[str, Any]:
    created = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    return {"id": id, "text": text, "created_at": created, "alert_group_id": "IABC"}


@dataclass
class OnCall:
    """Has postmortems, and answers first what `ahead` says, by method."""

    records: list[dict[str, Any]]
    ahead: dict[str, list[bytes]] = field(default_factory=dict)
    lies: bool = False
    size: int = 2
    deleted: list[str] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, line: Line) -> None:
        while request := line.request().decode("latin-1"):
            method, target, _ = request.split(" ", 2)
            token = re.search(r"(?i)\nauthorization: ([^\r]*)", request)
            self.asked.append((method, target, token[1] if token else ""))
            waiting = self.ahead.get(method, [])
            reply = waiting.pop(0) if waiting else self._reply(method, target)
            if not reply:
                return
            line.say(reply)

    def _reply(self, method: str, target: str) -> bytes:
        path, _, query = target.partition("?")
        if path == POSTMORTEMS:
            assert "alert_group_id=IABC" in query
            page = int((re.search(r"(?:^|&)page=(\d+)", query) or ["", "1"])[1])
            shown = self.records[(page - 1) * self.size : page * self.size]
            more = "there is" if self.records[page * self.size :] else None
            return answer(200, {"results": shown, "next": more})
        id_ = path.rstrip("/").rpartition("/")[2]
        there = any(record["id"] == id_ for record in self.records)
        if method == "DELETE" and there:
            self.deleted.append(id_)
            if not self.lies:
                self.records = [record for record in self.records if record["id"] != id_]
            return answer(204)
        return answer(200 if there else 404, {})


def answer(status: int, body: Any = None, *headers: str) -> bytes:
    data = b"" if body is None else json.dumps(body).encode()
    return (
        "\r\n".join([f"HTTP/1.1 {status} Some", *headers, f"Content-Length: {len(data)}", "", ""]).encode()
        + data
    )


Entries = list[tuple[Intent, State | None, str]]


@dataclass
class Cleaned:
    result: CleanUp
    slept: list[float]
    states: list[str]


@pytest.fixture
def cleaned(tmp_path: Path) -> Callable[..., Cleaned]:
    """Runs a cleanup of a ledger with these entries against that server."""

    def run(server: OnCall, entries: Entries, tag: str = TAG, **options: Any) -> Cleaned:
        path = tmp_path / "ledger"
        slept: list[float] = []
        with serving(server) as served:
            with Ledger(path, Run(served.url, RUN, tag, NOW)) as ledger:
                for intent, state, id_ in entries:
                    number = ledger.intend(intent)
                    if state:
                        ledger.settle(number, state, id=id_)
            result = clean(path, DEPLOYMENT, sleep=slept.append, **options)
        return Cleaned(result, slept, [entry.state for entry in read_ledger(path).entries.values()])

    return run


Clean = Callable[..., Cleaned]


def test_what_was_made_is_deleted_the_last_first_and_nothing_else(cleaned: Clean) -> None:
    server = OnCall([postmortem(id_) for id_ in ("P1", "PTHEIRS", "P2", "P3")])
    entries = [
        (INTENT, "made", "P1"),
        (INTENT, "made", "P2"),
        (INTENT, "refused", ""),
        (INTENT, "removed", "P3"),
    ]
    done = cleaned(server, entries)
    assert done.result == CleanUp(removed=2)
    assert server.deleted == ["P2", "P1"]
    assert done.states == ["removed", "removed", "refused", "removed"]
    assert {token for _, _, token in server.asked} == {"editors"}


def test_a_second_cleanup_has_nothing_to_do(cleaned: Clean, tmp_path: Path) -> None:
    cleaned(OnCall([postmortem("P1")]), [(INTENT, "made", "P1")])
    assert clean(tmp_path / "ledger", DEPLOYMENT) == CleanUp()


def test_what_is_gone_already_is_fine(cleaned: Clean) -> None:
    assert cleaned(OnCall([]), [(INTENT, "made", "P1")]).result == CleanUp(already_gone=1)


def test_what_the_maker_may_not_delete_the_admin_may(cleaned: Clean) -> None:
    server = OnCall([postmortem("P1")], {"DELETE": [answer(403)]})
    assert cleaned(server, [(INTENT, "made", "P1")]).result == CleanUp(removed=1)
    assert [token for method, _, token in server.asked if method == "DELETE"] == ["editors", "admins"]


def test_not_found_by_another_credential_than_the_makers_proves_nothing(cleaned: Clean) -> None:
    done = cleaned(OnCall([]), [(replace(INTENT, credential=""), "made", "P1")])
    assert done.result.leftovers == ["postmortem P1 of IABC: DELETE answered 404"]


def test_a_server_that_only_says_that_it_deletes_leaves_a_leftover(cleaned: Clean) -> None:
    done = cleaned(OnCall([postmortem("P1")], lies=True), [(INTENT, "made", "P1")])
    assert done.result.leftovers == ["postmortem P1 of IABC: it is still there after it was deleted"]
    assert done.states == ["made"]


def test_a_busy_or_broken_server_is_waited_for(cleaned: Clean) -> None:
    ahead = [answer(429, None, "Retry-After: 7"), answer(503), b"", answer(500)]
    server = OnCall([postmortem("P1")], {"DELETE": ahead})
    done = cleaned(server, [(INTENT, "made", "P1")])
    assert done.result == CleanUp(removed=1)
    assert done.slept == [7, 4, 8, 16]


def test_patience_ends_and_what_is_left_is_told(cleaned: Clean) -> None:
    server = OnCall([postmortem("P1")], {"DELETE": [answer(503)] * 99})
    done = cleaned(server, [(INTENT, "made", "P1")], patience=20)
    assert done.result.leftovers == ["postmortem P1 of IABC: answered 503"]
    assert done.slept == [2, 4, 8]


def test_a_server_that_is_gone_is_not_tried_for_each(cleaned: Clean) -> None:
    server = OnCall([], {"DELETE": [b""] * 99})
    done = cleaned(server, [(INTENT, "made", f"P{number}") for number in range(9)], patience=3)
    assert len(done.result.leftovers) == 9
    assert done.result.leftovers[0].endswith("not tried, because the server does not answer")
    assert len(server.asked) == 4


@pytest.mark.parametrize("state", [None, "unknown"])
def test_what_nobody_has_heard_of_is_looked_for_by_its_tag_on_every_page(
    cleaned: Clean, state: State | None
) -> None:
    records = [postmortem(f"PX{number}", "else") for number in range(5)]
    records += [postmortem("PMINE", f"a {TAG} b", at=5.0), postmortem("POTHER", "[made by run-1235]")]
    server = OnCall(records)
    done = cleaned(server, [(replace(INTENT, tagged=True), state, "")])
    assert done.result == CleanUp(removed=1)
    assert server.deleted == ["PMINE"]
    assert done.states == ["removed"]


def test_without_a_tag_it_is_looked_for_by_its_text_its_group_and_its_time(cleaned: Clean) -> None:
    old, late = postmortem("POLD", at=NOW - 60), postmortem("PLATE", at=NOW + 3600)
    server = OnCall([old, postmortem("PMINE", " words "), late, postmortem("PELSE", "other words")])
    assert cleaned(server, [(INTENT, "unknown", "")]).result == CleanUp(removed=1)
    assert server.deleted == ["PMINE"]


def test_several_that_are_alike_are_only_deleted_if_as_many_were_sent(cleaned: Clean) -> None:
    server = OnCall([postmortem("P1"), postmortem("P2")])
    done = cleaned(server, [(INTENT, "unknown", "")])
    assert server.deleted == []
    assert done.result.leftovers == [
        "postmortem of IABC, perhaps made by create_postmortem: it may be one of P1 P2"
    ]


def test_as_many_that_are_alike_as_were_sent_are_all_deleted(cleaned: Clean) -> None:
    server = OnCall([postmortem("P1"), postmortem("P2")])
    done = cleaned(server, [(INTENT, "unknown", ""), (INTENT, None, "")])
    assert sorted(server.deleted) == ["P1", "P2"]
    assert (done.result.removed, done.result.leftovers) == (2, [])


def test_what_is_not_in_the_list_was_never_made(cleaned: Clean) -> None:
    done = cleaned(OnCall([]), [(INTENT, "unknown", "")])
    assert (done.result, done.states) == (CleanUp(never_made=1), ["refused"])


def test_what_the_run_owns_is_not_taken_for_what_it_looks_for(cleaned: Clean) -> None:
    server = OnCall([postmortem("P1")])
    done = cleaned(server, [(INTENT, "made", "P1"), (INTENT, "unknown", "")])
    assert (done.result.removed, done.result.never_made) == (1, 1)


def test_a_list_that_cannot_be_had_leaves_a_leftover(cleaned: Clean) -> None:
    done = cleaned(OnCall([], {"GET": [answer(403)]}), [(INTENT, "unknown", "")])
    assert done.result.leftovers[0].endswith("the list answered 403")


def test_what_no_api_can_remove_is_told_apart(cleaned: Clean) -> None:
    lasting = replace(INTENT, operation="Incidents V2_Create", resource="incident", removed_at="", into=())
    done = cleaned(OnCall([]), [(lasting, "kept", "01A"), (lasting, None, "")])
    assert done.result == CleanUp(
        kept=[
            "incident 01A: kept",
            "incident, perhaps made by Incidents V2_Create: nobody has heard whether it was made",
        ]
    )


def test_an_odd_address_in_a_ledger_is_not_deleted(cleaned: Clean) -> None:
    server = OnCall([postmortem("P1")])
    entries = [(INTENT, "made", id_) for id_ in ("../../x", "P1?a", "P1/..", "%50")]
    done = cleaned(server, entries)
    assert len(done.result.leftovers) == 4
    assert server.asked == []


def test_a_ledger_may_not_name_a_host_that_is_not_allowed(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    Ledger(path, Run("https://stranger.example")).close()
    with pytest.raises(NotAllowed):
        clean(path, DEPLOYMENT, allow_hosts=())
    with pytest.raises(LedgerError):
        clean(tmp_path / "none", DEPLOYMENT)


def test_a_cleanup_writes_no_credential(cleaned: Clean, tmp_path: Path) -> None:
    server = OnCall([postmortem("P1")], {"DELETE": [answer(403), answer(403)]})
    cleaned(server, [(INTENT, "made", "P1")])
    text = (tmp_path / "ledger").read_text("utf-8")
    assert "editors" not in text
    assert "admins" not in text


# Against a mock.


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
