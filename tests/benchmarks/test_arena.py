"""The work, and contestants held against it before they are measured."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.arena import READY as QUESTION
from benchmarks.arena import NotTheWork, fill_and_check, launch, wrong
from benchmarks.commands import Setting, Unavailable
from benchmarks.contestants import CONTESTANTS, FLOOR, OURS, Contestant
from benchmarks.plan import QUICK
from benchmarks.results import Results
from benchmarks.run import burst
from benchmarks.setting import prepare
from benchmarks.work import FIELDS, OPERATIONS, PAGE, canned, document_of, post, question
from mockserver.server.documents import load_document

TINY = replace(QUICK, rounds=1, burst=0.01, settle=20, warm=0.01)
BY_NAME = {each.name: each for each in CONTESTANTS}


@pytest.fixture(scope="module")
def served() -> dict[str, Any]:
    return load_document("incident-io")


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return prepare(tmp_path)


def answered(kind: str) -> tuple[int, bytes]:
    status, body = canned(kind)
    return status, json.dumps(body).encode()


def test_a_canned_document_has_the_ten_fields() -> None:
    assert canned("POST")[1]["postmortem_document"].keys() == FIELDS
    assert len(FIELDS) == 10


def test_a_request_goes_out_with_its_length_and_credential() -> None:
    sent = post().wire(4010)
    head, _, body = sent.partition("\r\n\r\n")
    assert f"content-length: {len(body)}" in head
    assert "authorization: Bearer inc-test-key" in head
    assert "title" not in json.loads(question("invalid POST").body)


def test_peers_are_given_every_operation_that_ours_serves(served: dict[str, Any]) -> None:
    assert document_of(served)["paths"].keys() == served["paths"].keys()


def test_the_small_document_has_the_three_operations(served: dict[str, Any]) -> None:
    paths = document_of(served, only=True)["paths"]
    found = {(path, method) for path, item in paths.items() for method in item if method != "parameters"}
    assert found == set(OPERATIONS)


def test_what_is_made_for_peers_leaves_our_document_alone(served: dict[str, Any]) -> None:
    before = json.dumps(served)
    document_of(served)
    assert json.dumps(served) == before


@pytest.mark.parametrize("kind", ["POST", "GET", "LIST"])
def test_the_canned_answers_are_the_work(kind: str) -> None:
    assert wrong(kind, *answered(kind), BY_NAME[OURS]) is None


def test_an_answer_of_another_status_is_not_the_work() -> None:
    assert wrong("invalid POST", 201, b"{}", BY_NAME[OURS]) == "201, not 422"


def test_a_page_that_is_too_short_is_not_the_work() -> None:
    status, body = canned("LIST")
    body["postmortem_documents"].pop()
    assert wrong("LIST", status, json.dumps(body).encode(), BY_NAME[OURS]) == f"{PAGE - 1} documents"


def test_a_document_without_a_field_is_not_the_work() -> None:
    status, body = canned("GET")
    del body["postmortem_document"]["status"]
    assert wrong("GET", status, json.dumps(body).encode(), BY_NAME[OURS]) == "without status"


def test_a_contestant_that_does_not_start_says_why(setting: Setting) -> None:
    broken = Contestant(
        "broken", "broken", lambda setting, port: [sys.executable, "-c", "raise SystemExit('no luck')"]
    )
    with pytest.raises(Unavailable, match="it ended with 1: no luck"):
        launch(broken, setting, QUESTION)


def test_a_contestant_that_cannot_be_had_is_named_and_the_others_go_on(setting: Setting) -> None:
    def nowhere(setting: Setting, port: int) -> list[str]:
        raise Unavailable("there is none")

    results = Results()
    absent = Contestant("absent", "absent", nowhere)
    burst([absent, BY_NAME[FLOOR]], setting, TINY, results, random.Random(1))
    assert results.missing == {"absent": "there is none"}
    for kind in ("POST", "GET", "LIST"):
        for connections in (1, 32):
            cost = results.median(f"{kind}/{connections}", FLOOR, "cpu")
            assert cost is not None
            assert cost > 0
    assert results.median("memory", FLOOR, "rss") is not None


def test_a_contestant_that_does_something_else_is_not_measured(setting: Setting) -> None:
    pretender = replace(BY_NAME[FLOOR], stateful=False, kinds=("invalid POST",))
    server, started = launch(pretender, setting, QUESTION)
    try:
        with pytest.raises(NotTheWork, match="201, not 422"):
            fill_and_check(server)
    finally:
        server.stop()
    assert started.cpu > 0
    assert started.wall > 0
