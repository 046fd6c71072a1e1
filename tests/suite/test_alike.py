from __future__ import annotations

from typing import Any

import pytest

from contract_tests.shared import alike

ONE = {"id": "1", "severity": {"name": "Minor"}, "values": [{"option": {"id": "2"}}]}


@pytest.mark.parametrize(
    "more",
    [
        {**ONE, "new": 1},
        {**ONE, "severity": {"name": "Minor", "colour": "red"}},
        {**ONE, "values": [{"option": {"id": "2", "new": None}, "new": 1}]},
    ],
)
def test_what_has_a_member_more_at_any_depth_is_alike_on_a_deployment_alone(more: dict[str, Any]) -> None:
    for one, other in ((ONE, more), (more, ONE)):
        assert alike(one, other, strict=False)
        assert not alike(one, other, strict=True)


@pytest.mark.parametrize(
    "other",
    [
        {**ONE, "id": "2"},
        {**ONE, "severity": {"name": "Major"}},
        {**ONE, "severity": None},
        {**ONE, "values": []},
        {**ONE, "values": [{"option": {"id": "3"}}]},
    ],
)
def test_what_differs_is_not_alike(other: dict[str, Any]) -> None:
    for strict in (True, False):
        assert alike(ONE, ONE, strict=strict)
        assert not alike(ONE, other, strict=strict)
