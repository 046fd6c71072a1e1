"""A ledger is read as it was written, torn or not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from contract_tests.guard.ledger import Intent, Ledger, LedgerError, Run, leftovers, read_ledger

INTENT = Intent(
    operation="create_postmortem",
    resource="postmortem",
    path="/api/v1/postmortems/",
    into=("IABC",),
    removed_at="/api/v1/postmortems/{id}/",
    credential="oncall_token",
    text="0" * 64,
    tagged=True,
    label="test_x",
    at=5.0,
)
RUN = Run("http://127.0.0.1:1", "run", "tag run", 1.0)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.jsonl", RUN)


def test_what_was_written_is_read_again(ledger: Ledger) -> None:
    with ledger:
        numbers = [ledger.intend(INTENT) for _ in range(4)]
        ledger.settle(numbers[0], "made", id="P1")
        ledger.settle(numbers[1], "refused", why="answered 400")
        ledger.settle(numbers[2], "made", id="P2")
        ledger.removed(("postmortem", "P1"), "by the run")
    book = read_ledger(ledger.path)
    assert book.run == RUN
    assert book.entries == ledger.book.entries
    assert [entry.state for entry in book.entries.values()] == ["removed", "refused", "made", "sent"]
    assert book.entries[1].intent == INTENT
    assert [entry.number for entry in book.open()] == [3, 4]
    assert book.entries[3].address == "/api/v1/postmortems/P2/"
    assert book.owns(("postmortem", "P1"))
    assert not book.owns(("note", "P1"))
    assert not book.owns(("postmortem", ""))


def test_an_intent_is_on_the_disk_when_it_returns(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(ledger.path.read_bytes().count(b'"intent"')))
    with ledger:
        ledger.intend(INTENT)
    assert synced == [1]


@pytest.mark.parametrize("torn", range(1, 37, 7))
def test_a_torn_last_line_is_skipped_and_the_ledger_goes_on(ledger: Ledger, torn: int) -> None:
    with ledger:
        ledger.intend(INTENT)
        ledger.settle(1, "made", id="P1")
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole[:-torn])
    with Ledger(ledger.path) as again:
        assert again.book.entries[1].state == "made" if torn == 1 else "sent"
        assert again.intend(INTENT) == 2
    book = read_ledger(ledger.path)
    assert len(book.entries) == 2
    assert book.entries[2].state == "sent"


def test_a_ledger_is_never_written_over(ledger: Ledger) -> None:
    ledger.close()
    with pytest.raises(LedgerError, match="File exists"):
        Ledger(ledger.path, RUN)


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"[]", b'{"a": 1}', b'{"ledger": 2, "target": ""}', b'{"ledger": 1}', b"\xff\n"]
    + [
        b'{"ledger": 1, "target": "x"}\n' + json.dumps(line).encode()
        for line in ({}, {"n": 1}, {"n": 1, "state": 5})
    ],
)
def test_another_file_is_no_ledger(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(LedgerError):
        read_ledger(path)


def test_a_ledger_that_is_not_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="No such file"):
        read_ledger(tmp_path / "none")


def test_leftovers_are_told_in_words(ledger: Ledger) -> None:
    with ledger:
        for _ in range(2):
            ledger.intend(INTENT)
        ledger.settle(1, "made", id="P1", why="DELETE answered 403")
    assert leftovers(ledger.book.open()) == [
        "postmortem P1 of IABC: DELETE answered 403",
        "postmortem of IABC, perhaps made by create_postmortem: sent",
    ]
