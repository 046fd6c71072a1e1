from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest

from contract_tests.schema import hooks

CONTEXT: Any = None


def is_sent(query: dict[str, Any]) -> bool:
    sent: bool = hooks.filter_case(CONTEXT, SimpleNamespace(query=query, path_parameters={}, body=None))
    return sent


@pytest.mark.parametrize("name", ["page_size", "é b", "status[one_of]", "custom_field[01FC][one_of]", "a[]"])
def test_a_query_is_sent_whose_names_can_be_read(name: str) -> None:
    assert is_sent({name: "x"})


@pytest.mark.parametrize("name", ["role[x][0]", "role[a[b]][c]", "role[a]b]", "role[a", "role]"])
def test_a_query_whose_names_nobody_says_how_to_read_is_not_sent(name: str) -> None:
    assert not is_sent({"page_size": "1", name: "x"})


def sent(body: Any, monkeypatch: pytest.MonkeyPatch, tag: str) -> Any:
    operation = SimpleNamespace(definition=SimpleNamespace(raw={"operationId": "create_postmortem"}))
    case = SimpleNamespace(operation=operation, path_parameters={}, query={}, body=body, meta=None)
    monkeypatch.setenv("CONTRACT_TAG", tag)
    hooks.before_call(CONTEXT, case, {})
    return case.body


def test_what_is_fuzzed_on_a_target_says_so_in_the_texts_that_people_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = {"text": "é", "title": "x" * 200, "alert_group_id": "I1", "labels": ["x"]}
    marked = drawn | {"text": "é (run 1)", "title": "x" * 200 + " (run 1)"}
    assert sent(dict(drawn), monkeypatch, "(run 1)") == marked
    assert sent(dict(drawn), monkeypatch, "") == drawn


@pytest.mark.parametrize(
    "body", [{"text": " \n"}, {"text": "x" * 201}, {"text": 5}, {}, ["text"], b"text", None]
)
def test_what_is_to_be_refused_or_cannot_hold_a_tag_stays_as_it_was_drawn(
    monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    assert sent(copy.deepcopy(body), monkeypatch, "(run 1)") == body
