"""A cleanup takes away what the run has made, all of it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.guard.allow import NotAllowed
from contract_tests.guard.cleanup import CleanUp, clean
from contract_tests.guard.ledger import Intent, Ledger, LedgerError, Run, State, read_ledger
from tests.guard.guarded import INTENT, NOW, POSTMORTEMS, RUN, TAG, answer
from tests.guard.servers import Line, serving

DEPLOYMENT = Deployment(oncall_token="admins", oncall_editor_token="editors")


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
    server = OnCall([postmortem(id_) for id_ in ("P1", "PTHEIRS", "P2")])
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


def test_a_cleanup_is_no_faster_than_it_was_told(cleaned: Clean) -> None:
    server = OnCall([postmortem("P1"), postmortem("P2")])
    entries: Entries = [(INTENT, "made", "P1"), (INTENT, "made", "P2")]
    done = cleaned(server, entries, rate="2/s", clock=lambda: 0.0)
    assert done.result == CleanUp(removed=2)
    assert len(server.asked) == 4
    assert done.slept == [0.5, 1.0, 1.5]


def test_what_the_run_deleted_in_vain_is_deleted_again(cleaned: Clean) -> None:
    server = OnCall([postmortem("P1"), postmortem("PTHEIRS")])
    done = cleaned(server, [(INTENT, "removed", "P1")])
    assert (done.result, server.deleted) == (CleanUp(removed=1), ["P1"])


def test_a_second_cleanup_has_nothing_to_do(cleaned: Clean, tmp_path: Path) -> None:
    cleaned(OnCall([postmortem("P1")]), [(INTENT, "made", "P1")])
    assert clean(tmp_path / "ledger", DEPLOYMENT, patience=0) == CleanUp()


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


def test_without_the_tag_nothing_is_deleted_that_somebody_else_may_have_written(cleaned: Clean) -> None:
    old, late = postmortem("POLD", at=NOW - 60), postmortem("PLATE", at=NOW + 3600)
    server = OnCall([old, postmortem("P1", " words "), late, postmortem("P2"), postmortem("PELSE", "other")])
    done = cleaned(server, [(INTENT, "unknown", ""), (INTENT, None, "")])
    assert server.deleted == []
    told = "postmortem of IABC, perhaps made by create_postmortem: it may be P1 or P2"
    assert done.result.leftovers == [told, told]


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
