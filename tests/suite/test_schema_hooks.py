from __future__ import annotations

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
