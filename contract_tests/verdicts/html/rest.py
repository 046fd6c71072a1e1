"""What else there is to say of a run: reasons, news, needs, leftovers, timings, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contract_tests.verdicts import wording
from contract_tests.verdicts.html.markup import Child, Markup, joined, tag
from contract_tests.verdicts.terminal import TITLES, kinds
from contract_tests.verdicts.verdict import EXPECTED, INCONCLUSIVE, NOT_JUDGED, Run, Verdict

_SLOWEST = 12
_BAR = 160


def leftovers(run: Run) -> Markup:
    return _listed("Left behind on the target", run.facts.leftovers, id="leftovers", class_="alarm")


def kept(run: Run) -> Markup:
    return _listed("Made for good, as no API can remove it", run.facts.kept, id="kept")


def plan(run: Run) -> Markup:
    return _listed("The plan; nothing was sent to the target", run.facts.plan, id="plan")


def _listed(title: str, entries: Sequence[str], **attributes: str) -> Markup:
    if not entries:
        return joined()
    return tag("section", tag("h2", title), tag("ul", [tag("li", line) for line in entries]), **attributes)


def news(run: Run) -> Markup:
    if not run.news:
        return joined()
    return tag(
        "section",
        tag("h2", "News ", tag("small", "compatible with the contract")),
        tag("ul", [tag("li", line) for line in run.news]),
        id="news",
    )


def aside(run: Run) -> Markup:
    """Why tests were expected to fail, not judged or inconclusive: the reasons, and the tests of each."""
    groups = [
        (outcome, verdicts)
        for outcome in (EXPECTED, INCONCLUSIVE, NOT_JUDGED)
        if (verdicts := _by_reason(run, outcome))
    ]
    if not groups:
        return joined()
    return tag(
        "section",
        tag("h2", "Set aside, and why"),
        [
            joined(
                tag("h3", TITLES[outcome].capitalize()),
                [_reason(reason, verdicts) for reason, verdicts in found.items()],
            )
            for outcome, found in groups
        ],
        id="aside",
    )


def _by_reason(run: Run, outcome: str) -> Mapping[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for verdict in run.verdicts:
        if verdict.outcome == outcome:
            found.setdefault(verdict.reason or "no reason given", []).append(verdict)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def _reason(reason: str, verdicts: Sequence[Verdict]) -> Markup:
    return tag(
        "details",
        tag("summary", tag("span", len(verdicts), class_="number"), " ", reason),
        tag("ul", [tag("li", tag("code", verdict.id)) for verdict in verdicts], class_="quiet"),
        class_="reason",
    )


def needs(run: Run) -> Markup:
    if not run.facts.needs:
        return joined()
    rows = [
        tag(
            "tr",
            tag("td", tag("span", "there" if it.met else "missing", class_="met" if it.met else "unmet")),
            tag("td", it.name),
            tag("td", tag("code", it.how)),
        )
        for it in sorted(run.facts.needs, key=lambda need: need.met)
    ]
    heads = [tag("th", head, scope="col") for head in ("", "What", "How")]
    return tag(
        "section",
        tag("h2", "Needs"),
        tag("table", tag("thead", tag("tr", heads)), tag("tbody", rows), class_="needs"),
        id="needs",
    )


def timings(run: Run) -> Markup:
    if not run.verdicts:
        return joined()
    by_kind = {
        kind or "other": [verdict for verdict in run.verdicts if verdict.kind == kind] for kind in kinds(run)
    }
    totals = {kind: sum(it.seconds for it in verdicts) for kind, verdicts in by_kind.items()}
    slowest = sorted(run.verdicts, key=lambda verdict: -verdict.seconds)[:_SLOWEST]
    return tag(
        "section",
        tag("h2", "Timings"),
        _table(
            ("Kind", "Tests", "Requests", "Time"),
            [
                (
                    kind,
                    len(verdicts),
                    sum(it.requests for it in verdicts),
                    _time(totals[kind], max(totals.values())),
                )
                for kind, verdicts in by_kind.items()
            ],
        ),
        tag("h3", "Slowest tests"),
        _table(
            ("Test", "Requests", "Time"),
            [
                (
                    tag("code", it.id.removeprefix("contract_tests/")),
                    it.requests,
                    _time(it.seconds, slowest[0].seconds),
                )
                for it in slowest
            ],
        ),
        id="timings",
    )


def _time(seconds: float, most: float) -> Markup:
    width = max(1, round(_BAR * seconds / most)) if most else 1
    bar = tag("svg", tag("rect", width=width, height=8, rx=1), width=_BAR, height=8, aria_hidden="true")
    return joined(tag("span", wording.took(seconds), class_="took"), bar)


def _table(heads: Sequence[str], rows: Sequence[Sequence[Child]]) -> Markup:
    return tag(
        "div",
        tag(
            "table",
            tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
            tag(
                "tbody",
                [
                    tag(
                        "tr",
                        [tag("td", cell, class_="number" if isinstance(cell, int) else None) for cell in row],
                    )
                    for row in rows
                ],
            ),
            class_="timings",
        ),
        class_="scroll",
    )


def settings(run: Run) -> Markup:
    told = {"fail on": ", ".join(run.fail_on), **run.options}
    return tag(
        "section",
        tag("h2", "Settings"),
        tag(
            "dl",
            [joined(tag("dt", name), tag("dd", tag("code", value))) for name, value in told.items()],
        ),
        id="settings",
    )
