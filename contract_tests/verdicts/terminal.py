"""A finished run as text: failures first, then what they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from contract_tests.kinds import KINDS
from contract_tests.verdicts import wording
from contract_tests.verdicts.verdict import (
    ASSUMED,
    BROKEN,
    DEVIATIONS,
    EXPECTED,
    INCONCLUSIVE,
    NOT_JUDGED,
    OUTCOMES,
    Facts,
    Run,
    Verdict,
)

WIDTH = 110
MOST = 40  # failures that are told; files hold the others
_MOST_REASONS = 15
_MOST_ENTRIES = 20
TITLES = {
    "kept": "kept",
    BROKEN: "broken",
    ASSUMED: "warnings",
    EXPECTED: "expected",
    NOT_JUDGED: "not judged",
    INCONCLUSIVE: "inconclusive",
}
_WORDS = {BROKEN: "broken", ASSUMED: "warning"}
_LABEL = 9


def lines(run: Run) -> Iterator[str]:
    yield ""
    for outcome in (BROKEN, ASSUMED):
        yield from _failures(run, outcome)
    yield from _table(run)
    for outcome in (EXPECTED, NOT_JUDGED, INCONCLUSIVE):
        yield from _reasons(run, outcome)
    yield from _list("news, compatible with the contract", run.news)
    yield from _needs(run.facts)
    yield from _list("made for good, as no API can remove it", run.facts.kept)
    yield from _list("left behind on the target", run.facts.leftovers)
    yield from _list("the plan; nothing was sent to the target", run.facts.plan)
    yield from _end(run)


def by_subject(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Failures of one rule belong together; what has no rule stands alone."""
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.rule.name if verdict.rule else verdict.id, []).append(verdict)
    return found


def reasons(run: Run, outcome: str) -> list[tuple[str, int]]:
    """Why tests have this outcome, the most frequent reason first."""
    found = Counter(
        verdict.reason or "no reason given" for verdict in run.verdicts if verdict.outcome == outcome
    )
    return found.most_common()


def kinds(run: Run) -> list[str]:
    """Those of the run's verdicts, the four kinds of test first; "" is last."""
    order = {kind: place for place, kind in enumerate((*KINDS, DEVIATIONS))}
    return sorted({it.kind for it in run.verdicts}, key=lambda kind: order.get(kind, len(order)))


def _failures(run: Run, outcome: str) -> Iterator[str]:
    subjects = by_subject(verdict for verdict in run.verdicts if verdict.outcome == outcome)
    for number, (subject, verdicts) in enumerate(subjects.items()):
        if number == MOST:
            yield f"… and {wording.counted(len(subjects) - MOST, 'more')}"
            yield ""
            return
        yield from _failure(_WORDS[outcome], subject, verdicts)


def _failure(word: str, subject: str, verdicts: Sequence[Verdict]) -> Iterator[str]:
    first = verdicts[0]
    rule = first.rule
    title = f"{wording.line(subject)} · {rule.grade}" if rule else wording.line(subject)
    yield f"{word:<{_LABEL}} {title}"
    if rule:
        yield from (f"{'':<{_LABEL}} {row}" for row in wrap(rule.rule, WIDTH - _LABEL - 1))
        yield from _told("source", rule.source)
    yield from _told("expected", first.expected)
    yield from _told("seen", first.seen)
    if rule:
        yield from _told("test", first.id)
    if len(verdicts) > 1:
        yield from _told("", f"and {wording.counted(len(verdicts) - 1, 'more test')} of this rule")
    yield from _told("bundle", first.bundle)
    yield ""


def _told(label: str, text: str) -> Iterator[str]:
    """Nothing for no text."""
    rows = wrap(
        wording.line(text, 600), WIDTH - 2 * _LABEL - 2, break_on_hyphens=False, break_long_words=False
    )
    for row in rows:
        yield f"{'':<{_LABEL}} {label:<{_LABEL}} {row}"
        label = ""


def _table(run: Run) -> Iterator[str]:
    rows = []
    for kind in kinds(run):
        mine = [verdict for verdict in run.verdicts if verdict.kind == kind]
        rows.append((kind or "other", _row(mine)))
    if len(rows) != 1:
        rows.append(("all", _row(run.verdicts)))
    table = [("", [*TITLES.values(), "time"]), *rows]
    first = max(len(name) for name, _ in table)
    widths = [max(map(len, column)) for column in zip(*(cells for _, cells in table), strict=True)]
    for name, cells in table:
        shown = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        yield f"{name:<{first}}  {'  '.join(shown)}"


def _row(verdicts: Sequence[Verdict]) -> list[str]:
    found = Counter(verdict.outcome for verdict in verdicts)
    numbers = [f"{found[outcome]:,}" if found[outcome] else "·" for outcome in OUTCOMES]
    return [*numbers, wording.took(sum(verdict.seconds for verdict in verdicts))]


def _reasons(run: Run, outcome: str) -> Iterator[str]:
    found = reasons(run, outcome)
    if not found:
        return
    yield ""
    yield TITLES[outcome]
    for reason, count in found[:_MOST_REASONS]:
        first, *rest = wrap(wording.line(reason, 600), WIDTH - 7, break_on_hyphens=False) or [""]
        yield f"{count:>5,}  {first}"
        yield from (f"{'':>5}  {row}" for row in rest)
    others = sum(count for _, count in found[_MOST_REASONS:])
    if others:
        yield f"{others:>5,}  for other reasons"


def _list(title: str, entries: Sequence[str]) -> Iterator[str]:
    if not entries:
        return
    yield ""
    yield title
    for entry in entries[:_MOST_ENTRIES]:
        yield f"  {wording.line(entry, WIDTH)}"
    if len(entries) > _MOST_ENTRIES:
        yield f"  … and {len(entries) - _MOST_ENTRIES:,} more, in the reports"


def _needs(facts: Facts) -> Iterator[str]:
    missing = [need for need in facts.needs if not need.met]
    if not missing:
        return
    yield ""
    yield f"needed, and not there ({len(missing)} of {len(facts.needs)})"
    width = max(len(need.name) for need in missing)
    for need in missing:
        yield f"  {wording.line(need.name):<{width}}  {wording.line(need.how, WIDTH - 4 - width)}".rstrip()


def _end(run: Run) -> Iterator[str]:
    budget = run.facts.budget
    sent = budget.requests or sum(verdict.requests for verdict in run.verdicts)
    of = f" of {budget.max_requests:,}" if budget.max_requests is not None else ""
    within = f" of {wording.took(budget.max_seconds)}" if budget.max_seconds is not None else ""
    parts = [
        f"{sent:,}{of} requests" if of else wording.counted(sent, "request"),
        f"{wording.took(run.seconds)}{within}",
    ]
    parts += [f"{budget.refused:,} refused by the guard"] if budget.refused else []
    parts += [f"{budget.throttled:,} throttled by the target"] if budget.throttled else []
    parts += [f"seed {run.seed}"] if run.seed is not None else []
    missing = run.selected - sum(verdict.kind != DEVIATIONS for verdict in run.verdicts)
    yield ""
    yield f"{target_of(run)}: {', '.join(parts)}"
    if missing > 0:
        yield f"{wording.counted(missing, 'test')} did not run"
    if run.stopped and run.stopped != run.conclusion:
        yield f"stopped: {wording.line(run.stopped)}"
    yield f"exit {run.exit_code}: {wording.line(run.conclusion)}"


def target_of(run: Run) -> str:
    return wording.line(run.target) if run.target else "a mock of the suite's own"
