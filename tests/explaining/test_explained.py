from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from mockserver.core.errors import Refusal
from mockserver.providers import REGISTRY
from mockserver.server.app import MockServer
from mockserver.server.journal.entries import Entry
from mockserver.server.journal.explaining import explained
from mockserver.server.rules import load_rules
from tests.conftest import MakeServer
from tests.explaining import incident_rows, oncall_rows
from tests.explaining.asking import Row, request

ROWS = {"grafana-oncall": oncall_rows.rows(), "incident-io": incident_rows.rows()}
EVERY_ROW = [row for rows in ROWS.values() for row in rows]
# What subscribers are sent is no answer.
NOT_OF_ANSWERS = {f"webhook.{name}" for name in ("envelope", "signature", "retry", "private")}
numbers = count(1)


@pytest.fixture(scope="module")
def usual(make_server: MakeServer) -> MockServer:
    return make_server(seed=1)


@pytest.fixture(scope="module")
def quirky(make_server: MakeServer) -> MockServer:
    return make_server(seed=1, quirks=True, check_responses=False)


def entry_of(server: MockServer, row: Row) -> Entry:
    """What the journal keeps of the row's request, sent to a world of its own if it may write."""
    alone = row.method not in ("GET", "HEAD", "OPTIONS") or row.before
    name = f"row-{next(numbers)}" if alone else "readers"
    for before in row.before:
        server.engine.answer(name, before)
    server.engine.answer(name, request(row.method, row.target, row.body, row.who, row.headers))
    *_, entry = server.sandboxes.named(name).journal
    if alone:
        server.sandboxes.delete(name)
    return entry


@pytest.fixture(scope="module")
def entries(usual: MockServer, quirky: MockServer) -> list[tuple[Row, Entry]]:
    return [(row, entry_of(quirky if row.quirks else usual, row)) for row in EVERY_ROW]


def test_the_rule_that_decided_comes_first(entries: list[tuple[Row, Entry]]) -> None:
    wrong = [
        (row.name, entry.answer.status, explanation.rules[:3], explanation.decided)
        for row, entry in entries
        if (explanation := explained(entry)).rules[:1] != (row.rule,) or entry.answer.status != row.status
    ]
    assert wrong == []


def test_every_request_is_told_in_a_sentence_that_begins_with_what_became_of_it(
    entries: list[tuple[Row, Entry]],
) -> None:
    for row, entry in entries:
        decided = explained(entry).decided
        expected = ("done:",) if row.status < 400 else ("refused", "not found:", "failed:")
        assert decided.startswith(expected), (row.name, decided)


@pytest.mark.parametrize("provider", list(REGISTRY))
def test_the_table_asks_every_operation_for_what_it_does_and_for_a_refusal(
    provider: str, entries: list[tuple[Row, Entry]]
) -> None:
    asked = [entry for _, entry in entries if entry.provider.name == provider and entry.operation]
    operations = set(REGISTRY[provider].functions)
    assert {entry.operation.id for entry in asked if entry.operation and entry.refusal is None} >= operations
    refused = {entry.operation.id for entry in asked if entry.operation and entry.refusal is not None}
    assert refused >= operations


@pytest.mark.parametrize("provider", list(REGISTRY))
def test_every_rule_that_is_named_exists_and_every_rule_about_answers_is_named(provider: str) -> None:
    rules = {rule.id for rule in load_rules(provider)}
    assert REGISTRY[provider].explainer().rules() - rules == set()
    assert rules - REGISTRY[provider].explainer().rules() <= NOT_OF_ANSWERS


@pytest.mark.parametrize("provider", list(REGISTRY))
def test_every_operation_has_a_place_in_the_tables(provider: str) -> None:
    explainer = REGISTRY[provider].explainer()
    assert set(REGISTRY[provider].functions) <= set(explainer.done)


