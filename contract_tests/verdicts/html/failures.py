"""The failures, each with what was sent and what came back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress

from contract_tests.exchange import Exchange, Headers
from contract_tests.rules import Rule
from contract_tests.verdicts import wording
from contract_tests.verdicts.html.markup import Markup, joined, tag
from contract_tests.verdicts.terminal import by_subject
from contract_tests.verdicts.verdict import ASSUMED, BROKEN, INCONCLUSIVE, Run, Verdict

_MOST_EXCHANGES = 30
_MOST_TESTS = 25
_LONGEST = 6000
WORDS = {
    "kept": "kept",
    BROKEN: "broken",
    ASSUMED: "warning",
    "expected": "expected",
    "not-judged": "not judged",
    INCONCLUSIVE: "inconclusive",
}


def badge(outcome: str) -> Markup:
    return tag("span", WORDS.get(outcome, outcome), class_=f"badge {outcome}")


def grade(rule: Rule | None) -> Markup:
    return tag("span", rule.grade, class_=f"grade {rule.grade}") if rule else joined()


def section(run: Run, outcome: str, title: str) -> Markup:
    """Nothing if no test has the outcome."""
    subjects = by_subject(verdict for verdict in run.verdicts if verdict.outcome == outcome)
    if not subjects:
        return joined()
    return tag(
        "section",
        tag("h2", title, " ", tag("small", len(subjects))),
        [_failure(subject, verdicts) for subject, verdicts in subjects.items()],
        id=outcome,
    )


def _failure(subject: str, verdicts: Sequence[Verdict]) -> Markup:
    first = verdicts[0]
    rule = first.rule
    return tag(
        "article",
        tag("h3", badge(first.outcome), " ", tag("code", subject), " ", grade(rule)),
        tag("p", rule.rule, class_="sentence") if rule else None,
        tag("p", tag("b", "Source"), " ", rule.source, class_="source") if rule else None,
        [_test(verdict, is_open=verdict is first) for verdict in verdicts[:_MOST_TESTS]],
        tag("p", f"… and {wording.counted(len(verdicts) - _MOST_TESTS, 'more test')}", class_="quiet")
        if len(verdicts) > _MOST_TESTS
        else None,
        class_=f"failure {first.outcome}",
    )


def _test(verdict: Verdict, *, is_open: bool) -> Markup:
    path, colons, name = verdict.id.partition("::")
    short = f"{path.rpartition('/')[2]}{colons}{name}" if colons else verdict.id
    return tag(
        "details",
        tag("summary", tag("code", short), tag("span", wording.took(verdict.seconds), class_="quiet")),
        tag(
            "dl",
            _row("Expected", tag("pre", verdict.expected)) if verdict.expected else None,
            _row("Seen", tag("pre", verdict.seen)),
            _row("Reason", verdict.reason) if verdict.reason and verdict.outcome != ASSUMED else None,
            _row("Test", tag("code", verdict.id)),
            _row("Bundle", tag("code", verdict.bundle)) if verdict.bundle else None,
        ),
        tag("details", tag("summary", "What pytest says"), tag("pre", verdict.detail), class_="inner")
        if verdict.detail
        else None,
        _exchanges(verdict) if verdict.exchanges else None,
        class_="test",
        open=is_open,
    )


def _row(name: str, value: str) -> Markup:
    return joined(tag("dt", name), tag("dd", value))


def _exchanges(verdict: Verdict) -> Markup:
    shown = verdict.exchanges[-_MOST_EXCHANGES:]
    before = verdict.left_out + len(verdict.exchanges) - len(shown)
    return tag(
        "details",
        tag(
            "summary",
            wording.counted(len(shown), "exchange"),
            f", the last of {before + len(shown):,}" if before else "",
        ),
        tag("ol", [tag("li", _exchange(it)) for it in shown], start=before + 1, class_="exchanges"),
        class_="inner",
    )


def _exchange(exchange: Exchange) -> Markup:
    asked, answered = exchange.asked, exchange.answered
    status = str(answered.status) if answered else "no answer"
    return tag(
        "details",
        tag(
            "summary",
            tag("b", asked.method),
            " ",
            tag("code", wording.line(asked.target, 300)),
            tag("span", status, class_=f"status s{status[:1]}"),
        ),
        exchange.note and tag("p", exchange.note, class_="note"),
        tag(
            "div",
            tag("div", tag("h4", "Request"), _headers(asked.headers), _body(asked.body)),
            tag(
                "div",
                tag("h4", f"Answer, {wording.took(exchange.seconds)}"),
                _headers(answered.headers),
                _body(answered.body),
            )
            if answered
            else tag("div", tag("h4", "No answer")),
            class_="sides",
        ),
    )


def _headers(headers: Headers) -> Markup:
    rows = [joined(tag("b", name), f": {value}\n") for name, value in headers]
    return tag("pre", rows, class_="headers") if rows else joined()


def _body(body: bytes) -> Markup:
    if not body:
        return tag("p", "no body", class_="quiet")
    return joined(
        tag("pre", *_shown(body)), tag("p", wording.counted(len(body), "byte"), class_="quiet size")
    )


def _shown(body: bytes) -> Iterator[str]:
    """JSON indented, other text as it is; of what is no text, its beginning in hexadecimal."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        yield body[:256].hex(" ", 1) + (" …" if len(body) > 256 else "")
        return
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False) if len(text) < 200_000 else text
    yield wording.block(text, _LONGEST)
