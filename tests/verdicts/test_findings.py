"""Which rule a failure is about when its test has no rule of its own."""

from __future__ import annotations

import pytest

from contract_tests.verdicts.findings import rule_told

ALL = ("documented", "observed", "assumed")


@pytest.mark.parametrize(
    ("text", "provider", "name"),
    [
        ("list.filter.by-alert-group: shows too much", "grafana-oncall", "list.filter.by-alert-group"),
        ("list.page.size, delete.removes: count is 3, not 2", "grafana-oncall", "list.page.size"),
        ("incident-io/import.shape: Content-Length is 1 [GET /v2]", "incident-io", "import.shape"),
        ("1 finding:\n    list.page.links: next is null", "grafana-oncall", "list.page.links"),
    ],
)
def test_a_model_s_complaint_names_its_rule(text: str, provider: str, name: str) -> None:
    rule = rule_told(text, provider, ALL)
    assert rule is not None
    assert rule.name == f"{provider}/{name}"


@pytest.mark.parametrize(
    "text", ["", "it is 3.5: not 4", "no.such-rule: x", "list.page.size without a colon"]
)
def test_what_names_no_rule_has_none(text: str) -> None:
    assert rule_told(text, "grafana-oncall", ALL) is None


def test_of_several_rules_one_that_is_to_fail_counts() -> None:
    text = "list.filter.unknown-group-is-empty: shows 2\nlist.filter.by-alert-group: shows 2"
    told = rule_told(text, "grafana-oncall", ("documented",))
    assert told is not None
    assert (told.name, told.grade) == ("grafana-oncall/list.filter.by-alert-group", "documented")


def test_of_guesses_alone_the_first_is_told() -> None:
    told = rule_told("list.filter.unknown-group-is-empty: shows 2", "grafana-oncall", ("documented",))
    assert told is not None
    assert told.grade == "assumed"