@pytest.mark.parametrize("provider", list(REGISTRY))
def test_every_refusal_of_the_rows_is_in_the_tables_by_its_own_type(
    provider: str, entries: list[tuple[Row, Entry]]
) -> None:
    refusals = {
        type(entry.refusal) for _, entry in entries if entry.provider.name == provider and entry.refusal
    }
    assert refusals <= set(REGISTRY[provider].explainer().refused)
    own = {kind for kind in _kinds(Refusal) if provider.replace("-", "_") in kind.__module__}
    assert own <= refusals


def _kinds(kind: type[Refusal]) -> set[type[Refusal]]:
    return {kind, *(found for below in kind.__subclasses__() for found in _kinds(below))}


@pytest.mark.parametrize("rows", [oncall_rows, incident_rows], ids=["grafana-oncall", "incident-io"])
def test_who_asks_too_often_is_told_so(make_server: MakeServer, rows: Any) -> None:
    engine = make_server(rate_factor=0.02).engine
    many: Sequence[Any] = rows.too_many()[:30]
    for one in many:
        engine.answer("often", one)
    *_, last = engine.sandboxes.named("often").journal
    assert (last.answer.status, explained(last).rules[:2]) == (429, ("rate.limit", "rate.answer"))


@pytest.mark.parametrize("target", ["/api/v1/postmortems/", "/v2/incidents"])
def test_a_defect_of_the_mock_is_called_one(usual: MockServer, target: str) -> None:
    name = f"row-{next(numbers)}"
    usual.engine.crashed(name, request("GET", target))
    [entry] = usual.sandboxes.named(name).journal
    assert explained(entry).decided == "the mock failed: a defect of its own"
    assert explained(entry).rules[0].endswith("never-500")


def test_a_body_that_is_too_large_is_told(usual: MockServer) -> None:
    for target, who, rule in (
        (oncall_rows.POSTMORTEMS, oncall_rows.ADMIN, "body.too-large"),
        (incident_rows.IMPORT, incident_rows.KEY, "body.too-large"),
    ):
        name = f"row-{next(numbers)}"
        large = replace(request("POST", target, b"{", who), body=b"", oversized=True)
        assert usual.engine.answer(name, large).answer.status == 413
        [entry] = usual.sandboxes.named(name).journal
        assert explained(entry).rules[0] == rule


class TestFaults:
    def test_one_that_answers_itself_decides(self, entries: list[tuple[Row, Entry]]) -> None:
        done = next(entry for row, entry in entries if row.rule == "create.shape")
        told = explained(replace(done, fault="f1", answer=replace(done.answer, status=503)))
        assert (
            told.decided
            == "the fault f1 answered in the vendor's place, after what was asked for had been done"
        )
        assert told.rules == ()
        read = next(entry for row, entry in entries if row.rule == "list.shape")
        told = explained(replace(read, fault="f1", answer=replace(read.answer, status=503)))
        assert told.decided == "the fault f1 answered in the vendor's place"

    def test_one_that_had_a_hand_in_it_is_told_with_what_it_was_beside(
        self, entries: list[tuple[Row, Entry]]
    ) -> None:
        read = next(entry for row, entry in entries if row.rule == "get.unknown-id")
        told = explained(replace(read, fault="f1"))
        honest = explained(read).decided
        assert told.decided == f"the fault f1 had a hand in the answer; without it: {honest}"
        assert told.rules == explained(read).rules

    def test_one_that_kept_the_answer_back_is_all_there_is_to_tell(
        self, entries: list[tuple[Row, Entry]]
    ) -> None:
        entry = entries[0][1]
        told = explained(replace(entry, fault="f1", answer=replace(entry.answer, status=0)))
        assert (told.decided, told.rules) == ("the fault f1 left it without an answer", ())


def test_what_was_done_to_attached_groups_is_counted(usual: MockServer) -> None:
    name = f"row-{next(numbers)}"
    usual.engine.answer(
        name, request("POST", "/api/v1/alert_groups/ISAMPLEAH1111/resolve/", who=oncall_rows.ADMIN)
    )
    [entry] = usual.sandboxes.named(name).journal
    told = explained(entry)
    assert told.decided == "done: the alert group was resolved, and so 1 attached to it"
    assert told.rules[:2] == ("group.action.effects", "group.action.attached-follow")
