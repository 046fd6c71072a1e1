"""Every rule that was judged, and every test that has none, with their verdicts; to be searched."""

from __future__ import annotations

from collections.abc import Sequence

from contract_tests.flags import GRADES
from contract_tests.verdicts import wording
from contract_tests.verdicts.findings import WORST_FIRST
from contract_tests.verdicts.html.failures import WORDS, badge, grade
from contract_tests.verdicts.html.markup import Markup, joined, tag
from contract_tests.verdicts.terminal import by_subject
from contract_tests.verdicts.verdict import ASSUMED, Run, Verdict


def section(run: Run) -> Markup:
    subjects = by_subject(run.verdicts)
    rows = sorted(subjects.items(), key=lambda pair: (WORST_FIRST.index(worst(pair[1])), pair[0]))
    outcomes = [it for it in WORST_FIRST if any(worst(verdicts) == it for verdicts in subjects.values())]
    heads = ("Verdict", "Rule or test", "Grade", "Tests")
    return tag(
        "section",
        tag("h2", "Rules"),
        tag(
            "div",
            tag("label", "Text ", tag("input", type="search", id="f-text", autocomplete="off")),
            _choice("Grade", "f-grade", [(it, it) for it in GRADES]),
            _choice("Verdict", "f-outcome", [(it, WORDS[it]) for it in outcomes]),
            tag("output", f"{len(rows):,} of {len(rows):,}", id="f-shown"),
            class_="filter",
            role="search",
        ),
        tag(
            "div",
            tag(
                "table",
                tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
                tag("tbody", [_row(subject, verdicts) for subject, verdicts in rows], id="f-rows"),
                class_="rules",
            ),
            class_="scroll",
            tabindex="0",
            role="region",
            aria_label="Rules",
        ),
        id="rules",
    )


def worst(verdicts: Sequence[Verdict]) -> str:
    """What is not judged weighs less than what is kept here: a rule with one kept law was judged."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if "kept" in outcomes:
        outcomes.discard("not-judged")
    return min(outcomes, key=WORST_FIRST.index)


def _row(subject: str, verdicts: Sequence[Verdict]) -> Markup:
    rule = verdicts[0].rule
    outcome = worst(verdicts)
    # Those of failures stand with them.
    reason = next((it.reason for it in verdicts if it.outcome == outcome != ASSUMED and it.reason), "")
    return tag(
        "tr",
        tag("td", badge(outcome)),
        tag(
            "td",
            tag("code", subject),
            tag("div", rule.rule) if rule else None,
            tag("div", rule.source, class_="quiet") if rule else None,
            tag("div", reason, class_="quiet reason") if reason else None,
        ),
        tag("td", grade(rule)),
        tag("td", tag("span", len(verdicts)), class_="number", title=_told(verdicts)),
        data_grade=rule.grade if rule else "",
        data_outcome=outcome,
    )


def _told(verdicts: Sequence[Verdict]) -> str:
    counts: dict[str, int] = {}
    for verdict in verdicts:
        counts[verdict.outcome] = counts.get(verdict.outcome, 0) + 1
    seconds = wording.took(sum(verdict.seconds for verdict in verdicts))
    return ", ".join([*(f"{count} {WORDS[outcome]}" for outcome, count in counts.items()), seconds])


def _choice(name: str, id: str, values: Sequence[tuple[str, str]]) -> Markup:
    options = [tag("option", shown, value=value) for value, shown in values]
    return tag("label", joined(name, " "), tag("select", tag("option", "all", value=""), options, id=id))
