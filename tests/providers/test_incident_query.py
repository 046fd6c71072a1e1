from __future__ import annotations

from typing import Any

import pytest

from mockserver.core.errors import Breach, Invalid
from mockserver.core.provider import QueryParameter
from mockserver.providers.incident_io.query import read

PARAMETERS = (
    QueryParameter(name="page_size", kind="integer", minimum=1, maximum=250, default=25),
    QueryParameter(name="after"),
    QueryParameter(name="sort_by", choices=("newest", "oldest"), default="newest"),
    QueryParameter(name="inactive", kind="boolean"),
    QueryParameter(name="status", kind="object"),
    QueryParameter(name="custom_field", kind="object"),
)
DEFAULTS: dict[str, Any] = {
    "page_size": 25,
    "after": None,
    "sort_by": "newest",
    "inactive": None,
    "status": {},
    "custom_field": {},
}


@pytest.mark.parametrize(
    "arguments, changed",
    [
        ([], {}),
        ([("page_size", "250"), ("page_size", "x")], {"page_size": 250}),
        ([("page_size", "+7")], {"page_size": 7}),
        ([("after", "")], {"after": ""}),
        ([("sort_by", "oldest"), ("unknown", "1")], {"sort_by": "oldest"}),
        ([("inactive", "TRUE")], {"inactive": True}),
        ([("inactive", "0")], {"inactive": False}),
        (
            [("status[one_of]", "a"), ("status[not_in]", "b"), ("status[one_of]", "c")],
            {"status": {"one_of": ["a", "c"], "not_in": ["b"]}},
        ),
        (
            [("custom_field[01A][one_of]", "x"), ("custom_field[01B][is_blank]", "true")],
            {"custom_field": {"01A": {"one_of": ["x"]}, "01B": {"is_blank": ["true"]}}},
        ),
        ([("status", "a"), ("status[a][b][c]", "d")], {}),
        ([("status[a]", "1"), ("status[a][b]", "2")], {"status": {"a": ["1"]}}),
        ([("status[a][b]", "2"), ("status[a]", "1")], {"status": {"a": {"b": ["2"]}}}),
        ([("page_size[x]", "1")], {}),
    ],
)
def test_each_parameter_has_the_value_that_was_given_or_its_default(
    arguments: list[tuple[str, str]], changed: dict[str, Any]
) -> None:
    assert read(PARAMETERS, arguments) == {**DEFAULTS, **changed}


@pytest.mark.parametrize(
    "arguments, breach",
    [
        (("page_size", "abc"), Breach(("page_size",), "type", "abc", "integer", "query")),
        (("page_size", ""), Breach(("page_size",), "type", "", "integer", "query")),
        (("page_size", "1.5"), Breach(("page_size",), "type", "1.5", "integer", "query")),
        (("page_size", "٣"), Breach(("page_size",), "type", "٣", "integer", "query")),
        (("page_size", "9" * 5000), Breach(("page_size",), "type", "9" * 5000, "integer", "query")),
        (("page_size", "0"), Breach(("page_size",), "minimum", 0, 1, "query")),
        (("page_size", "251"), Breach(("page_size",), "maximum", 251, 250, "query")),
        (("sort_by", "x"), Breach(("sort_by",), "enum", "x", ("newest", "oldest"), "query")),
        (("inactive", "yes"), Breach(("inactive",), "type", "yes", "boolean", "query")),
    ],
)
def test_a_value_that_does_not_fit_is_a_breach(arguments: tuple[str, str], breach: Breach) -> None:
    with pytest.raises(Invalid) as told:
        read(PARAMETERS, [arguments])
    assert told.value.breaches == (breach,)


def test_every_breach_is_told_and_a_missing_parameter_is_one() -> None:
    required = QueryParameter(name="incident_id", required=True)
    with pytest.raises(Invalid) as told:
        read((*PARAMETERS, required), [("page_size", "0"), ("sort_by", "x")])
    assert [breach.pointer for breach in told.value.breaches] == [
        ("page_size",),
        ("sort_by",),
        ("incident_id",),
    ]
