from __future__ import annotations

from pathlib import Path

import pytest

from contract_tests.flags import GRADES
from contract_tests.rules import PROVIDERS
from contract_tests.rules import load_rules as load_for_laws
from mockserver.commands import rules as command
from mockserver.core.errors import ConfigurationError
from mockserver.server.rules import Rule, lines, load_rules


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_rules_are_those_that_the_laws_judge_by(provider: str) -> None:
    laws = load_for_laws(provider)
    assert [
        (f"{provider}/{rule.id}", rule.rule, rule.grade, rule.source) for rule in load_rules(provider)
    ] == [(law.name, law.rule, law.grade, law.source) for law in laws.values()]
    assert command.GRADES == GRADES


def test_a_rule_is_shown_with_grade_sentence_and_source() -> None:
    rules = [
        Rule("one", "a.b", "word " * 40 + '{"a": "' + "x" * 120 + '"}', "assumed", "Here"),
        Rule("two", "c", "Short.", "observed", "There"),
    ]
    shown = list(lines(rules))
    assert shown[:2] == ["one", "  a.b (assumed)"]
    assert shown[-5:] == [
        "two",
        "  c (observed)",
        "    Short.",
        "    Source: There",
        "2 rules: 1 assumed, 1 observed",
    ]
    assert "x" * 120 in "".join(shown)
    assert list(lines([])) == ["0 rules"]


@pytest.mark.parametrize(
    "content, sentence",
    [
        ("rules: {}\n", "must hold a list called rules"),
        ("- a\n", "must hold a list called rules"),
        ("rules: [{id: a, rule: b, grade: c}]\n", r"rules\[0\]\.source: must be text"),
        ("rules: [x]\n", r"rules\[0\]\.id: must be text"),
        ("rules: [\n", "2: "),
    ],
)
def test_a_slip_in_a_file_of_rules_is_named(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "incident-io").mkdir()
    (tmp_path / "incident-io" / "rules.yaml").write_text(content)
    with pytest.raises(ConfigurationError, match=rf"rules\.yaml:.*{sentence}"):
        load_rules("incident-io", tmp_path)
